//! `MaxUnpool2d` and `max_unpool2d`: puts the elements of a `MaxPool2d` back to where they came from, along the last two axes.

use super::unpool::{INDICES, KERNEL_SIZE, OUTPUT_SIZE, PADDING, STRIDE, Unpool};
use crate::ops::contract::{Def, Form, Parameter};

const INPUT: Parameter = Parameter::operand("input", "`[N, C, H, W]` or `[C, H, W]`");

pub(super) static DEF: Def = Def {
    name: "MaxUnpool2d",
    form: Form::Layer { call: &[INPUT, INDICES, OUTPUT_SIZE] },
    summary: "Puts the elements of a `MaxPool2d` back to the places that its indices name, and 0 elsewhere.",
    formula: "y[n, c, indices[n, c, p]] = x[n, c, p], else 0; (size - 1) stride - 2 padding + kernel_size along each axis unless `output_size` says otherwise",
    parameters: &[KERNEL_SIZE, STRIDE, PADDING],
    torch: "torch.nn.MaxUnpool2d",
    onnx: "MaxUnpool",
    examples: &[
        "input x: [1, 2, 4, 6]  y, at = max_pool2d(x, 2, return_indices=true)  layer f = MaxUnpool2d(2)  output f(y, at)",
        "input x: [2, 5, 4]  y, at = max_pool2d(x, [3, 2], stride=2, padding=[1, 0], return_indices=true)  layer f = MaxUnpool2d([3, 2], stride=2, padding=[1, 0])  output f(y, at, output_size=[5, 4])",
    ],
    build: |attributes| Unpool::build(&DEF, 2, attributes),
};

pub(super) static FUNCTION: Def = Def {
    name: "max_unpool2d",
    form: Form::Function,
    parameters: &[INPUT, INDICES, KERNEL_SIZE, STRIDE, PADDING, OUTPUT_SIZE],
    torch: "torch.nn.functional.max_unpool2d",
    examples: &["input x: [1, 2, 4, 6]  y, at = max_pool2d(x, 2, return_indices=true)  output max_unpool2d(y, at, 2)"],
    build: |attributes| Unpool::build(&FUNCTION, 2, attributes),
    ..DEF
};
