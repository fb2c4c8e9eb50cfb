//! `square`: the square.

use super::map::{FLOAT_OR_INT, Map, Pointwise, Takes};
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "square",
    form: Form::Function,
    summary: "Multiplies every element by itself.",
    formula: "y = x²",
    parameters: &[FLOAT_OR_INT],
    torch: "torch.square",
    onnx: "",
    examples: &["input x: [3, 4]  output square(x)", "input x: int[3]  output square(x)"],
    build: |_| Ok(Map::new(&DEF, Square)),
};

#[derive(Debug)]
struct Square;

impl Pointwise for Square {
    const KEEPS: Keeps = Keeps::INPUTS;
    const TAKES: Takes = Takes::Ints;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        x * x
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, x: T) -> T {
        grad * (x + x)
    }

    fn int(&self, x: i64) -> i64 {
        x.wrapping_mul(x)
    }
}
