//! `InstanceNorm3d`: mean 0 and variance 1 of each channel of each volume.

use super::instance_norm::{FORMULA, PARAMETERS, layer};
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "InstanceNorm3d",
    form: Form::Layer {
        call: &[Parameter::operand("input", "`[N, num_features, D, H, W]` or `[num_features, D, H, W]`")],
    },
    summary: "Shifts and scales each channel of each volume to mean 0 and variance 1.",
    formula: FORMULA,
    parameters: PARAMETERS,
    torch: "torch.nn.InstanceNorm3d",
    onnx: "InstanceNormalization",
    examples: &[
        "input x: [2, 3, 2, 1, 2]  layer norm = InstanceNorm3d(3)  output norm(x)",
        "input x: [2, 2, 2, 2]  layer norm = InstanceNorm3d(2, affine=true)  output norm(x)",
    ],
    build: |attributes| layer(&DEF, attributes, 3),
};
