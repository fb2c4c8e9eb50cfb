//! `clone`: the same tensor.

use super::detach::{Gradient, same};
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "clone",
    form: Form::Function,
    summary: "Gives the same elements; a value here never changes, so there is nothing to copy.",
    formula: "y = x",
    parameters: &[Parameter::operand("input", "Any shape.")],
    torch: "torch.clone",
    onnx: "Identity",
    examples: &["input x: [2, 3]  output clone(x)", "input x: bool[]  output clone(x)"],
    build: |_| Ok(same(&DEF, Gradient::Passes)),
};
