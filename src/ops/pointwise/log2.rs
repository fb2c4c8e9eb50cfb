//! `log2`: the logarithm to the base 2.

use super::map::{ANY_NUMBER, Map, Pointwise, Takes, wide};
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;
use std::f64::consts::LN_2;

pub(super) static DEF: Def = Def {
    name: "log2",
    form: Form::Function,
    summary: "Gives the logarithm of every element to the base 2.",
    formula: "y = ln x / ln 2",
    parameters: &[ANY_NUMBER],
    torch: "torch.log2",
    onnx: "",
    examples: &["input x: [3, 4]  output log2(x * x)", "input x: int[3]  output log2(x + 1)"],
    build: |_| Ok(Map::new(&DEF, Log2)),
};

#[derive(Debug)]
struct Log2;

impl Pointwise for Log2 {
    const KEEPS: Keeps = Keeps::INPUTS;
    const TAKES: Takes = Takes::Numbers;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        wide(x, f64::log2)
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, x: T) -> T {
        grad / (x * T::from_f64(LN_2))
    }
}
