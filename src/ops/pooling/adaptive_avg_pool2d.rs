//! `AdaptiveAvgPool2d` and `adaptive_avg_pool2d`: divides the last two axes into `output_size` spans, and gives the mean of each.

use super::pool::{ADAPTIVE_MEAN, Pool, adaptive_mean};
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "AdaptiveAvgPool2d",
    form: Form::Layer { call: &[Parameter::operand("input", "`[N, C, H, W]` or `[C, H, W]`")] },
    summary: "Divides the last two axes into `output_size` spans, and gives the mean of each.",
    formula: "y[n, c, p] = mean x[n, c, i] over ⌊p·size / output_size⌋ ≤ i < ⌈(p + 1)·size / output_size⌉",
    parameters: ADAPTIVE_MEAN,
    torch: "torch.nn.AdaptiveAvgPool2d",
    onnx: "",
    examples: &[
        "input x: [1, 2, 4, 5]  layer f = AdaptiveAvgPool2d([3, 2])  output f(x)",
        "input x: [2, 5, 4]  layer f = AdaptiveAvgPool2d([none, 3])  output f(x)",
    ],
    build: |attributes| Pool::adaptive_mean(&DEF, 2, attributes),
};

pub(super) static FUNCTION: Def = Def {
    name: "adaptive_avg_pool2d",
    form: Form::Function,
    parameters: &adaptive_mean("`[N, C, H, W]` or `[C, H, W]`"),
    torch: "torch.nn.functional.adaptive_avg_pool2d",
    examples: &["input x: [1, 2, 4, 5]  output adaptive_avg_pool2d(x, 1)"],
    build: |attributes| Pool::adaptive_mean(&FUNCTION, 2, attributes),
    ..DEF
};
