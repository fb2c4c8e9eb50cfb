//! `MaxPool3d` and `max_pool3d`: gives the greatest element in each place of a window along the last three axes.

use super::pool::{MAX, Pool, max};
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "MaxPool3d",
    form: Form::Layer { call: &[Parameter::operand("input", "`[N, C, D, H, W]` or `[C, D, H, W]`")] },
    summary: "Gives the greatest element in each place of a window along the last three axes.",
    formula: "y[n, c, p] = max x[n, c, i] over the i in the window at p",
    parameters: MAX,
    torch: "torch.nn.MaxPool3d",
    onnx: "MaxPool",
    examples: &[
        "input x: [1, 2, 3, 4, 3]  layer f = MaxPool3d(2)  output f(x)",
        "input x: [2, 2, 3, 4]  layer f = MaxPool3d([1, 3, 2], stride=1, padding=[0, 1, 0])  output f(x)",
        "input x: [1, 2, 3, 4, 3]  layer f = MaxPool3d(3, stride=2, padding=1, ceil_mode=true)  output f(x)",
        "input x: [1, 2, 3, 4, 3]  layer f = MaxPool3d(2, return_indices=true)  y, at = f(x)  output y",
    ],
    build: |attributes| Pool::max(&DEF, 3, attributes),
};

pub(super) static FUNCTION: Def = Def {
    name: "max_pool3d",
    form: Form::Function,
    parameters: &max("`[N, C, D, H, W]` or `[C, D, H, W]`"),
    torch: "torch.nn.functional.max_pool3d",
    examples: &["input x: [1, 2, 3, 4, 3]  output max_pool3d(x, 2, stride=1)"],
    build: |attributes| Pool::max(&FUNCTION, 3, attributes),
    ..DEF
};
