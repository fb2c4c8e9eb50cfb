//! `contiguous`: the same tensor.

use super::detach::{Gradient, same};
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "contiguous",
    form: Form::Function,
    summary: "Gives the same elements; every tensor here is contiguous.",
    formula: "y = x",
    parameters: &[Parameter::operand("input", "Any shape.")],
    torch: "torch.Tensor.contiguous",
    onnx: "Identity",
    examples: &["input x: [2, 3]  output contiguous(x)", "input x: bool[]  output contiguous(x)"],
    build: |_| Ok(same(&DEF, Gradient::Passes)),
};
