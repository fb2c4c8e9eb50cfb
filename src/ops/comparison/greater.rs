//! `>` and `gt`: whether one is greater, element by element.

use super::compare::{Comparison, Relation};
use crate::ops::arithmetic::{INPUT, OTHER};
use crate::ops::contract::{Def, Form};

pub(super) static DEF: Def = Def {
    name: ">",
    form: Form::Infix,
    summary: "Tells which elements of the first tensor are greater than those of the second. The shapes broadcast.",
    formula: "y = a > b",
    parameters: &[INPUT, OTHER],
    torch: "torch.gt",
    onnx: "Greater",
    examples: &["input a: [2, 3]  input b: [3]  output a > b", "input a: int[2, 3]  output a > 2"],
    build: |_| Ok(Comparison::new(&DEF, Gt)),
};

pub(super) static FUNCTION: Def = Def {
    name: "gt",
    form: Form::Function,
    examples: &["input a: [2, 3]  input b: [3]  output gt(a, b)"],
    build: |_| Ok(Comparison::new(&FUNCTION, Gt)),
    ..DEF
};

#[derive(Debug)]
struct Gt;

impl Relation for Gt {
    fn holds<E: PartialOrd>(&self, a: E, b: E) -> bool {
        a > b
    }
}
