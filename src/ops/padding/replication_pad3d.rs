//! `ReplicationPad3d`: repeats the first and last elements of the last three axes.

use super::pads::{LAYER, Pad};
use crate::ops::contract::{Def, Form, Parameter};
use crate::tensor::border::Border;

pub(super) static DEF: Def = Def {
    name: "ReplicationPad3d",
    form: Form::Layer { call: &[Parameter::operand("input", "`[N, C, D, H, W]` or `[C, D, H, W]`")] },
    summary: "Repeats the first and last elements of the last three axes.",
    formula: "y[..., i] = x[..., min(max(i - before, 0), size - 1)]",
    parameters: LAYER,
    torch: "torch.nn.ReplicationPad3d",
    onnx: "Pad",
    examples: &[
        "input x: [1, 1, 2, 3, 2]  layer f = ReplicationPad3d(1)  output f(x)",
        "input x: [1, 2, 3, 2]  layer f = ReplicationPad3d([1, 1, 0, 1, 1, 0])  output f(x)",
    ],
    build: |attributes| Pad::layer(&DEF, 3, Border::Replicate, attributes),
};
