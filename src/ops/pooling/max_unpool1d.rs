//! `MaxUnpool1d` and `max_unpool1d`: puts the elements of a `MaxPool1d` back to where they came from, along the last axis.

use super::unpool::{INDICES, KERNEL_SIZE, OUTPUT_SIZE, PADDING, STRIDE, Unpool};
use crate::ops::contract::{Def, Form, Parameter};

const INPUT: Parameter = Parameter::operand("input", "`[N, C, L]` or `[C, L]`");

pub(super) static DEF: Def = Def {
    name: "MaxUnpool1d",
    form: Form::Layer { call: &[INPUT, INDICES, OUTPUT_SIZE] },
    summary: "Puts the elements of a `MaxPool1d` back to the places that its indices name, and 0 elsewhere.",
    formula: "y[n, c, indices[n, c, p]] = x[n, c, p], else 0; (size - 1) stride - 2 padding + kernel_size along each axis unless `output_size` says otherwise",
    parameters: &[KERNEL_SIZE, STRIDE, PADDING],
    torch: "torch.nn.MaxUnpool1d",
    onnx: "MaxUnpool",
    examples: &[
        "input x: [2, 3, 6]  y, at = max_pool1d(x, 2, return_indices=true)  layer f = MaxUnpool1d(2)  output f(y, at)",
        "input x: [2, 7]  y, at = max_pool1d(x, 3, stride=2, padding=1, return_indices=true)  layer f = MaxUnpool1d(3, stride=2, padding=1)  output f(y, at, output_size=[7])",
    ],
    build: |attributes| Unpool::build(&DEF, 1, attributes),
};

pub(super) static FUNCTION: Def = Def {
    name: "max_unpool1d",
    form: Form::Function,
    parameters: &[INPUT, INDICES, KERNEL_SIZE, STRIDE, PADDING, OUTPUT_SIZE],
    torch: "torch.nn.functional.max_unpool1d",
    examples: &["input x: [2, 3, 6]  y, at = max_pool1d(x, 2, return_indices=true)  output max_unpool1d(y, at, 2)"],
    build: |attributes| Unpool::build(&FUNCTION, 1, attributes),
    ..DEF
};
