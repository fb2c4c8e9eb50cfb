//! `exp`: the exponential function.

use super::map::{ANY_NUMBER, Map, Pointwise, Takes};
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "exp",
    form: Form::Function,
    summary: "Raises e to the power of every element.",
    formula: "y = e^x",
    parameters: &[ANY_NUMBER],
    torch: "torch.exp",
    onnx: "Exp",
    examples: &["input x: [3, 4]  output exp(x)", "input x: int[3]  output exp(x)"],
    build: |_| Ok(Map::new(&DEF, Exp)),
};

#[derive(Debug)]
struct Exp;

impl Pointwise for Exp {
    const KEEPS: Keeps = Keeps::OUTPUTS;
    const TAKES: Takes = Takes::Numbers;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        x.exp()
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, y: T) -> T {
        grad * y
    }
}
