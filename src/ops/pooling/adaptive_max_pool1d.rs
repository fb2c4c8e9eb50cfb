//! `AdaptiveMaxPool1d` and `adaptive_max_pool1d`: divides the last axis into `output_size` spans, and gives the greatest element of each.

use super::pool::{ADAPTIVE_MAX, Pool, adaptive_max};
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "AdaptiveMaxPool1d",
    form: Form::Layer { call: &[Parameter::operand("input", "`[N, C, L]` or `[C, L]`")] },
    summary: "Divides the last axis into `output_size` spans, and gives the greatest element of each.",
    formula: "y[n, c, p] = max x[n, c, i] over ⌊p·size / output_size⌋ ≤ i < ⌈(p + 1)·size / output_size⌉",
    parameters: ADAPTIVE_MAX,
    torch: "torch.nn.AdaptiveMaxPool1d",
    onnx: "",
    examples: &[
        "input x: [2, 3, 7]  layer f = AdaptiveMaxPool1d(3)  output f(x)",
        "input x: [2, 5]  layer f = AdaptiveMaxPool1d([none], return_indices=true)  y, at = f(x)  output y",
    ],
    build: |attributes| Pool::adaptive_max(&DEF, 1, attributes),
};

pub(super) static FUNCTION: Def = Def {
    name: "adaptive_max_pool1d",
    form: Form::Function,
    parameters: &adaptive_max("`[N, C, L]` or `[C, L]`"),
    torch: "torch.nn.functional.adaptive_max_pool1d",
    examples: &["input x: [2, 3, 7]  output adaptive_max_pool1d(x, 1)"],
    build: |attributes| Pool::adaptive_max(&FUNCTION, 1, attributes),
    ..DEF
};
