//! `ConstantPad3d`: adds a constant at the ends of the last three axes.

use super::pads::{CONSTANT, Pad};
use crate::ops::contract::{Def, Form, Parameter};
use crate::tensor::border::Border;

pub(super) static DEF: Def = Def {
    name: "ConstantPad3d",
    form: Form::Layer { call: &[Parameter::operand("input", "`[..., D, H, W]`")] },
    summary: "Adds a constant at the ends of the last three axes.",
    formula: "y[..., i] = x[..., i - before], value where that is outside",
    parameters: CONSTANT,
    torch: "torch.nn.ConstantPad3d",
    onnx: "Pad",
    examples: &[
        "input x: [1, 1, 2, 3, 2]  layer f = ConstantPad3d(1, 1.5)  output f(x)",
        "input x: [1, 2, 3, 2]  layer f = ConstantPad3d([1, 1, 0, 1, 1, 0], 1.5)  output f(x)",
    ],
    build: |attributes| Pad::layer(&DEF, 3, Border::Constant, attributes),
};
