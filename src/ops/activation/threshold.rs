//! `threshold` and `Threshold`: another value for all that isn't above a threshold.

use crate::ops::contract::{Def, Form, Keeps, Op, Parameter, Type};
use crate::ops::pointwise::{INPUT, Map, Pointwise, Takes};
use crate::ops::{AttributeError, Attributes};
use crate::tensor::Real;
use std::sync::Arc;

const THRESHOLD: Parameter =
    Parameter::required("threshold", Type::Float, "Elements that aren't above it are replaced.");
const VALUE: Parameter = Parameter::required("value", Type::Float, "What they are replaced by.");

pub(super) static DEF: Def = Def {
    name: "threshold",
    form: Form::Function,
    summary: "Replaces every element that isn't above the threshold by a value.",
    formula: "y = x for x > threshold, else value",
    parameters: &[INPUT, THRESHOLD, VALUE],
    torch: "torch.nn.functional.threshold",
    onnx: "",
    examples: &["input x: [3, 4]  output threshold(x, 0.6, -2)"],
    build: |attributes| build(&DEF, attributes),
};

pub(super) static LAYER: Def = Def {
    name: "Threshold",
    form: Form::Layer { call: &[INPUT] },
    parameters: &[THRESHOLD, VALUE],
    torch: "torch.nn.Threshold",
    examples: &["input x: [3, 4]  layer act = Threshold(0.1, 20)  output act(x)"],
    build: |attributes| build(&LAYER, attributes),
    ..DEF
};

fn build(def: &'static Def, attributes: &Attributes) -> Result<Arc<dyn Op>, AttributeError> {
    let (threshold, value) = (attributes.float("threshold")?, attributes.float("value")?);
    Ok(Map::new(def, Threshold { threshold, value }))
}

#[derive(Debug)]
struct Threshold {
    threshold: f64,
    value: f64,
}

impl Pointwise for Threshold {
    const KEEPS: Keeps = Keeps::INPUTS;
    const TAKES: Takes = Takes::Floats;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        if x <= T::from_f64(self.threshold) { T::from_f64(self.value) } else { x }
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, x: T) -> T {
        if x <= T::from_f64(self.threshold) { T::zero() } else { grad }
    }
}
