//! `ConvTranspose2d` and `conv_transpose2d`: every element of the input puts down a kernel on the output.

use super::conv::{Convolution, TRANSPOSED_LAYER, transposed_call, transposed_function};
use crate::ops::contract::{Def, Form};

pub(super) static DEF: Def = Def {
    name: "ConvTranspose2d",
    form: Form::Layer { call: &transposed_call("`[N, in_channels, H, W]` or `[in_channels, H, W]`") },
    summary: "Puts down a kernel for every element of the input: the gradient of `Conv2d` by its input.",
    formula: "y = bias + Wᵀ x where W is the matrix of a `Conv2d` from y to x, \
              weight [in_channels, out_channels / groups, kH, kW], bias [out_channels]; \
              the size along an axis is (size - 1)·stride - 2·padding + dilation·(kernel_size - 1) + output_padding + 1",
    parameters: TRANSPOSED_LAYER,
    torch: "torch.nn.ConvTranspose2d",
    onnx: "ConvTranspose",
    examples: &[
        "input x: [1, 4, 2, 3]  layer f = ConvTranspose2d(4, 2, 2, stride=2)  output f(x)",
        "input x: [2, 3, 2]  layer f = ConvTranspose2d(2, 4, [2, 3], stride=[1, 2], padding=[0, 1], output_padding=[0, 1], groups=2)  output f(x)",
        "input x: [1, 2, 2, 3]  layer f = ConvTranspose2d(2, 1, 3, stride=2, padding=1)  output f(x, output_size=[1, 1, 4, 5])",
    ],
    build: |attributes| Convolution::transposed_layer(&DEF, 2, attributes),
};

pub(super) static FUNCTION: Def = Def {
    name: "conv_transpose2d",
    form: Form::Function,
    parameters: &transposed_function("`[N, in, H, W]` or `[in, H, W]`", "The kernel, `[in, out / groups, kH, kW]`"),
    torch: "torch.nn.functional.conv_transpose2d",
    examples: &[
        "input x: [1, 4, 2, 2]  input w: [4, 1, 2, 2]  input b: [2]  output conv_transpose2d(x, w, b, stride=2, padding=1, output_padding=1, groups=2)",
        "input x: [4, 2, 2]  input w: [4, 1, 2, 3]  output conv_transpose2d(x, w, dilation=2)",
    ],
    build: |attributes| Convolution::transposed_function(&FUNCTION, 2, attributes),
    ..DEF
};
