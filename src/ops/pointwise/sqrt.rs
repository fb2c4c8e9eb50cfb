//! `sqrt`: the square root.

use super::map::{ANY_NUMBER, Map, Pointwise, Takes};
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "sqrt",
    form: Form::Function,
    summary: "Gives the square root of every element.",
    formula: "y = √x",
    parameters: &[ANY_NUMBER],
    torch: "torch.sqrt",
    onnx: "Sqrt",
    examples: &["input x: [3, 4]  output sqrt(x * x + 0.5)", "input x: int[3]  output sqrt(x)"],
    build: |_| Ok(Map::new(&DEF, Sqrt)),
};

#[derive(Debug)]
struct Sqrt;

impl Pointwise for Sqrt {
    const KEEPS: Keeps = Keeps::OUTPUTS;
    const TAKES: Takes = Takes::Numbers;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        x.sqrt()
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, y: T) -> T {
        grad / (y + y)
    }
}
