//! `ConstantPad1d`: adds a constant at the ends of the last axis.

use super::pads::{CONSTANT, Pad};
use crate::ops::contract::{Def, Form, Parameter};
use crate::tensor::border::Border;

pub(super) static DEF: Def = Def {
    name: "ConstantPad1d",
    form: Form::Layer { call: &[Parameter::operand("input", "`[..., L]`")] },
    summary: "Adds a constant at the ends of the last axis.",
    formula: "y[..., i] = x[..., i - before], value where that is outside",
    parameters: CONSTANT,
    torch: "torch.nn.ConstantPad1d",
    onnx: "Pad",
    examples: &[
        "input x: [2, 2, 3]  layer f = ConstantPad1d(1, 1.5)  output f(x)",
        "input x: [1, 3]  layer f = ConstantPad1d([2, 0], 1.5)  output f(x)",
    ],
    build: |attributes| Pad::layer(&DEF, 1, Border::Constant, attributes),
};
