//! `softplus` and `Softplus`: a smooth `relu`.

use super::sigmoid::sigmoid;
use crate::ops::contract::{Def, Form, Keeps, Literal, Op, Parameter, Type};
use crate::ops::pointwise::{INPUT, Map, Pointwise, Takes};
use crate::ops::{AttributeError, Attributes};
use crate::tensor::Real;
use std::sync::Arc;

const BETA: Parameter = Parameter::attribute("beta", Type::Float, Literal::Float(1.0), "How sharp the bend is.");
const THRESHOLD: Parameter = Parameter::attribute(
    "threshold",
    Type::Float,
    Literal::Float(20.0),
    "Where `beta` times an element is above it, the element stays as it is.",
);

pub(super) static DEF: Def = Def {
    name: "softplus",
    form: Form::Function,
    summary: "Gives the logarithm of 1 and the exponential of every element; great elements stay as they are.",
    formula: "y = ln(1 + e^(β x)) / β, x where β x > threshold, β = beta",
    parameters: &[INPUT, BETA, THRESHOLD],
    torch: "torch.nn.functional.softplus",
    onnx: "Softplus",
    examples: &["input x: [3, 4]  output softplus(x)", "input x: [3, 4]  output softplus(x, beta=2, threshold=1)"],
    build: |attributes| build(&DEF, attributes),
};

pub(super) static LAYER: Def = Def {
    name: "Softplus",
    form: Form::Layer { call: &[INPUT] },
    parameters: &[BETA, THRESHOLD],
    torch: "torch.nn.Softplus",
    examples: &[
        "input x: [3, 4]  layer act = Softplus()  output act(x)",
        "input x: [3, 4]  layer act = Softplus(3, 0.5)  output act(x)",
    ],
    build: |attributes| build(&LAYER, attributes),
    ..DEF
};

fn build(def: &'static Def, attributes: &Attributes) -> Result<Arc<dyn Op>, AttributeError> {
    let (beta, threshold) = (attributes.float("beta")?, attributes.float("threshold")?);
    if beta == 0.0 {
        return Err(AttributeError::new("beta", "`beta` can't be 0"));
    }
    Ok(Map::new(def, Softplus { beta, threshold }))
}

#[derive(Debug)]
struct Softplus {
    beta: f64,
    threshold: f64,
}

impl Pointwise for Softplus {
    const KEEPS: Keeps = Keeps::INPUTS;
    const TAKES: Takes = Takes::Floats;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        let (beta, threshold) = (T::from_f64(self.beta), T::from_f64(self.threshold));
        if x * beta > threshold { x } else { softplus(x * beta) / beta }
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, x: T) -> T {
        let (beta, threshold) = (T::from_f64(self.beta), T::from_f64(self.threshold));
        if x * beta > threshold { grad } else { grad * sigmoid(x * beta) }
    }
}

/// ln(1 + e^x), without overflow.
#[inline(always)]
pub(super) fn softplus<T: Real>(x: T) -> T {
    x.maximum(T::zero()) + (-x.abs()).exp().ln_1p()
}
