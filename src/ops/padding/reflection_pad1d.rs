//! `ReflectionPad1d`: adds what is mirrored at the first and last elements of the last axis.

use super::pads::{LAYER, Pad};
use crate::ops::contract::{Def, Form, Parameter};
use crate::tensor::border::Border;

pub(super) static DEF: Def = Def {
    name: "ReflectionPad1d",
    form: Form::Layer { call: &[Parameter::operand("input", "`[N, C, L]` or `[C, L]`")] },
    summary: "Adds what is mirrored at the first and last elements of the last axis.",
    formula: "y[..., i] = x[..., |i - before|], and likewise at the other end",
    parameters: LAYER,
    torch: "torch.nn.ReflectionPad1d",
    onnx: "Pad",
    examples: &[
        "input x: [2, 2, 3]  layer f = ReflectionPad1d(1)  output f(x)",
        "input x: [1, 3]  layer f = ReflectionPad1d([2, 0])  output f(x)",
    ],
    build: |attributes| Pad::layer(&DEF, 1, Border::Reflect, attributes),
};
