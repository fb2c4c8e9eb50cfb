//! `AdaptiveMaxPool3d` and `adaptive_max_pool3d`: divides the last three axes into `output_size` spans, and gives the greatest element of each.

use super::pool::{ADAPTIVE_MAX, Pool, adaptive_max};
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "AdaptiveMaxPool3d",
    form: Form::Layer { call: &[Parameter::operand("input", "`[N, C, D, H, W]` or `[C, D, H, W]`")] },
    summary: "Divides the last three axes into `output_size` spans, and gives the greatest element of each.",
    formula: "y[n, c, p] = max x[n, c, i] over ⌊p·size / output_size⌋ ≤ i < ⌈(p + 1)·size / output_size⌉",
    parameters: ADAPTIVE_MAX,
    torch: "torch.nn.AdaptiveMaxPool3d",
    onnx: "",
    examples: &[
        "input x: [1, 2, 3, 4, 3]  layer f = AdaptiveMaxPool3d([2, 3, 2])  output f(x)",
        "input x: [2, 2, 3, 4]  layer f = AdaptiveMaxPool3d([2, none, 1], return_indices=true)  y, at = f(x)  output y",
    ],
    build: |attributes| Pool::adaptive_max(&DEF, 3, attributes),
};

pub(super) static FUNCTION: Def = Def {
    name: "adaptive_max_pool3d",
    form: Form::Function,
    parameters: &adaptive_max("`[N, C, D, H, W]` or `[C, D, H, W]`"),
    torch: "torch.nn.functional.adaptive_max_pool3d",
    examples: &["input x: [1, 2, 3, 4, 3]  output adaptive_max_pool3d(x, 1)"],
    build: |attributes| Pool::adaptive_max(&FUNCTION, 3, attributes),
    ..DEF
};
