//! `cos`: the cosine.

use super::map::{ANY_NUMBER, Map, Pointwise, Takes};
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "cos",
    form: Form::Function,
    summary: "Gives the cosine of every element.",
    formula: "y = cos x",
    parameters: &[ANY_NUMBER],
    torch: "torch.cos",
    onnx: "Cos",
    examples: &["input x: [3, 4]  output cos(x)", "input x: int[3]  output cos(x)"],
    build: |_| Ok(Map::new(&DEF, Cos)),
};

#[derive(Debug)]
struct Cos;

impl Pointwise for Cos {
    const KEEPS: Keeps = Keeps::INPUTS;
    const TAKES: Takes = Takes::Numbers;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        x.cos()
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, x: T) -> T {
        -grad * x.sin()
    }
}
