//! `sinh`: the hyperbolic sine.

use super::map::{ANY_NUMBER, Map, Pointwise, Takes, wide};
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "sinh",
    form: Form::Function,
    summary: "Gives the hyperbolic sine of every element.",
    formula: "y = (e^x - e^-x) / 2",
    parameters: &[ANY_NUMBER],
    torch: "torch.sinh",
    onnx: "Sinh",
    examples: &["input x: [3, 4]  output sinh(x)", "input x: int[3]  output sinh(x)"],
    build: |_| Ok(Map::new(&DEF, Sinh)),
};

#[derive(Debug)]
struct Sinh;

impl Pointwise for Sinh {
    const KEEPS: Keeps = Keeps::INPUTS;
    const TAKES: Takes = Takes::Numbers;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        wide(x, f64::sinh)
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, x: T) -> T {
        grad * wide(x, f64::cosh)
    }
}
