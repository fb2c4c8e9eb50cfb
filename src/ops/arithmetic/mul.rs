//! `*` and `mul`: the product of two tensors, element by element.

use super::binary::{Binary, Elementwise, INPUT, Ints, OTHER};
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "*",
    form: Form::Infix,
    summary: "Multiplies two tensors element by element; they broadcast.",
    formula: "y = a b",
    parameters: &[INPUT, OTHER],
    torch: "torch.mul",
    onnx: "Mul",
    examples: &[
        "input a: [2, 3]  input b: [2, 3]  output a * b",
        "input a: [2, 1, 4]  input b: [3, 1]  output a * b",
        "input a: [2, 3]  input b: []  output a * b",
        "input a: [2, 3]  output 3 * a",
        "input a: [2, 3]  input b: bool[2, 1]  output a * b",
    ],
    build: |_| Ok(Elementwise::new(&DEF, Mul)),
};

pub(super) static FUNCTION: Def = Def {
    name: "mul",
    form: Form::Function,
    parameters: &[INPUT, OTHER],
    examples: &["input a: [2, 3]  input b: [3]  output mul(a, b)"],
    build: |_| Ok(Elementwise::new(&FUNCTION, Mul)),
    ..DEF
};

#[derive(Debug)]
struct Mul;

impl Binary for Mul {
    const KEEPS: Keeps = Keeps::INPUTS;

    fn ints(&self) -> Ints {
        Ints::Int
    }

    #[inline(always)]
    fn float<T: Real>(&self, a: T, b: T) -> T {
        a * b
    }

    fn int(&self, a: i64, b: i64) -> i64 {
        a.wrapping_mul(b)
    }

    #[inline(always)]
    fn grad_input<T: Real>(&self, grad: T, _: T, b: T) -> T {
        grad * b
    }

    #[inline(always)]
    fn grad_other<T: Real>(&self, grad: T, a: T, _: T) -> T {
        grad * a
    }
}
