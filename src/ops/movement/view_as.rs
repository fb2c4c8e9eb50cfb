//! `view_as`: the same elements, in the same order, in the shape of another tensor.

use super::reshape_as::build;
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "view_as",
    form: Form::Function,
    summary: "Gives the same elements, in the same order, the shape of another tensor.",
    formula: "y[j] = x[i] where i and j have the same place in row-major order",
    parameters: &[
        Parameter::operand("input", "Any shape."),
        Parameter::operand("other", "As many elements, of any type; only its shape is read."),
    ],
    torch: "torch.Tensor.view_as",
    onnx: "Reshape",
    examples: &[
        "input x: [2, 6]  input y: [3, 4]  output view_as(x, y)",
        "input x: [1, 1]  input y: bool[]  output view_as(x, y)",
        "input x: int[4]  input y: [2, 2]  output view_as(x, y)",
    ],
    build: |_| Ok(build(&DEF)),
};
