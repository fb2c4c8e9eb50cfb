//! `not` and `logical_not`: the other truth value.

use super::predicate::{Predicate, Test};
use crate::ops::contract::{Def, Form, Parameter};
use crate::ops::pointwise::INPUT;
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "not",
    form: Form::Prefix,
    summary: "Tells where a bool tensor is false.",
    formula: "y = ¬x",
    parameters: &[Parameter::operand("input", "Any shape, bool.")],
    torch: "torch.logical_not",
    onnx: "Not",
    examples: &["input x: bool[2, 3]  output not x"],
    build: |_| Ok(Test::new(&DEF, Not)),
};

pub(super) static FUNCTION: Def = Def {
    name: "logical_not",
    form: Form::Function,
    summary: "Tells where a tensor is 0.",
    parameters: &[INPUT],
    examples: &["input x: bool[2, 3]  output logical_not(x)", "input x: int[2, 3]  output logical_not(x)"],
    build: |_| Ok(Test::new(&FUNCTION, Not)),
    ..DEF
};

#[derive(Debug)]
struct Not;

impl Predicate for Not {
    fn holds<T: Real>(&self, x: T) -> bool {
        x == T::zero()
    }
}
