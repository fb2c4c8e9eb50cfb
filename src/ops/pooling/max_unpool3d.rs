//! `MaxUnpool3d` and `max_unpool3d`: puts the elements of a `MaxPool3d` back to where they came from, along the last three axes.

use super::unpool::{INDICES, KERNEL_SIZE, OUTPUT_SIZE, PADDING, STRIDE, Unpool};
use crate::ops::contract::{Def, Form, Parameter};

const INPUT: Parameter = Parameter::operand("input", "`[N, C, D, H, W]` or `[C, D, H, W]`");

pub(super) static DEF: Def = Def {
    name: "MaxUnpool3d",
    form: Form::Layer { call: &[INPUT, INDICES, OUTPUT_SIZE] },
    summary: "Puts the elements of a `MaxPool3d` back to the places that its indices name, and 0 elsewhere.",
    formula: "y[n, c, indices[n, c, p]] = x[n, c, p], else 0; (size - 1) stride - 2 padding + kernel_size along each axis unless `output_size` says otherwise",
    parameters: &[KERNEL_SIZE, STRIDE, PADDING],
    torch: "torch.nn.MaxUnpool3d",
    onnx: "MaxUnpool",
    examples: &[
        "input x: [1, 1, 2, 4, 2]  y, at = max_pool3d(x, 2, return_indices=true)  layer f = MaxUnpool3d(2)  output f(y, at)",
        "input x: [2, 2, 3, 4]  y, at = max_pool3d(x, [1, 3, 2], padding=[0, 1, 1], return_indices=true)  layer f = MaxUnpool3d([1, 3, 2], padding=[0, 1, 1])  output f(y, at, output_size=[2, 3, 4])",
    ],
    build: |attributes| Unpool::build(&DEF, 3, attributes),
};

pub(super) static FUNCTION: Def = Def {
    name: "max_unpool3d",
    form: Form::Function,
    parameters: &[INPUT, INDICES, KERNEL_SIZE, STRIDE, PADDING, OUTPUT_SIZE],
    torch: "torch.nn.functional.max_unpool3d",
    examples: &[
        "input x: [1, 1, 2, 4, 2]  y, at = max_pool3d(x, 2, return_indices=true)  output max_unpool3d(y, at, 2)",
    ],
    build: |attributes| Unpool::build(&FUNCTION, 3, attributes),
    ..DEF
};
