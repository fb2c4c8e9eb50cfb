//! `softshrink` and `Softshrink`: all elements nearer to 0.

use crate::ops::contract::{Def, Form, Keeps, Literal, Op, Parameter, Type};
use crate::ops::pointwise::{INPUT, Map, Pointwise, Takes};
use crate::ops::value::number;
use crate::ops::{AttributeError, Attributes};
use crate::tensor::Real;
use std::sync::Arc;

const LAMBD: Parameter =
    Parameter::attribute("lambd", Type::Float, Literal::Float(0.5), "How far elements move; at least 0.");

pub(super) static DEF: Def = Def {
    name: "softshrink",
    form: Form::Function,
    summary: "Moves every element by `lambd` towards 0, and not past it.",
    formula: "y = x - λ for x > λ, x + λ for x < -λ, else 0, λ = lambd",
    parameters: &[INPUT, LAMBD],
    torch: "torch.nn.functional.softshrink",
    onnx: "Shrink",
    examples: &["input x: [3, 4]  output softshrink(x)", "input x: [3, 4]  output softshrink(x, 1.0)"],
    build: |attributes| build(&DEF, attributes),
};

pub(super) static LAYER: Def = Def {
    name: "Softshrink",
    form: Form::Layer { call: &[INPUT] },
    parameters: &[LAMBD],
    torch: "torch.nn.Softshrink",
    examples: &[
        "input x: [3, 4]  layer act = Softshrink()  output act(x)",
        "input x: [3, 4]  layer act = Softshrink(lambd=1.0)  output act(x)",
    ],
    build: |attributes| build(&LAYER, attributes),
    ..DEF
};

fn build(def: &'static Def, attributes: &Attributes) -> Result<Arc<dyn Op>, AttributeError> {
    let lambd = attributes.float("lambd")?;
    if lambd < 0.0 {
        return Err(AttributeError::new("lambd", format!("`lambd` can't be negative, and is {}", number(lambd))));
    }
    Ok(Map::new(def, Softshrink { lambd }))
}

#[derive(Debug)]
struct Softshrink {
    lambd: f64,
}

impl Pointwise for Softshrink {
    const KEEPS: Keeps = Keeps::OUTPUTS;
    const TAKES: Takes = Takes::Floats;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        let lambd = T::from_f64(self.lambd);
        if x > lambd {
            x - lambd
        } else if x < -lambd {
            x + lambd
        } else {
            // NaN stays NaN.
            x * T::zero()
        }
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, y: T) -> T {
        if y == T::zero() { T::zero() } else { grad }
    }
}
