//! `MaxPool2d` and `max_pool2d`: gives the greatest element in each place of a window along the last two axes.

use super::pool::{MAX, Pool, max};
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "MaxPool2d",
    form: Form::Layer { call: &[Parameter::operand("input", "`[N, C, H, W]` or `[C, H, W]`")] },
    summary: "Gives the greatest element in each place of a window along the last two axes.",
    formula: "y[n, c, p] = max x[n, c, i] over the i in the window at p",
    parameters: MAX,
    torch: "torch.nn.MaxPool2d",
    onnx: "MaxPool",
    examples: &[
        "input x: [1, 2, 4, 5]  layer f = MaxPool2d(2)  output f(x)",
        "input x: [2, 5, 4]  layer f = MaxPool2d([3, 2], stride=1, padding=[1, 0], dilation=2)  output f(x)",
        "input x: [1, 2, 4, 5]  layer f = MaxPool2d(3, stride=2, padding=1, ceil_mode=true)  output f(x)",
        "input x: [1, 2, 4, 5]  layer f = MaxPool2d(2, return_indices=true)  y, at = f(x)  output y",
    ],
    build: |attributes| Pool::max(&DEF, 2, attributes),
};

pub(super) static FUNCTION: Def = Def {
    name: "max_pool2d",
    form: Form::Function,
    parameters: &max("`[N, C, H, W]` or `[C, H, W]`"),
    torch: "torch.nn.functional.max_pool2d",
    examples: &["input x: [1, 2, 4, 5]  output max_pool2d(x, 2, stride=1)"],
    build: |attributes| Pool::max(&FUNCTION, 2, attributes),
    ..DEF
};
