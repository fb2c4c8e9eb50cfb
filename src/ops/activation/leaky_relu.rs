//! `leaky_relu` and `LeakyReLU`: a rectified linear unit that lets a little of negative elements through.

use crate::ops::contract::{Def, Form, Keeps, Literal, Op, Parameter, Type};
use crate::ops::pointwise::{INPUT, Map, Pointwise, Takes};
use crate::ops::{AttributeError, Attributes};
use crate::tensor::Real;
use std::sync::Arc;

const NEGATIVE_SLOPE: Parameter =
    Parameter::attribute("negative_slope", Type::Float, Literal::Float(0.01), "The slope for negative elements.");

pub(super) static DEF: Def = Def {
    name: "leaky_relu",
    form: Form::Function,
    summary: "Multiplies every negative element by a slope.",
    formula: "y = max(x, 0) + s min(x, 0), s = negative_slope",
    parameters: &[INPUT, NEGATIVE_SLOPE],
    torch: "torch.nn.functional.leaky_relu",
    onnx: "LeakyRelu",
    examples: &["input x: [3, 4]  output leaky_relu(x)", "input x: [3, 4]  output leaky_relu(x, 0.2)"],
    build: |attributes| build(&DEF, attributes),
};

pub(super) static LAYER: Def = Def {
    name: "LeakyReLU",
    form: Form::Layer { call: &[INPUT] },
    parameters: &[NEGATIVE_SLOPE],
    torch: "torch.nn.LeakyReLU",
    examples: &["input x: [3, 4]  layer act = LeakyReLU(negative_slope=0.2)  output act(x)"],
    build: |attributes| build(&LAYER, attributes),
    ..DEF
};

fn build(def: &'static Def, attributes: &Attributes) -> Result<Arc<dyn Op>, AttributeError> {
    Ok(Map::new(def, LeakyRelu { slope: attributes.float("negative_slope")? }))
}

#[derive(Debug)]
struct LeakyRelu {
    slope: f64,
}

impl Pointwise for LeakyRelu {
    const KEEPS: Keeps = Keeps::INPUTS;
    const TAKES: Takes = Takes::Floats;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        if x > T::zero() { x } else { x * T::from_f64(self.slope) }
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, x: T) -> T {
        if x > T::zero() { grad } else { grad * T::from_f64(self.slope) }
    }
}
