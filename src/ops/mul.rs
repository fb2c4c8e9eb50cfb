//! `*`: the product of two tensors, element by element.

use super::binary::{Binary, Elementwise, Ints};
use super::contract::{Def, Form, Keeps, Parameter};
use crate::tensor::Real;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "*",
    form: Form::Infix,
    summary: "Multiplies two tensors element by element; they broadcast.",
    formula: "y = a b",
    parameters: &[
        Parameter::operand("input", "Any shape."),
        Parameter::operand("other", "A shape that broadcasts with the other operand's."),
    ],
    torch: "torch.mul",
    onnx: "Mul",
    examples: &[
        "input a: [2, 3]  input b: [2, 3]  output a * b",
        "input a: [2, 1, 4]  input b: [3, 1]  output a * b",
        "input a: [2, 3]  input b: []  output a * b",
        "input a: [2, 3]  output 3 * a",
        "input a: [2, 3]  input b: bool[2, 1]  output a * b",
    ],
    build: |_| Ok(Arc::new(Elementwise(Mul))),
};

#[derive(Debug)]
struct Mul;

impl Binary for Mul {
    const DEF: &'static Def = &DEF;
    const KEEPS: Keeps = Keeps::INPUTS;
    const INTS: Ints = Ints::Int;

    fn float<T: Real>(a: T, b: T) -> T {
        a * b
    }

    fn int(a: i64, b: i64) -> i64 {
        a.wrapping_mul(b)
    }

    fn grad_input<T: Real>(grad: T, _: T, b: T) -> T {
        grad * b
    }

    fn grad_other<T: Real>(grad: T, a: T, _: T) -> T {
        grad * a
    }
}
