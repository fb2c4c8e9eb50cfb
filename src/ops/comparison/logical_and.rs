//! `and` and `logical_and`: whether both two are true.

use super::compare::{Connective, Logical};
use crate::ops::arithmetic::{INPUT, OTHER};
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "and",
    form: Form::Infix,
    summary: "Tells where both two bool tensors are true. The shapes broadcast.",
    formula: "y = a ∧ b",
    parameters: &[
        Parameter::operand("input", "Any shape, bool."),
        Parameter::operand("other", "A shape that broadcasts with the other operand's, bool."),
    ],
    torch: "torch.logical_and",
    onnx: "And",
    examples: &["input a: bool[2, 3]  input b: bool[3]  output a and b", "input a: [2, 3]  output a > 0.5 and a < 1.0"],
    build: |_| Ok(Logical::new(&DEF, And)),
};

pub(super) static FUNCTION: Def = Def {
    name: "logical_and",
    form: Form::Function,
    summary: "Tells where both two tensors differ from 0. The shapes broadcast.",
    parameters: &[INPUT, OTHER],
    examples: &["input a: bool[2, 3]  input b: int[3]  output logical_and(a, b)"],
    build: |_| Ok(Logical::new(&FUNCTION, And)),
    ..DEF
};

#[derive(Debug)]
struct And;

impl Connective for And {
    fn of(&self, a: bool, b: bool) -> bool {
        a && b
    }
}
