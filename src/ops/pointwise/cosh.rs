//! `cosh`: the hyperbolic cosine.

use super::map::{ANY_NUMBER, Map, Pointwise, Takes, wide};
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "cosh",
    form: Form::Function,
    summary: "Gives the hyperbolic cosine of every element.",
    formula: "y = (e^x + e^-x) / 2",
    parameters: &[ANY_NUMBER],
    torch: "torch.cosh",
    onnx: "Cosh",
    examples: &["input x: [3, 4]  output cosh(x)", "input x: int[3]  output cosh(x)"],
    build: |_| Ok(Map::new(&DEF, Cosh)),
};

#[derive(Debug)]
struct Cosh;

impl Pointwise for Cosh {
    const KEEPS: Keeps = Keeps::INPUTS;
    const TAKES: Takes = Takes::Numbers;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        wide(x, f64::cosh)
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, x: T) -> T {
        grad * wide(x, f64::sinh)
    }
}
