//! `Conv3d` and `conv3d`: a kernel sweeps along the last three axes.

use super::conv::{Convolution, LAYER, function};
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "Conv3d",
    form: Form::Layer {
        call: &[Parameter::operand("input", "`[N, in_channels, D, H, W]` or `[in_channels, D, H, W]`")],
    },
    summary: "Sweeps a kernel along the last three axes, and maps what it covers, all channels together.",
    formula: "y[n, o, p] = bias[o] + Σ weight[o, c, t] x[n, c, p·stride + t·dilation - padding] over c and t, \
              p and t of three axes, weight [out_channels, in_channels / groups, kD, kH, kW], bias [out_channels]",
    parameters: LAYER,
    torch: "torch.nn.Conv3d",
    onnx: "Conv",
    examples: &[
        "input x: [1, 2, 2, 3, 3]  layer f = Conv3d(2, 4, 2)  output f(x)",
        "input x: [1, 3, 3, 2]  layer f = Conv3d(1, 2, [2, 1, 2], stride=2, padding=1)  output f(x)",
    ],
    build: |attributes| Convolution::layer(&DEF, 3, attributes),
};

pub(super) static FUNCTION: Def = Def {
    name: "conv3d",
    form: Form::Function,
    parameters: &function("`[N, in, D, H, W]` or `[in, D, H, W]`", "The kernel, `[out, in / groups, kD, kH, kW]`"),
    torch: "torch.nn.functional.conv3d",
    examples: &[
        "input x: [1, 1, 2, 3, 3]  input w: [4, 1, 2, 2, 2]  input b: [4]  output conv3d(x, w, b, padding=[0, 1, 0])",
    ],
    build: |attributes| Convolution::function(&FUNCTION, 3, attributes),
    ..DEF
};
