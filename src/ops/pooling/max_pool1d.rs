//! `MaxPool1d` and `max_pool1d`: gives the greatest element in each place of a window along the last axis.

use super::pool::{MAX, Pool, max};
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "MaxPool1d",
    form: Form::Layer { call: &[Parameter::operand("input", "`[N, C, L]` or `[C, L]`")] },
    summary: "Gives the greatest element in each place of a window along the last axis.",
    formula: "y[n, c, p] = max x[n, c, i] over the i in the window at p",
    parameters: MAX,
    torch: "torch.nn.MaxPool1d",
    onnx: "MaxPool",
    examples: &[
        "input x: [2, 3, 7]  layer f = MaxPool1d(2)  output f(x)",
        "input x: [2, 5]  layer f = MaxPool1d(3, stride=1, padding=1, dilation=2)  output f(x)",
        "input x: [2, 3, 7]  layer f = MaxPool1d(3, stride=2, padding=1, ceil_mode=true)  output f(x)",
        "input x: [2, 3, 7]  layer f = MaxPool1d(2, return_indices=true)  y, at = f(x)  output y",
    ],
    build: |attributes| Pool::max(&DEF, 1, attributes),
};

pub(super) static FUNCTION: Def = Def {
    name: "max_pool1d",
    form: Form::Function,
    parameters: &max("`[N, C, L]` or `[C, L]`"),
    torch: "torch.nn.functional.max_pool1d",
    examples: &["input x: [2, 3, 7]  output max_pool1d(x, 2, stride=1)"],
    build: |attributes| Pool::max(&FUNCTION, 1, attributes),
    ..DEF
};
