//! `log10`: the logarithm to the base 10.

use super::map::{ANY_NUMBER, Map, Pointwise, Takes, wide};
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;
use std::f64::consts::LN_10;

pub(super) static DEF: Def = Def {
    name: "log10",
    form: Form::Function,
    summary: "Gives the logarithm of every element to the base 10.",
    formula: "y = ln x / ln 10",
    parameters: &[ANY_NUMBER],
    torch: "torch.log10",
    onnx: "",
    examples: &["input x: [3, 4]  output log10(x * x)", "input x: int[3]  output log10(x + 1)"],
    build: |_| Ok(Map::new(&DEF, Log10)),
};

#[derive(Debug)]
struct Log10;

impl Pointwise for Log10 {
    const KEEPS: Keeps = Keeps::INPUTS;
    const TAKES: Takes = Takes::Numbers;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        wide(x, f64::log10)
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, x: T) -> T {
        grad / (x * T::from_f64(LN_10))
    }
}
