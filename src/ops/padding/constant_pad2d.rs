//! `ConstantPad2d`: adds a constant at the ends of the last two axes.

use super::pads::{CONSTANT, Pad};
use crate::ops::contract::{Def, Form, Parameter};
use crate::tensor::border::Border;

pub(super) static DEF: Def = Def {
    name: "ConstantPad2d",
    form: Form::Layer { call: &[Parameter::operand("input", "`[..., H, W]`")] },
    summary: "Adds a constant at the ends of the last two axes.",
    formula: "y[..., i] = x[..., i - before], value where that is outside",
    parameters: CONSTANT,
    torch: "torch.nn.ConstantPad2d",
    onnx: "Pad",
    examples: &[
        "input x: [1, 2, 3, 3]  layer f = ConstantPad2d(1, 1.5)  output f(x)",
        "input x: [2, 2, 3]  layer f = ConstantPad2d([1, 0, -1, 1], 1.5)  output f(x)",
    ],
    build: |attributes| Pad::layer(&DEF, 2, Border::Constant, attributes),
};
