//! `asinh`: the inverse of the hyperbolic sine.

use super::map::{ANY_NUMBER, Map, Pointwise, Takes, wide};
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "asinh",
    form: Form::Function,
    summary: "Gives the number whose hyperbolic sine is the element.",
    formula: "y = ln(x + √(x² + 1))",
    parameters: &[ANY_NUMBER],
    torch: "torch.asinh",
    onnx: "Asinh",
    examples: &["input x: [3, 4]  output asinh(x)", "input x: int[3]  output asinh(x)"],
    build: |_| Ok(Map::new(&DEF, Asinh)),
};

#[derive(Debug)]
struct Asinh;

impl Pointwise for Asinh {
    const KEEPS: Keeps = Keeps::INPUTS;
    const TAKES: Takes = Takes::Numbers;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        wide(x, libm::asinh)
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, x: T) -> T {
        grad / (x * x + T::one()).sqrt()
    }
}
