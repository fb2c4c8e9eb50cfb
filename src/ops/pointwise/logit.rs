//! `logit`: the inverse of the sigmoid function.

use super::map::{ANY_NUMBER, Map, Pointwise, Takes};
use crate::ops::contract::{Def, Form, Keeps, Literal, Parameter, Type};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "logit",
    form: Form::Function,
    summary: "Gives the number of which every element is the sigmoid; NaN outside of 0 to 1.",
    formula: "y = ln(x / (1 - x)); with `eps`, x is brought between eps and 1 - eps first",
    parameters: &[
        ANY_NUMBER,
        Parameter::attribute("eps", Type::Float, Literal::None, "How near to 0 and 1 elements may come."),
    ],
    torch: "torch.logit",
    onnx: "",
    examples: &["input x: [3, 4]  output logit(sigmoid(x))", "input x: [3, 4]  output logit(sigmoid(x), eps=0.3)"],
    build: |attributes| Ok(Map::new(&DEF, Logit { eps: attributes.optional_float("eps")? })),
};

#[derive(Debug)]
struct Logit {
    eps: Option<f64>,
}

impl Logit {
    /// Where elements have to lie to pass as they are.
    fn bounds<T: Real>(&self) -> [T; 2] {
        let eps = T::from_f64(self.eps.unwrap_or(0.0));
        [eps, T::one() - eps]
    }
}

impl Pointwise for Logit {
    const KEEPS: Keeps = Keeps::INPUTS;
    const TAKES: Takes = Takes::Numbers;

    fn value<T: Real>(&self, x: T) -> T {
        let [low, high] = self.bounds();
        let x = match self.eps {
            Some(_) if x < low => low,
            Some(_) if x > high => high,
            _ => x,
        };
        (x / (T::one() - x)).ln()
    }

    fn grad<T: Real>(&self, grad: T, x: T) -> T {
        let [low, high] = self.bounds();
        match self.eps {
            _ if low <= x && x <= high => grad / (x * (T::one() - x)),
            Some(_) => T::zero(),
            None => T::from_f64(f64::NAN),
        }
    }
}
