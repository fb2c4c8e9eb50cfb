//! `InstanceNorm1d`: mean 0 and variance 1 of each channel of each sequence.

use super::instance_norm::{FORMULA, PARAMETERS, layer};
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "InstanceNorm1d",
    form: Form::Layer { call: &[Parameter::operand("input", "`[N, num_features, L]` or `[num_features, L]`")] },
    summary: "Shifts and scales each channel of each sequence to mean 0 and variance 1.",
    formula: FORMULA,
    parameters: PARAMETERS,
    torch: "torch.nn.InstanceNorm1d",
    onnx: "InstanceNormalization",
    examples: &[
        "input x: [2, 3, 4]  layer norm = InstanceNorm1d(3)  output norm(x)",
        "input x: [3, 4]  layer norm = InstanceNorm1d(3, eps=0.1, affine=true)  output norm(x)",
        "input x: [2, 3, 4]  layer norm = InstanceNorm1d(3, affine=true, track_running_stats=true)  output norm(x)",
    ],
    build: |attributes| layer(&DEF, attributes, 1),
};
