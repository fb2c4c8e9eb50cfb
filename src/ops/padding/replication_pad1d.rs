//! `ReplicationPad1d`: repeats the first and last elements of the last axis.

use super::pads::{LAYER, Pad};
use crate::ops::contract::{Def, Form, Parameter};
use crate::tensor::border::Border;

pub(super) static DEF: Def = Def {
    name: "ReplicationPad1d",
    form: Form::Layer { call: &[Parameter::operand("input", "`[N, C, L]` or `[C, L]`")] },
    summary: "Repeats the first and last elements of the last axis.",
    formula: "y[..., i] = x[..., min(max(i - before, 0), size - 1)]",
    parameters: LAYER,
    torch: "torch.nn.ReplicationPad1d",
    onnx: "Pad",
    examples: &[
        "input x: [2, 2, 3]  layer f = ReplicationPad1d(1)  output f(x)",
        "input x: [1, 3]  layer f = ReplicationPad1d([2, 0])  output f(x)",
    ],
    build: |attributes| Pad::layer(&DEF, 1, Border::Replicate, attributes),
};
