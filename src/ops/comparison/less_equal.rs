//! `<=` and `le`: whether one is at most the other, element by element.

use super::compare::{Comparison, Relation};
use crate::ops::arithmetic::{INPUT, OTHER};
use crate::ops::contract::{Def, Form};

pub(super) static DEF: Def = Def {
    name: "<=",
    form: Form::Infix,
    summary: "Tells which elements of the first tensor are at most those of the second. The shapes broadcast.",
    formula: "y = a ≤ b",
    parameters: &[INPUT, OTHER],
    torch: "torch.le",
    onnx: "LessOrEqual",
    examples: &["input a: [2, 3]  input b: [3]  output a <= b", "input a: int[2, 3]  output a <= 2"],
    build: |_| Ok(Comparison::new(&DEF, Le)),
};

pub(super) static FUNCTION: Def = Def {
    name: "le",
    form: Form::Function,
    examples: &["input a: [2, 3]  input b: [3]  output le(a, b)"],
    build: |_| Ok(Comparison::new(&FUNCTION, Le)),
    ..DEF
};

#[derive(Debug)]
struct Le;

impl Relation for Le {
    fn holds<E: PartialOrd>(&self, a: E, b: E) -> bool {
        a <= b
    }
}
