//! `>=` and `ge`: whether one is at least the other, element by element.

use super::compare::{Comparison, Relation};
use crate::ops::arithmetic::{INPUT, OTHER};
use crate::ops::contract::{Def, Form};

pub(super) static DEF: Def = Def {
    name: ">=",
    form: Form::Infix,
    summary: "Tells which elements of the first tensor are at least those of the second. The shapes broadcast.",
    formula: "y = a ≥ b",
    parameters: &[INPUT, OTHER],
    torch: "torch.ge",
    onnx: "GreaterOrEqual",
    examples: &["input a: [2, 3]  input b: [3]  output a >= b", "input a: int[2, 3]  output a >= 2"],
    build: |_| Ok(Comparison::new(&DEF, Ge)),
};

pub(super) static FUNCTION: Def = Def {
    name: "ge",
    form: Form::Function,
    examples: &["input a: [2, 3]  input b: [3]  output ge(a, b)"],
    build: |_| Ok(Comparison::new(&FUNCTION, Ge)),
    ..DEF
};

#[derive(Debug)]
struct Ge;

impl Relation for Ge {
    fn holds<E: PartialOrd>(&self, a: E, b: E) -> bool {
        a >= b
    }
}
