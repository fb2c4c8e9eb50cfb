//! `BatchNorm2d`: mean 0 and variance 1 of each channel over a batch of images.

use super::batch_norm::{FORMULA, PARAMETERS, layer};
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "BatchNorm2d",
    form: Form::Layer { call: &[Parameter::operand("input", "`[N, num_features, H, W]`")] },
    summary: "Shifts and scales each channel to mean 0 and variance 1 over a batch of images, then by learnt factors and a bias.",
    formula: FORMULA,
    parameters: PARAMETERS,
    torch: "torch.nn.BatchNorm2d",
    onnx: "BatchNormalization",
    examples: &[
        "input x: [2, 3, 2, 2]  layer norm = BatchNorm2d(3)  output norm(x)",
        "input x: [2, 1, 3, 1]  layer norm = BatchNorm2d(1, affine=false, track_running_stats=false)  output norm(x)",
    ],
    build: |attributes| layer(&DEF, attributes, &[4]),
};
