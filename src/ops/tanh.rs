//! `tanh`: the hyperbolic tangent.

use super::contract::{Def, Form, Keeps, Parameter};
use super::pointwise::{Map, Pointwise};
use crate::tensor::Real;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "tanh",
    form: Form::Function,
    summary: "Applies the hyperbolic tangent to every element.",
    formula: "y = (e^x - e^-x) / (e^x + e^-x)",
    parameters: &[Parameter::operand("input", "Any shape.")],
    torch: "torch.tanh",
    onnx: "Tanh",
    examples: &["input x: [3, 4]  output tanh(x)"],
    build: |_| Ok(Arc::new(Map(Tanh))),
};

#[derive(Debug)]
struct Tanh;

impl Pointwise for Tanh {
    const DEF: &'static Def = &DEF;
    const KEEPS: Keeps = Keeps::OUTPUTS;

    fn value<T: Real>(&self, x: T) -> T {
        x.tanh()
    }

    fn slope<T: Real>(&self, y: T) -> T {
        T::one() - y * y
    }
}
