//! `InstanceNorm2d`: mean 0 and variance 1 of each channel of each image.

use super::instance_norm::{FORMULA, PARAMETERS, layer};
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "InstanceNorm2d",
    form: Form::Layer { call: &[Parameter::operand("input", "`[N, num_features, H, W]` or `[num_features, H, W]`")] },
    summary: "Shifts and scales each channel of each image to mean 0 and variance 1.",
    formula: FORMULA,
    parameters: PARAMETERS,
    torch: "torch.nn.InstanceNorm2d",
    onnx: "InstanceNormalization",
    examples: &[
        "input x: [2, 3, 2, 2]  layer norm = InstanceNorm2d(3, affine=true)  output norm(x)",
        "input x: [3, 2, 2]  layer norm = InstanceNorm2d(3)  output norm(x)",
        "input x: [2, 3, 2, 2]  layer norm = InstanceNorm2d(3, track_running_stats=true)  output norm(x)",
    ],
    build: |attributes| layer(&DEF, attributes, 2),
};
