//! `AvgPool3d` and `avg_pool3d`: gives the mean of the elements in each place of a window along the last three axes.

use super::pool::{MEAN, Pool, mean};
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "AvgPool3d",
    form: Form::Layer { call: &[Parameter::operand("input", "`[N, C, D, H, W]` or `[C, D, H, W]`")] },
    summary: "Gives the mean of the elements in each place of a window along the last three axes.",
    formula: "y[n, c, p] = mean x[n, c, i] over the i in the window at p",
    parameters: MEAN,
    torch: "torch.nn.AvgPool3d",
    onnx: "AveragePool",
    examples: &[
        "input x: [1, 2, 3, 4, 3]  layer f = AvgPool3d(2)  output f(x)",
        "input x: [2, 2, 3, 4]  layer f = AvgPool3d([1, 3, 2], stride=1, padding=[0, 1, 0], count_include_pad=false)  output f(x)",
        "input x: [1, 2, 3, 4, 3]  layer f = AvgPool3d(3, stride=2, padding=1, ceil_mode=true)  output f(x)",
        "input x: [1, 2, 3, 4, 3]  layer f = AvgPool3d(2, divisor_override=3)  output f(x)",
    ],
    build: |attributes| Pool::mean(&DEF, 3, attributes),
};

pub(super) static FUNCTION: Def = Def {
    name: "avg_pool3d",
    form: Form::Function,
    parameters: &mean("`[N, C, D, H, W]` or `[C, D, H, W]`"),
    torch: "torch.nn.functional.avg_pool3d",
    examples: &["input x: [1, 2, 3, 4, 3]  output avg_pool3d(x, 2, stride=1)"],
    build: |attributes| Pool::mean(&FUNCTION, 3, attributes),
    ..DEF
};
