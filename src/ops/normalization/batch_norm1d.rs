//! `BatchNorm1d`: mean 0 and variance 1 of each channel over the batch.

use super::batch_norm::{FORMULA, PARAMETERS, layer};
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "BatchNorm1d",
    form: Form::Layer { call: &[Parameter::operand("input", "`[N, num_features]` or `[N, num_features, L]`")] },
    summary: "Shifts and scales each channel to mean 0 and variance 1 over the batch, then by learnt factors and a bias.",
    formula: FORMULA,
    parameters: PARAMETERS,
    torch: "torch.nn.BatchNorm1d",
    onnx: "BatchNormalization",
    examples: &[
        "input x: [4, 3]  layer norm = BatchNorm1d(3)  output norm(x)",
        "input x: [2, 3, 4]  layer norm = BatchNorm1d(3, eps=0.1, momentum=0.2)  output norm(x)",
        "input x: [4, 3]  layer norm = BatchNorm1d(3, affine=false)  output norm(x)",
        "input x: [4, 3]  layer norm = BatchNorm1d(3, track_running_stats=false)  output norm(x)",
    ],
    build: |attributes| layer(&DEF, attributes, &[2, 3]),
};
