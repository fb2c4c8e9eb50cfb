//! `celu` and `CELU`: the exponential linear unit with a slope of 1 at 0, <https://arxiv.org/abs/1704.07483>.

use crate::ops::contract::{Def, Form, Keeps, Literal, Op, Parameter, Type};
use crate::ops::pointwise::{INPUT, Map, Pointwise, Takes};
use crate::ops::{AttributeError, Attributes};
use crate::tensor::Real;
use std::sync::Arc;

const ALPHA: Parameter = Parameter::attribute(
    "alpha",
    Type::Float,
    Literal::Float(1.0),
    "What negative elements tend to, with the other sign; not 0.",
);

pub(super) static DEF: Def = Def {
    name: "celu",
    form: Form::Function,
    summary: "Replaces every negative element by an exponential that tends to `-alpha` and has no kink.",
    formula: "y = x for x > 0, else α (e^(x/α) - 1), α = alpha",
    parameters: &[INPUT, ALPHA],
    torch: "torch.nn.functional.celu",
    onnx: "Celu",
    examples: &["input x: [3, 4]  output celu(x)", "input x: [3, 4]  output celu(x, alpha=0.3)"],
    build: |attributes| build(&DEF, attributes),
};

pub(super) static LAYER: Def = Def {
    name: "CELU",
    form: Form::Layer { call: &[INPUT] },
    parameters: &[ALPHA],
    torch: "torch.nn.CELU",
    examples: &[
        "input x: [3, 4]  layer act = CELU()  output act(x)",
        "input x: [3, 4]  layer act = CELU(0.3)  output act(x)",
    ],
    build: |attributes| build(&LAYER, attributes),
    ..DEF
};

fn build(def: &'static Def, attributes: &Attributes) -> Result<Arc<dyn Op>, AttributeError> {
    let alpha = attributes.float("alpha")?;
    if alpha == 0.0 {
        return Err(AttributeError::new("alpha", "`alpha` of `celu` can't be 0"));
    }
    Ok(Map::new(def, Celu { alpha }))
}

#[derive(Debug)]
struct Celu {
    alpha: f64,
}

impl Pointwise for Celu {
    const KEEPS: Keeps = Keeps::INPUTS;
    const TAKES: Takes = Takes::Floats;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        let alpha = T::from_f64(self.alpha);
        if x <= T::zero() { alpha * (x / alpha).exp_m1() } else { x }
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, x: T) -> T {
        if x <= T::zero() { grad * (x / T::from_f64(self.alpha)).exp() } else { grad }
    }
}
