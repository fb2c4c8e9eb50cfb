//! `==` and `eq`: equality, element by element.

use super::compare::{Comparison, Relation};
use crate::ops::arithmetic::{INPUT, OTHER};
use crate::ops::contract::{Def, Form};

pub(super) static DEF: Def = Def {
    name: "==",
    form: Form::Infix,
    summary: "Tells which elements are equal; NaN equals nothing. The shapes broadcast.",
    formula: "y = a = b",
    parameters: &[INPUT, OTHER],
    torch: "torch.eq",
    onnx: "Equal",
    examples: &["input a: [2, 3]  input b: [3]  output a == b", "input a: int[2, 3]  output a == 2"],
    build: |_| Ok(Comparison::new(&DEF, Eq)),
};

pub(super) static FUNCTION: Def = Def {
    name: "eq",
    form: Form::Function,
    examples: &["input a: [2, 3]  input b: [3]  output eq(a, b)"],
    build: |_| Ok(Comparison::new(&FUNCTION, Eq)),
    ..DEF
};

#[derive(Debug)]
struct Eq;

impl Relation for Eq {
    fn holds<E: PartialOrd>(&self, a: E, b: E) -> bool {
        a == b
    }
}
