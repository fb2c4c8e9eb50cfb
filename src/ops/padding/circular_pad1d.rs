//! `CircularPad1d`: adds what stands at the other end of the last axis.

use super::pads::{LAYER, Pad};
use crate::ops::contract::{Def, Form, Parameter};
use crate::tensor::border::Border;

pub(super) static DEF: Def = Def {
    name: "CircularPad1d",
    form: Form::Layer { call: &[Parameter::operand("input", "`[N, C, L]` or `[C, L]`")] },
    summary: "Adds what stands at the other end of the last axis.",
    formula: "y[..., i] = x[..., (i - before) mod size]",
    parameters: LAYER,
    torch: "torch.nn.CircularPad1d",
    onnx: "Pad",
    examples: &[
        "input x: [2, 2, 3]  layer f = CircularPad1d(1)  output f(x)",
        "input x: [1, 3]  layer f = CircularPad1d([2, 0])  output f(x)",
    ],
    build: |attributes| Pad::layer(&DEF, 1, Border::Circular, attributes),
};
