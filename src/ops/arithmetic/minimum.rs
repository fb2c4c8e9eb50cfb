//! `minimum`: the smaller of two tensors, element by element.

use super::binary::{Binary, Elementwise, INPUT, Ints, OTHER};
use super::maximum::share;
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "minimum",
    form: Form::Function,
    summary: "Gives the smaller of two elements, or NaN if either is; equal ones share the gradient. The shapes broadcast.",
    formula: "y = min(a, b)",
    parameters: &[INPUT, OTHER],
    torch: "torch.minimum",
    onnx: "Min",
    examples: &[
        "input a: [2, 3]  input b: [2, 3]  output minimum(a, b)",
        "input a: [2, 1, 4]  input b: [3, 1]  output minimum(a, b)",
        "input a: int[3]  output minimum(a, 2)",
    ],
    build: |_| Ok(Elementwise::new(&DEF, Minimum)),
};

#[derive(Debug)]
pub(in crate::ops) struct Minimum;

impl Binary for Minimum {
    const KEEPS: Keeps = Keeps::INPUTS;

    fn ints(&self) -> Ints {
        Ints::Int
    }

    #[inline(always)]
    fn float<T: Real>(&self, a: T, b: T) -> T {
        a.minimum(b)
    }

    fn int(&self, a: i64, b: i64) -> i64 {
        a.min(b)
    }

    #[inline(always)]
    fn grad_input<T: Real>(&self, grad: T, a: T, b: T) -> T {
        share(grad, a == b, a > b)
    }

    #[inline(always)]
    fn grad_other<T: Real>(&self, grad: T, a: T, b: T) -> T {
        share(grad, a == b, a < b)
    }
}
