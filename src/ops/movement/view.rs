//! `view`: the same elements, in the same order, in another shape; `reshape` under its other name.

use super::reshape::{SHAPE, build};
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "view",
    form: Form::Function,
    summary: "Gives the same elements, in the same order, another shape.",
    formula: "y[j] = x[i] where i and j have the same place in row-major order",
    parameters: &[Parameter::operand("input", "Any shape."), SHAPE],
    torch: "torch.Tensor.view",
    onnx: "Reshape",
    examples: &["input x: [2, 6]  output view(x, [3, 4])", "input x: int[2, 3, 4]  output view(x, [-1, 4])"],
    build: |attributes| build(&DEF, attributes),
};
