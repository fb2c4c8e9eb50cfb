//! `ConvTranspose1d` and `conv_transpose1d`: every element of the input puts down a kernel on the output.

use super::conv::{Convolution, TRANSPOSED_LAYER, transposed_call, transposed_function};
use crate::ops::contract::{Def, Form};

pub(super) static DEF: Def = Def {
    name: "ConvTranspose1d",
    form: Form::Layer { call: &transposed_call("`[N, in_channels, L]` or `[in_channels, L]`") },
    summary: "Puts down a kernel for every element of the input: the gradient of `Conv1d` by its input.",
    formula: "y = bias + Wᵀ x where W is the matrix of a `Conv1d` from y to x, \
              weight [in_channels, out_channels / groups, k], bias [out_channels]; \
              the size along an axis is (size - 1)·stride - 2·padding + dilation·(kernel_size - 1) + output_padding + 1",
    parameters: TRANSPOSED_LAYER,
    torch: "torch.nn.ConvTranspose1d",
    onnx: "ConvTranspose",
    examples: &[
        "input x: [2, 2, 3]  layer f = ConvTranspose1d(2, 3, 3, stride=2, padding=1, output_padding=1)  output f(x)",
        "input x: [4, 3]  layer f = ConvTranspose1d(4, 2, 2, groups=2, bias=false, dilation=2)  output f(x)",
        "input x: [1, 2, 3]  layer f = ConvTranspose1d(2, 1, 3, stride=3)  output f(x, output_size=11)",
    ],
    build: |attributes| Convolution::transposed_layer(&DEF, 1, attributes),
};

pub(super) static FUNCTION: Def = Def {
    name: "conv_transpose1d",
    form: Form::Function,
    parameters: &transposed_function("`[N, in, L]` or `[in, L]`", "The kernel, `[in, out / groups, k]`"),
    torch: "torch.nn.functional.conv_transpose1d",
    examples: &["input x: [2, 4, 3]  input w: [4, 2, 3]  input b: [2]  output conv_transpose1d(x, w, b, stride=2)"],
    build: |attributes| Convolution::transposed_function(&FUNCTION, 1, attributes),
    ..DEF
};
