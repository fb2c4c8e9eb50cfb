//! `ZeroPad3d`: adds zeros at the ends of the last three axes.

use super::pads::{LAYER, Pad};
use crate::ops::contract::{Def, Form, Parameter};
use crate::tensor::border::Border;

pub(super) static DEF: Def = Def {
    name: "ZeroPad3d",
    form: Form::Layer { call: &[Parameter::operand("input", "`[..., D, H, W]`")] },
    summary: "Adds zeros at the ends of the last three axes.",
    formula: "y[..., i] = x[..., i - before], 0 where that is outside",
    parameters: LAYER,
    torch: "torch.nn.ZeroPad3d",
    onnx: "Pad",
    examples: &[
        "input x: [1, 1, 2, 3, 2]  layer f = ZeroPad3d(1)  output f(x)",
        "input x: [1, 2, 3, 2]  layer f = ZeroPad3d([1, 1, 0, 1, 1, 0])  output f(x)",
    ],
    build: |attributes| Pad::layer(&DEF, 3, Border::Constant, attributes),
};
