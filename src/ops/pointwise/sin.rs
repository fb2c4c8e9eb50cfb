//! `sin`: the sine.

use super::map::{ANY_NUMBER, Map, Pointwise, Takes};
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "sin",
    form: Form::Function,
    summary: "Gives the sine of every element.",
    formula: "y = sin x",
    parameters: &[ANY_NUMBER],
    torch: "torch.sin",
    onnx: "Sin",
    examples: &["input x: [3, 4]  output sin(x)", "input x: int[3]  output sin(x)"],
    build: |_| Ok(Map::new(&DEF, Sin)),
};

#[derive(Debug)]
struct Sin;

impl Pointwise for Sin {
    const KEEPS: Keeps = Keeps::INPUTS;
    const TAKES: Takes = Takes::Numbers;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        x.sin()
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, x: T) -> T {
        grad * x.cos()
    }
}
