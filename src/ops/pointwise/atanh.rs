//! `atanh`: the inverse of the hyperbolic tangent.

use super::map::{ANY_NUMBER, Map, Pointwise, Takes, wide};
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "atanh",
    form: Form::Function,
    summary: "Gives the number whose hyperbolic tangent is the element.",
    formula: "y = ln((1 + x) / (1 - x)) / 2",
    parameters: &[ANY_NUMBER],
    torch: "torch.atanh",
    onnx: "Atanh",
    examples: &["input x: [3, 4]  output atanh(x / 2.0)", "input x: int[3]  output atanh(x / 5)"],
    build: |_| Ok(Map::new(&DEF, Atanh)),
};

#[derive(Debug)]
struct Atanh;

impl Pointwise for Atanh {
    const KEEPS: Keeps = Keeps::INPUTS;
    const TAKES: Takes = Takes::Numbers;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        wide(x, libm::atanh)
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, x: T) -> T {
        grad / (T::one() - x * x)
    }
}
