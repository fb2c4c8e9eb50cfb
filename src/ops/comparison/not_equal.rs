//! `!=` and `ne`: inequality, element by element.

use super::compare::{Comparison, Relation};
use crate::ops::arithmetic::{INPUT, OTHER};
use crate::ops::contract::{Def, Form};

pub(super) static DEF: Def = Def {
    name: "!=",
    form: Form::Infix,
    summary: "Tells which elements differ; NaN differs from all. The shapes broadcast.",
    formula: "y = a ≠ b",
    parameters: &[INPUT, OTHER],
    torch: "torch.ne",
    onnx: "",
    examples: &["input a: [2, 3]  input b: [3]  output a != b", "input a: int[2, 3]  output a != 2"],
    build: |_| Ok(Comparison::new(&DEF, Ne)),
};

pub(super) static FUNCTION: Def = Def {
    name: "ne",
    form: Form::Function,
    examples: &["input a: [2, 3]  input b: [3]  output ne(a, b)"],
    build: |_| Ok(Comparison::new(&FUNCTION, Ne)),
    ..DEF
};

#[derive(Debug)]
struct Ne;

impl Relation for Ne {
    fn holds<E: PartialOrd>(&self, a: E, b: E) -> bool {
        a != b
    }
}
