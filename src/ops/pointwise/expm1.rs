//! `expm1`: the exponential function less 1.

use super::map::{ANY_NUMBER, Map, Pointwise, Takes};
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "expm1",
    form: Form::Function,
    summary: "Raises e to the power of every element and takes 1 away, without loss near 0.",
    formula: "y = e^x - 1",
    parameters: &[ANY_NUMBER],
    torch: "torch.expm1",
    onnx: "",
    examples: &["input x: [3, 4]  output expm1(x)", "input x: int[3]  output expm1(x)"],
    build: |_| Ok(Map::new(&DEF, Expm1)),
};

#[derive(Debug)]
struct Expm1;

impl Pointwise for Expm1 {
    const KEEPS: Keeps = Keeps::OUTPUTS;
    const TAKES: Takes = Takes::Numbers;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        x.exp_m1()
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, y: T) -> T {
        grad * (y + T::one())
    }
}
