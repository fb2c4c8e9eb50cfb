//! `AvgPool1d` and `avg_pool1d`: gives the mean of the elements in each place of a window along the last axis.

use super::pool::{MEAN_1D, Pool, mean_1d};
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "AvgPool1d",
    form: Form::Layer { call: &[Parameter::operand("input", "`[N, C, L]` or `[C, L]`")] },
    summary: "Gives the mean of the elements in each place of a window along the last axis.",
    formula: "y[n, c, p] = mean x[n, c, i] over the i in the window at p",
    parameters: MEAN_1D,
    torch: "torch.nn.AvgPool1d",
    onnx: "AveragePool",
    examples: &[
        "input x: [2, 3, 7]  layer f = AvgPool1d(2)  output f(x)",
        "input x: [2, 5]  layer f = AvgPool1d(3, stride=1, padding=1, count_include_pad=false)  output f(x)",
        "input x: [2, 3, 7]  layer f = AvgPool1d(3, stride=2, padding=1, ceil_mode=true)  output f(x)",
    ],
    build: |attributes| Pool::mean(&DEF, 1, attributes),
};

pub(super) static FUNCTION: Def = Def {
    name: "avg_pool1d",
    form: Form::Function,
    parameters: &mean_1d("`[N, C, L]` or `[C, L]`"),
    torch: "torch.nn.functional.avg_pool1d",
    examples: &["input x: [2, 3, 7]  output avg_pool1d(x, 2, stride=1)"],
    build: |attributes| Pool::mean(&FUNCTION, 1, attributes),
    ..DEF
};
