//! `ReplicationPad2d`: repeats the first and last elements of the last two axes.

use super::pads::{LAYER, Pad};
use crate::ops::contract::{Def, Form, Parameter};
use crate::tensor::border::Border;

pub(super) static DEF: Def = Def {
    name: "ReplicationPad2d",
    form: Form::Layer { call: &[Parameter::operand("input", "`[N, C, H, W]` or `[C, H, W]`")] },
    summary: "Repeats the first and last elements of the last two axes.",
    formula: "y[..., i] = x[..., min(max(i - before, 0), size - 1)]",
    parameters: LAYER,
    torch: "torch.nn.ReplicationPad2d",
    onnx: "Pad",
    examples: &[
        "input x: [1, 2, 3, 3]  layer f = ReplicationPad2d(1)  output f(x)",
        "input x: [2, 2, 3]  layer f = ReplicationPad2d([1, 0, -1, 1])  output f(x)",
    ],
    build: |attributes| Pad::layer(&DEF, 2, Border::Replicate, attributes),
};
