//! `AdaptiveAvgPool1d` and `adaptive_avg_pool1d`: divides the last axis into `output_size` spans, and gives the mean of each.

use super::pool::{ADAPTIVE_MEAN, Pool, adaptive_mean};
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "AdaptiveAvgPool1d",
    form: Form::Layer { call: &[Parameter::operand("input", "`[N, C, L]` or `[C, L]`")] },
    summary: "Divides the last axis into `output_size` spans, and gives the mean of each.",
    formula: "y[n, c, p] = mean x[n, c, i] over ⌊p·size / output_size⌋ ≤ i < ⌈(p + 1)·size / output_size⌉",
    parameters: ADAPTIVE_MEAN,
    torch: "torch.nn.AdaptiveAvgPool1d",
    onnx: "",
    examples: &[
        "input x: [2, 3, 7]  layer f = AdaptiveAvgPool1d(3)  output f(x)",
        "input x: [2, 5]  layer f = AdaptiveAvgPool1d([none])  output f(x)",
    ],
    build: |attributes| Pool::adaptive_mean(&DEF, 1, attributes),
};

pub(super) static FUNCTION: Def = Def {
    name: "adaptive_avg_pool1d",
    form: Form::Function,
    parameters: &adaptive_mean("`[N, C, L]` or `[C, L]`"),
    torch: "torch.nn.functional.adaptive_avg_pool1d",
    examples: &["input x: [2, 3, 7]  output adaptive_avg_pool1d(x, 1)"],
    build: |attributes| Pool::adaptive_mean(&FUNCTION, 1, attributes),
    ..DEF
};
