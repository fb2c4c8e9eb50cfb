//! `ZeroPad1d`: adds zeros at the ends of the last axis.

use super::pads::{LAYER, Pad};
use crate::ops::contract::{Def, Form, Parameter};
use crate::tensor::border::Border;

pub(super) static DEF: Def = Def {
    name: "ZeroPad1d",
    form: Form::Layer { call: &[Parameter::operand("input", "`[..., L]`")] },
    summary: "Adds zeros at the ends of the last axis.",
    formula: "y[..., i] = x[..., i - before], 0 where that is outside",
    parameters: LAYER,
    torch: "torch.nn.ZeroPad1d",
    onnx: "Pad",
    examples: &[
        "input x: [2, 2, 3]  layer f = ZeroPad1d(1)  output f(x)",
        "input x: [1, 3]  layer f = ZeroPad1d([2, 0])  output f(x)",
    ],
    build: |attributes| Pad::layer(&DEF, 1, Border::Constant, attributes),
};
