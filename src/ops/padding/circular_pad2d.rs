//! `CircularPad2d`: adds what stands at the other end of the last two axes.

use super::pads::{LAYER, Pad};
use crate::ops::contract::{Def, Form, Parameter};
use crate::tensor::border::Border;

pub(super) static DEF: Def = Def {
    name: "CircularPad2d",
    form: Form::Layer { call: &[Parameter::operand("input", "`[N, C, H, W]` or `[C, H, W]`")] },
    summary: "Adds what stands at the other end of the last two axes.",
    formula: "y[..., i] = x[..., (i - before) mod size]",
    parameters: LAYER,
    torch: "torch.nn.CircularPad2d",
    onnx: "Pad",
    examples: &[
        "input x: [1, 2, 3, 3]  layer f = CircularPad2d(1)  output f(x)",
        "input x: [2, 2, 3]  layer f = CircularPad2d([1, 0, -1, 1])  output f(x)",
    ],
    build: |attributes| Pad::layer(&DEF, 2, Border::Circular, attributes),
};
