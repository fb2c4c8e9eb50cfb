//! `expand_as`: axes of size 1, and new ones in front, are repeated up to the shape of another tensor.

use super::expand::to_second;
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "expand_as",
    form: Form::Function,
    summary: "Repeats axes of size 1, and new ones in front, up to the shape of another tensor.",
    formula: "y[..., i, ...] = x[..., 0, ...]",
    parameters: &[
        Parameter::operand("input", "A shape that broadcasts to the other operand's."),
        Parameter::operand("other", "Any shape, of any type; only its shape is read."),
    ],
    torch: "torch.Tensor.expand_as",
    onnx: "Expand",
    examples: &[
        "input x: [2, 1]  input y: [2, 3]  output expand_as(x, y)",
        "input x: [3]  input y: bool[2, 3]  output expand_as(x, y)",
        "input x: int[1]  input y: [2, 3]  output expand_as(x, y)",
    ],
    build: |_| Ok(to_second(&DEF)),
};
