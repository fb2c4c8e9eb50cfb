//! `log1p`: the natural logarithm of a number and 1.

use super::map::{ANY_NUMBER, Map, Pointwise, Takes};
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "log1p",
    form: Form::Function,
    summary: "Gives the natural logarithm of every element plus 1, without loss near 0.",
    formula: "y = ln(1 + x)",
    parameters: &[ANY_NUMBER],
    torch: "torch.log1p",
    onnx: "",
    examples: &["input x: [3, 4]  output log1p(x * x)", "input x: int[3]  output log1p(x)"],
    build: |_| Ok(Map::new(&DEF, Log1p)),
};

#[derive(Debug)]
struct Log1p;

impl Pointwise for Log1p {
    const KEEPS: Keeps = Keeps::INPUTS;
    const TAKES: Takes = Takes::Numbers;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        x.ln_1p()
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, x: T) -> T {
        grad / (x + T::one())
    }
}
