//! `<` and `lt`: whether one is less, element by element.

use super::compare::{Comparison, Relation};
use crate::ops::arithmetic::{INPUT, OTHER};
use crate::ops::contract::{Def, Form};

pub(super) static DEF: Def = Def {
    name: "<",
    form: Form::Infix,
    summary: "Tells which elements of the first tensor are less than those of the second. The shapes broadcast.",
    formula: "y = a < b",
    parameters: &[INPUT, OTHER],
    torch: "torch.lt",
    onnx: "Less",
    examples: &["input a: [2, 3]  input b: [3]  output a < b", "input a: int[2, 3]  output a < 2"],
    build: |_| Ok(Comparison::new(&DEF, Lt)),
};

pub(super) static FUNCTION: Def = Def {
    name: "lt",
    form: Form::Function,
    examples: &["input a: [2, 3]  input b: [3]  output lt(a, b)"],
    build: |_| Ok(Comparison::new(&FUNCTION, Lt)),
    ..DEF
};

#[derive(Debug)]
struct Lt;

impl Relation for Lt {
    fn holds<E: PartialOrd>(&self, a: E, b: E) -> bool {
        a < b
    }
}
