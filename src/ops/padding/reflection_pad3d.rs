//! `ReflectionPad3d`: adds what is mirrored at the first and last elements of the last three axes.

use super::pads::{LAYER, Pad};
use crate::ops::contract::{Def, Form, Parameter};
use crate::tensor::border::Border;

pub(super) static DEF: Def = Def {
    name: "ReflectionPad3d",
    form: Form::Layer { call: &[Parameter::operand("input", "`[N, C, D, H, W]` or `[C, D, H, W]`")] },
    summary: "Adds what is mirrored at the first and last elements of the last three axes.",
    formula: "y[..., i] = x[..., |i - before|], and likewise at the other end",
    parameters: LAYER,
    torch: "torch.nn.ReflectionPad3d",
    onnx: "Pad",
    examples: &[
        "input x: [1, 1, 2, 3, 2]  layer f = ReflectionPad3d(1)  output f(x)",
        "input x: [1, 2, 3, 2]  layer f = ReflectionPad3d([1, 1, 0, 1, 1, 0])  output f(x)",
    ],
    build: |attributes| Pad::layer(&DEF, 3, Border::Reflect, attributes),
};
