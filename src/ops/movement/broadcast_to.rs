//! `broadcast_to`: axes of size 1, and new ones in front, are repeated; `expand` under its other name.

use super::expand::{SIZE, build};
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "broadcast_to",
    form: Form::Function,
    summary: "Repeats axes of size 1, and new ones in front, up to a shape.",
    formula: "y[..., i, ...] = x[..., 0, ...]",
    parameters: &[Parameter::operand("input", "A shape that broadcasts to `size`."), SIZE],
    torch: "torch.broadcast_to",
    onnx: "Expand",
    examples: &["input x: [2, 1]  output broadcast_to(x, [2, 3])", "input x: [3]  output broadcast_to(x, [2, 2, 3])"],
    build: |attributes| build(&DEF, attributes),
};
