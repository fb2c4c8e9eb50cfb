//! `AdaptiveAvgPool3d` and `adaptive_avg_pool3d`: divides the last three axes into `output_size` spans, and gives the mean of each.

use super::pool::{ADAPTIVE_MEAN, Pool, adaptive_mean};
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "AdaptiveAvgPool3d",
    form: Form::Layer { call: &[Parameter::operand("input", "`[N, C, D, H, W]` or `[C, D, H, W]`")] },
    summary: "Divides the last three axes into `output_size` spans, and gives the mean of each.",
    formula: "y[n, c, p] = mean x[n, c, i] over ⌊p·size / output_size⌋ ≤ i < ⌈(p + 1)·size / output_size⌉",
    parameters: ADAPTIVE_MEAN,
    torch: "torch.nn.AdaptiveAvgPool3d",
    onnx: "",
    examples: &[
        "input x: [1, 2, 3, 4, 3]  layer f = AdaptiveAvgPool3d([2, 3, 2])  output f(x)",
        "input x: [2, 2, 3, 4]  layer f = AdaptiveAvgPool3d([2, none, 1])  output f(x)",
    ],
    build: |attributes| Pool::adaptive_mean(&DEF, 3, attributes),
};

pub(super) static FUNCTION: Def = Def {
    name: "adaptive_avg_pool3d",
    form: Form::Function,
    parameters: &adaptive_mean("`[N, C, D, H, W]` or `[C, D, H, W]`"),
    torch: "torch.nn.functional.adaptive_avg_pool3d",
    examples: &["input x: [1, 2, 3, 4, 3]  output adaptive_avg_pool3d(x, 1)"],
    build: |attributes| Pool::adaptive_mean(&FUNCTION, 3, attributes),
    ..DEF
};
