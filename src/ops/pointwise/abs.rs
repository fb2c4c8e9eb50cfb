//! `abs`: the absolute value.

use super::map::{FLOAT_OR_INT, Map, Pointwise, Takes};
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "abs",
    form: Form::Function,
    summary: "Drops the sign of every element.",
    formula: "y = |x|",
    parameters: &[FLOAT_OR_INT],
    torch: "torch.abs",
    onnx: "Abs",
    examples: &["input x: [3, 4]  output abs(x)", "input x: int[3]  output abs(x)"],
    build: |_| Ok(Map::new(&DEF, Abs)),
};

#[derive(Debug)]
struct Abs;

impl Pointwise for Abs {
    const KEEPS: Keeps = Keeps::INPUTS;
    const TAKES: Takes = Takes::Ints;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        x.abs()
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, x: T) -> T {
        grad * super::sign::sign(x)
    }

    fn int(&self, x: i64) -> i64 {
        x.wrapping_abs()
    }
}
