//! `-`: the difference of two tensors.

use super::binary::{Binary, Elementwise, Ints};
use super::contract::{Def, Form, Keeps, Parameter};
use crate::tensor::Real;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "-",
    form: Form::Infix,
    summary: "Subtracts the second tensor from the first element by element; they broadcast.",
    formula: "y = a - b",
    parameters: &[
        Parameter::operand("input", "Any shape."),
        Parameter::operand("other", "A shape that broadcasts with the other operand's."),
    ],
    torch: "torch.sub",
    onnx: "Sub",
    examples: &[
        "input a: [2, 3]  input b: [2, 3]  output a - b",
        "input a: [2, 1, 4]  input b: [3, 1]  output a - b",
        "input a: [2, 3]  input b: bool[3]  output a - b",
    ],
    build: |_| Ok(Arc::new(Elementwise(Sub))),
};

#[derive(Debug)]
struct Sub;

impl Binary for Sub {
    const DEF: &'static Def = &DEF;
    const KEEPS: Keeps = Keeps::NOTHING;
    const INTS: Ints = Ints::Int;

    fn float<T: Real>(a: T, b: T) -> T {
        a - b
    }

    fn int(a: i64, b: i64) -> i64 {
        a.wrapping_sub(b)
    }

    fn grad_input<T: Real>(grad: T, _: T, _: T) -> T {
        grad
    }

    fn grad_other<T: Real>(grad: T, _: T, _: T) -> T {
        -grad
    }
}
