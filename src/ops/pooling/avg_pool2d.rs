//! `AvgPool2d` and `avg_pool2d`: gives the mean of the elements in each place of a window along the last two axes.

use super::pool::{MEAN, Pool, mean};
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "AvgPool2d",
    form: Form::Layer { call: &[Parameter::operand("input", "`[N, C, H, W]` or `[C, H, W]`")] },
    summary: "Gives the mean of the elements in each place of a window along the last two axes.",
    formula: "y[n, c, p] = mean x[n, c, i] over the i in the window at p",
    parameters: MEAN,
    torch: "torch.nn.AvgPool2d",
    onnx: "AveragePool",
    examples: &[
        "input x: [1, 2, 4, 5]  layer f = AvgPool2d(2)  output f(x)",
        "input x: [2, 5, 4]  layer f = AvgPool2d([3, 2], stride=1, padding=[1, 0], count_include_pad=false)  output f(x)",
        "input x: [1, 2, 4, 5]  layer f = AvgPool2d(3, stride=2, padding=1, ceil_mode=true)  output f(x)",
        "input x: [1, 2, 4, 5]  layer f = AvgPool2d(2, divisor_override=3)  output f(x)",
    ],
    build: |attributes| Pool::mean(&DEF, 2, attributes),
};

pub(super) static FUNCTION: Def = Def {
    name: "avg_pool2d",
    form: Form::Function,
    parameters: &mean("`[N, C, H, W]` or `[C, H, W]`"),
    torch: "torch.nn.functional.avg_pool2d",
    examples: &["input x: [1, 2, 4, 5]  output avg_pool2d(x, 2, stride=1)"],
    build: |attributes| Pool::mean(&FUNCTION, 2, attributes),
    ..DEF
};
