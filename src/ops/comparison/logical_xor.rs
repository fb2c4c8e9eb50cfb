//! `logical_xor`: whether exactly one of two is true.

use super::compare::{Connective, Logical};
use crate::ops::arithmetic::{INPUT, OTHER};
use crate::ops::contract::{Def, Form};

pub(super) static DEF: Def = Def {
    name: "logical_xor",
    form: Form::Function,
    summary: "Tells where exactly one of two tensors differs from 0. The shapes broadcast.",
    formula: "y = a ⊕ b",
    parameters: &[INPUT, OTHER],
    torch: "torch.logical_xor",
    onnx: "Xor",
    examples: &["input a: bool[2, 3]  input b: int[3]  output logical_xor(a, b)"],
    build: |_| Ok(Logical::new(&DEF, Xor)),
};

#[derive(Debug)]
struct Xor;

impl Connective for Xor {
    fn of(&self, a: bool, b: bool) -> bool {
        a != b
    }
}
