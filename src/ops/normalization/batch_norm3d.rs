//! `BatchNorm3d`: mean 0 and variance 1 of each channel over a batch of volumes.

use super::batch_norm::{FORMULA, PARAMETERS, layer};
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "BatchNorm3d",
    form: Form::Layer { call: &[Parameter::operand("input", "`[N, num_features, D, H, W]`")] },
    summary: "Shifts and scales each channel to mean 0 and variance 1 over a batch of volumes, then by learnt factors and a bias.",
    formula: FORMULA,
    parameters: PARAMETERS,
    torch: "torch.nn.BatchNorm3d",
    onnx: "BatchNormalization",
    examples: &[
        "input x: [2, 3, 2, 1, 2]  layer norm = BatchNorm3d(3)  output norm(x)",
        "input x: [2, 2, 2, 2, 1]  layer norm = BatchNorm3d(2, track_running_stats=false)  output norm(x)",
    ],
    build: |attributes| layer(&DEF, attributes, &[5]),
};
