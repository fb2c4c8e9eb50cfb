//! `log`: the natural logarithm.

use super::map::{ANY_NUMBER, Map, Pointwise, Takes};
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "log",
    form: Form::Function,
    summary: "Gives the natural logarithm of every element.",
    formula: "y = ln x",
    parameters: &[ANY_NUMBER],
    torch: "torch.log",
    onnx: "Log",
    examples: &["input x: [3, 4]  output log(x * x)", "input x: int[3]  output log(x + 1)"],
    build: |_| Ok(Map::new(&DEF, Log)),
};

#[derive(Debug)]
struct Log;

impl Pointwise for Log {
    const KEEPS: Keeps = Keeps::INPUTS;
    const TAKES: Takes = Takes::Numbers;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        x.ln()
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, x: T) -> T {
        grad / x
    }
}
