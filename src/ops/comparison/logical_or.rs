//! `or` and `logical_or`: whether at least one of two is true.

use super::compare::{Connective, Logical};
use crate::ops::arithmetic::{INPUT, OTHER};
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "or",
    form: Form::Infix,
    summary: "Tells where at least one of two bool tensors is true. The shapes broadcast.",
    formula: "y = a ∨ b",
    parameters: &[
        Parameter::operand("input", "Any shape, bool."),
        Parameter::operand("other", "A shape that broadcasts with the other operand's, bool."),
    ],
    torch: "torch.logical_or",
    onnx: "Or",
    examples: &["input a: bool[2, 3]  input b: bool[3]  output a or b", "input a: [2, 3]  output a > 0.5 or a < 1.0"],
    build: |_| Ok(Logical::new(&DEF, Or)),
};

pub(super) static FUNCTION: Def = Def {
    name: "logical_or",
    form: Form::Function,
    summary: "Tells where at least one of two tensors differs from 0. The shapes broadcast.",
    parameters: &[INPUT, OTHER],
    examples: &["input a: bool[2, 3]  input b: int[3]  output logical_or(a, b)"],
    build: |_| Ok(Logical::new(&FUNCTION, Or)),
    ..DEF
};

#[derive(Debug)]
struct Or;

impl Connective for Or {
    fn of(&self, a: bool, b: bool) -> bool {
        a || b
    }
}
