//! `relu`: the rectified linear unit.

use super::contract::{Def, Form, Keeps, Parameter};
use super::pointwise::{Map, Pointwise};
use crate::tensor::Real;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "relu",
    form: Form::Function,
    summary: "Replaces every negative element by 0.",
    formula: "y = max(x, 0)",
    parameters: &[Parameter::operand("input", "Any shape.")],
    torch: "torch.nn.functional.relu",
    onnx: "Relu",
    examples: &["input x: [3, 4]  output relu(x)"],
    build: |_| Ok(Arc::new(Map(Relu))),
};

#[derive(Debug)]
struct Relu;

impl Pointwise for Relu {
    const DEF: &'static Def = &DEF;
    const KEEPS: Keeps = Keeps::OUTPUTS;

    fn value<T: Real>(&self, x: T) -> T {
        x.maximum(T::zero())
    }

    fn slope<T: Real>(&self, y: T) -> T {
        if y > T::zero() { T::one() } else { T::zero() }
    }
}
