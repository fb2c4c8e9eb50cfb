//! `reciprocal`: the reciprocal.

use super::map::{ANY_NUMBER, Map, Pointwise, Takes};
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "reciprocal",
    form: Form::Function,
    summary: "Gives the reciprocal of every element.",
    formula: "y = 1 / x",
    parameters: &[ANY_NUMBER],
    torch: "torch.reciprocal",
    onnx: "Reciprocal",
    examples: &["input x: [3, 4]  output reciprocal(x)", "input x: int[3]  output reciprocal(x + 1)"],
    build: |_| Ok(Map::new(&DEF, Reciprocal)),
};

#[derive(Debug)]
struct Reciprocal;

impl Pointwise for Reciprocal {
    const KEEPS: Keeps = Keeps::OUTPUTS;
    const TAKES: Takes = Takes::Numbers;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        T::one() / x
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, y: T) -> T {
        -grad * y * y
    }
}
