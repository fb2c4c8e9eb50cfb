//! `AdaptiveMaxPool2d` and `adaptive_max_pool2d`: divides the last two axes into `output_size` spans, and gives the greatest element of each.

use super::pool::{ADAPTIVE_MAX, Pool, adaptive_max};
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "AdaptiveMaxPool2d",
    form: Form::Layer { call: &[Parameter::operand("input", "`[N, C, H, W]` or `[C, H, W]`")] },
    summary: "Divides the last two axes into `output_size` spans, and gives the greatest element of each.",
    formula: "y[n, c, p] = max x[n, c, i] over ⌊p·size / output_size⌋ ≤ i < ⌈(p + 1)·size / output_size⌉",
    parameters: ADAPTIVE_MAX,
    torch: "torch.nn.AdaptiveMaxPool2d",
    onnx: "",
    examples: &[
        "input x: [1, 2, 4, 5]  layer f = AdaptiveMaxPool2d([3, 2])  output f(x)",
        "input x: [2, 5, 4]  layer f = AdaptiveMaxPool2d([none, 3], return_indices=true)  y, at = f(x)  output y",
    ],
    build: |attributes| Pool::adaptive_max(&DEF, 2, attributes),
};

pub(super) static FUNCTION: Def = Def {
    name: "adaptive_max_pool2d",
    form: Form::Function,
    parameters: &adaptive_max("`[N, C, H, W]` or `[C, H, W]`"),
    torch: "torch.nn.functional.adaptive_max_pool2d",
    examples: &["input x: [1, 2, 4, 5]  output adaptive_max_pool2d(x, 1)"],
    build: |attributes| Pool::adaptive_max(&FUNCTION, 2, attributes),
    ..DEF
};
