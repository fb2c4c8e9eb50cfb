//! `sigmoid`: the logistic function.

use super::contract::{Def, Form, Keeps, Parameter};
use super::pointwise::{Map, Pointwise};
use crate::tensor::Real;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "sigmoid",
    form: Form::Function,
    summary: "Applies the logistic function to every element.",
    formula: "y = 1 / (1 + e^-x)",
    parameters: &[Parameter::operand("input", "Any shape.")],
    torch: "torch.sigmoid",
    onnx: "Sigmoid",
    examples: &["input x: [3, 4]  output sigmoid(x)"],
    build: |_| Ok(Arc::new(Map(Sigmoid))),
};

#[derive(Debug)]
struct Sigmoid;

impl Pointwise for Sigmoid {
    const DEF: &'static Def = &DEF;
    const KEEPS: Keeps = Keeps::OUTPUTS;

    fn value<T: Real>(&self, x: T) -> T {
        T::one() / (T::one() + (-x).exp())
    }

    fn slope<T: Real>(&self, y: T) -> T {
        y * (T::one() - y)
    }
}
