//! `/`: the quotient of two tensors.

use super::binary::{Binary, Elementwise, Ints};
use super::contract::{Def, Form, Keeps, Parameter};
use crate::tensor::Real;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "/",
    form: Form::Infix,
    summary: "Divides the first tensor by the second element by element; they broadcast, and ints are taken for floats.",
    formula: "y = a / b",
    parameters: &[
        Parameter::operand("input", "Any shape."),
        Parameter::operand("other", "A shape that broadcasts with the other operand's."),
    ],
    torch: "torch.div",
    onnx: "Div",
    examples: &[
        "input a: [2, 3]  input b: [2, 3]  output a / (b * b + 1.0)",
        "input a: [2, 1, 4]  input b: [3, 1]  output a / (b * b + 1.0)",
        "input a: [2, 3]  output a / 4",
        "input a: int[3]  output a / 4",
    ],
    build: |_| Ok(Arc::new(Elementwise(Div))),
};

#[derive(Debug)]
struct Div;

impl Binary for Div {
    const DEF: &'static Def = &DEF;
    const KEEPS: Keeps = Keeps::INPUTS;
    const INTS: Ints = Ints::Float;

    fn float<T: Real>(a: T, b: T) -> T {
        a / b
    }

    fn int(a: i64, b: i64) -> i64 {
        if b == 0 { 0 } else { a.wrapping_div(b) }
    }

    fn grad_input<T: Real>(grad: T, _: T, b: T) -> T {
        grad / b
    }

    fn grad_other<T: Real>(grad: T, a: T, b: T) -> T {
        -grad * a / (b * b)
    }
}
