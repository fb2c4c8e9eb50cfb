//! `Conv1d` and `conv1d`: a kernel sweeps along the last axis.

use super::conv::{Convolution, LAYER, function};
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "Conv1d",
    form: Form::Layer { call: &[Parameter::operand("input", "`[N, in_channels, L]` or `[in_channels, L]`")] },
    summary: "Sweeps a kernel along the last axis, and maps what it covers, all channels together.",
    formula: "y[n, o, p] = bias[o] + Σ weight[o, c, t] x[n, c, p·stride + t·dilation - padding] over c and t, \
              p and t of one axis, weight [out_channels, in_channels / groups, k], bias [out_channels]",
    parameters: LAYER,
    torch: "torch.nn.Conv1d",
    onnx: "Conv",
    examples: &[
        "input x: [2, 2, 5]  layer f = Conv1d(2, 3, 3)  output f(x)",
        "input x: [2, 7]  layer f = Conv1d(2, 4, 2, stride=2, padding=1, dilation=3, groups=2, bias=false)  output f(x)",
        "input x: [1, 2, 4]  layer f = Conv1d(2, 3, 4, padding=\"same\", padding_mode=\"circular\")  output f(x)",
    ],
    build: |attributes| Convolution::layer(&DEF, 1, attributes),
};

pub(super) static FUNCTION: Def = Def {
    name: "conv1d",
    form: Form::Function,
    parameters: &function("`[N, in, L]` or `[in, L]`", "The kernel, `[out, in / groups, k]`"),
    torch: "torch.nn.functional.conv1d",
    examples: &[
        "input x: [2, 2, 5]  input w: [3, 2, 3]  input b: [3]  output conv1d(x, w, b, padding=1)",
        "input x: [2, 6]  input w: [4, 1, 2]  output conv1d(x, w, stride=2, dilation=2, groups=2)",
    ],
    build: |attributes| Convolution::function(&FUNCTION, 1, attributes),
    ..DEF
};
