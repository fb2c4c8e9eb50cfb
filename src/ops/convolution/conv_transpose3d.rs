//! `ConvTranspose3d` and `conv_transpose3d`: every element of the input puts down a kernel on the output.

use super::conv::{Convolution, TRANSPOSED_LAYER, transposed_call, transposed_function};
use crate::ops::contract::{Def, Form};

pub(super) static DEF: Def = Def {
    name: "ConvTranspose3d",
    form: Form::Layer { call: &transposed_call("`[N, in_channels, D, H, W]` or `[in_channels, D, H, W]`") },
    summary: "Puts down a kernel for every element of the input: the gradient of `Conv3d` by its input.",
    formula: "y = bias + Wᵀ x where W is the matrix of a `Conv3d` from y to x, \
              weight [in_channels, out_channels / groups, kD, kH, kW], bias [out_channels]; \
              the size along an axis is (size - 1)·stride - 2·padding + dilation·(kernel_size - 1) + output_padding + 1",
    parameters: TRANSPOSED_LAYER,
    torch: "torch.nn.ConvTranspose3d",
    onnx: "ConvTranspose",
    examples: &[
        "input x: [1, 4, 1, 2, 2]  layer f = ConvTranspose3d(4, 1, 2, stride=[1, 2, 1])  output f(x)",
        "input x: [1, 1, 1, 2]  layer f = ConvTranspose3d(1, 1, [1, 1, 2], stride=[1, 2, 2])  output f(x, output_size=[1, 2, 4])",
    ],
    build: |attributes| Convolution::transposed_layer(&DEF, 3, attributes),
};

pub(super) static FUNCTION: Def = Def {
    name: "conv_transpose3d",
    form: Form::Function,
    parameters: &transposed_function(
        "`[N, in, D, H, W]` or `[in, D, H, W]`",
        "The kernel, `[in, out / groups, kD, kH, kW]`",
    ),
    torch: "torch.nn.functional.conv_transpose3d",
    examples: &["input x: [1, 4, 1, 2, 2]  input w: [4, 1, 2, 2, 1]  input b: [1]  output conv_transpose3d(x, w, b)"],
    build: |attributes| Convolution::transposed_function(&FUNCTION, 3, attributes),
    ..DEF
};
