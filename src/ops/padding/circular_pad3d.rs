//! `CircularPad3d`: adds what stands at the other end of the last three axes.

use super::pads::{LAYER, Pad};
use crate::ops::contract::{Def, Form, Parameter};
use crate::tensor::border::Border;

pub(super) static DEF: Def = Def {
    name: "CircularPad3d",
    form: Form::Layer { call: &[Parameter::operand("input", "`[N, C, D, H, W]` or `[C, D, H, W]`")] },
    summary: "Adds what stands at the other end of the last three axes.",
    formula: "y[..., i] = x[..., (i - before) mod size]",
    parameters: LAYER,
    torch: "torch.nn.CircularPad3d",
    onnx: "Pad",
    examples: &[
        "input x: [1, 1, 2, 3, 2]  layer f = CircularPad3d(1)  output f(x)",
        "input x: [1, 2, 3, 2]  layer f = CircularPad3d([1, 1, 0, 1, 1, 0])  output f(x)",
    ],
    build: |attributes| Pad::layer(&DEF, 3, Border::Circular, attributes),
};
