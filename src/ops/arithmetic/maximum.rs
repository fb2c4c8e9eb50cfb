//! `maximum`: the greater of two tensors, element by element.

use super::binary::{Binary, Elementwise, INPUT, Ints, OTHER};
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "maximum",
    form: Form::Function,
    summary: "Gives the greater of two elements, or NaN if either is; equal ones share the gradient. The shapes broadcast.",
    formula: "y = max(a, b)",
    parameters: &[INPUT, OTHER],
    torch: "torch.maximum",
    onnx: "Max",
    examples: &[
        "input a: [2, 3]  input b: [2, 3]  output maximum(a, b)",
        "input a: [2, 1, 4]  input b: [3, 1]  output maximum(a, b)",
        "input a: int[3]  output maximum(a, 2)",
    ],
    build: |_| Ok(Elementwise::new(&DEF, Maximum)),
};

#[derive(Debug)]
pub(in crate::ops) struct Maximum;

impl Binary for Maximum {
    const KEEPS: Keeps = Keeps::INPUTS;

    fn ints(&self) -> Ints {
        Ints::Int
    }

    #[inline(always)]
    fn float<T: Real>(&self, a: T, b: T) -> T {
        a.maximum(b)
    }

    fn int(&self, a: i64, b: i64) -> i64 {
        a.max(b)
    }

    #[inline(always)]
    fn grad_input<T: Real>(&self, grad: T, a: T, b: T) -> T {
        share(grad, a == b, a < b)
    }

    #[inline(always)]
    fn grad_other<T: Real>(&self, grad: T, a: T, b: T) -> T {
        share(grad, a == b, a > b)
    }
}

/// The gradient of one operand: half of it where both are equal, none where it isn't the one.
#[inline(always)]
pub(super) fn share<T: Real>(grad: T, equal: bool, other: bool) -> T {
    if equal {
        grad * T::from_f64(0.5)
    } else if other {
        T::zero()
    } else {
        grad
    }
}
