//! `exp2`: powers of 2.

use super::map::{ANY_NUMBER, Map, Pointwise, Takes, wide};
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;
use std::f64::consts::LN_2;

pub(super) static DEF: Def = Def {
    name: "exp2",
    form: Form::Function,
    summary: "Raises 2 to the power of every element.",
    formula: "y = 2^x",
    parameters: &[ANY_NUMBER],
    torch: "torch.exp2",
    onnx: "",
    examples: &["input x: [3, 4]  output exp2(x)", "input x: int[3]  output exp2(x)"],
    build: |_| Ok(Map::new(&DEF, Exp2)),
};

#[derive(Debug)]
struct Exp2;

impl Pointwise for Exp2 {
    const KEEPS: Keeps = Keeps::OUTPUTS;
    const TAKES: Takes = Takes::Numbers;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        wide(x, f64::exp2)
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, y: T) -> T {
        grad * y * T::from_f64(LN_2)
    }
}
