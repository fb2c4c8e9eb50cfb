//! `ReflectionPad2d`: adds what is mirrored at the first and last elements of the last two axes.

use super::pads::{LAYER, Pad};
use crate::ops::contract::{Def, Form, Parameter};
use crate::tensor::border::Border;

pub(super) static DEF: Def = Def {
    name: "ReflectionPad2d",
    form: Form::Layer { call: &[Parameter::operand("input", "`[N, C, H, W]` or `[C, H, W]`")] },
    summary: "Adds what is mirrored at the first and last elements of the last two axes.",
    formula: "y[..., i] = x[..., |i - before|], and likewise at the other end",
    parameters: LAYER,
    torch: "torch.nn.ReflectionPad2d",
    onnx: "Pad",
    examples: &[
        "input x: [1, 2, 3, 3]  layer f = ReflectionPad2d(1)  output f(x)",
        "input x: [2, 2, 3]  layer f = ReflectionPad2d([1, 0, -1, 1])  output f(x)",
    ],
    build: |attributes| Pad::layer(&DEF, 2, Border::Reflect, attributes),
};
