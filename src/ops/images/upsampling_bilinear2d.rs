//! `UpsamplingBilinear2d`: `Upsample` with the mode "bilinear" and aligned corners.

use super::interpolation::{Interpolation, Mode, SCALE_FACTOR, SIZE};
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "UpsamplingBilinear2d",
    form: Form::Layer { call: &[Parameter::operand("input", "`[N, C, H, W]`")] },
    summary: "Gives images another size, and interpolates between the four elements around, so that corners stay.",
    formula: "y[n, c, p] = Σ w(q(p) - i) x[n, c, i], q(p) = p·(size - 1) / (new size - 1)",
    parameters: &[SIZE, SCALE_FACTOR],
    torch: "torch.nn.UpsamplingBilinear2d",
    onnx: "Resize",
    examples: &[
        "input x: [1, 2, 2, 3]  layer f = UpsamplingBilinear2d(scale_factor=2)  output f(x)",
        "input x: [1, 1, 2, 3]  layer f = UpsamplingBilinear2d([3, 5])  output f(x)",
    ],
    build: |attributes| {
        Interpolation::with(&DEF, Mode { align_corners: Some(true), ..Mode::of("bilinear") }, attributes)
    },
};
