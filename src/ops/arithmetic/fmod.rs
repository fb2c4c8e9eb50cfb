//! `fmod`: the remainder of a division that rounds towards 0.

use super::binary::{Binary, Elementwise, INPUT, Ints, OTHER};
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "fmod",
    form: Form::Function,
    summary: "Gives the remainder of the division of the first tensor by the second, with the sign of the first; they broadcast.",
    formula: "y = a - b trunc(a / b)",
    parameters: &[INPUT, OTHER],
    torch: "torch.fmod",
    onnx: "Mod",
    examples: &[
        "input a: [2, 3]  input b: [3]  output fmod(a, b * b + 1.0)",
        "input a: [2, 3]  output fmod(a, -0.7)",
        "input a: int[2, 3]  output fmod(a, -3)",
    ],
    build: |_| Ok(Elementwise::new(&DEF, Fmod)),
};

#[derive(Debug)]
pub(super) struct Fmod;

impl Binary for Fmod {
    const KEEPS: Keeps = Keeps::INPUTS;

    fn ints(&self) -> Ints {
        Ints::Divided
    }

    #[inline(always)]
    fn float<T: Real>(&self, a: T, b: T) -> T {
        a.fmod(b)
    }

    fn int(&self, a: i64, b: i64) -> i64 {
        if b == 0 { 0 } else { a.wrapping_rem(b) }
    }

    #[inline(always)]
    fn grad_input<T: Real>(&self, grad: T, _: T, _: T) -> T {
        grad
    }

    #[inline(always)]
    fn grad_other<T: Real>(&self, grad: T, a: T, b: T) -> T {
        -grad * (a / b).trunc()
    }
}
