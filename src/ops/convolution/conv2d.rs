//! `Conv2d` and `conv2d`: a kernel sweeps along the last two axes.

use super::conv::{Convolution, LAYER, function};
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "Conv2d",
    form: Form::Layer { call: &[Parameter::operand("input", "`[N, in_channels, H, W]` or `[in_channels, H, W]`")] },
    summary: "Sweeps a kernel along the last two axes, and maps what it covers, all channels together.",
    formula: "y[n, o, p] = bias[o] + Σ weight[o, c, t] x[n, c, p·stride + t·dilation - padding] over c and t, \
              p and t of two axes, weight [out_channels, in_channels / groups, kH, kW], bias [out_channels]",
    parameters: LAYER,
    torch: "torch.nn.Conv2d",
    onnx: "Conv",
    examples: &[
        "input x: [2, 2, 4, 3]  layer f = Conv2d(2, 3, 2)  output f(x)",
        "input x: [3, 4, 5]  layer f = Conv2d(3, 2, [3, 2], stride=[2, 1], padding=[1, 2], dilation=[1, 2], bias=false)  output f(x)",
        "input x: [1, 3, 4, 4]  layer f = Conv2d(3, 6, 3, padding=\"same\", groups=3)  output f(x)",
        "input x: [1, 1, 3, 4]  layer f = Conv2d(1, 4, 3, padding=1, padding_mode=\"reflect\")  output f(x)",
        "input x: [1, 2, 3, 3]  layer f = Conv2d(2, 4, 1)  output f(x)",
    ],
    build: |attributes| Convolution::layer(&DEF, 2, attributes),
};

pub(super) static FUNCTION: Def = Def {
    name: "conv2d",
    form: Form::Function,
    parameters: &function("`[N, in, H, W]` or `[in, H, W]`", "The kernel, `[out, in / groups, kH, kW]`"),
    torch: "torch.nn.functional.conv2d",
    examples: &[
        "input x: [1, 2, 4, 3]  input w: [4, 2, 2, 2]  input b: [4]  output conv2d(x, w, b)",
        "input x: [2, 4, 4]  input w: [2, 1, 3, 3]  output conv2d(x, w, stride=2, padding=\"valid\", groups=2)",
    ],
    build: |attributes| Convolution::function(&FUNCTION, 2, attributes),
    ..DEF
};
