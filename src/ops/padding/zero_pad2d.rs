//! `ZeroPad2d`: adds zeros at the ends of the last two axes.

use super::pads::{LAYER, Pad};
use crate::ops::contract::{Def, Form, Parameter};
use crate::tensor::border::Border;

pub(super) static DEF: Def = Def {
    name: "ZeroPad2d",
    form: Form::Layer { call: &[Parameter::operand("input", "`[..., H, W]`")] },
    summary: "Adds zeros at the ends of the last two axes.",
    formula: "y[..., i] = x[..., i - before], 0 where that is outside",
    parameters: LAYER,
    torch: "torch.nn.ZeroPad2d",
    onnx: "Pad",
    examples: &[
        "input x: [1, 2, 3, 3]  layer f = ZeroPad2d(1)  output f(x)",
        "input x: [2, 2, 3]  layer f = ZeroPad2d([1, 0, -1, 1])  output f(x)",
    ],
    build: |attributes| Pad::layer(&DEF, 2, Border::Constant, attributes),
};
