//! `UpsamplingNearest2d`: `Upsample` with the mode "nearest".

use super::interpolation::{Interpolation, Mode, SCALE_FACTOR, SIZE};
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "UpsamplingNearest2d",
    form: Form::Layer { call: &[Parameter::operand("input", "`[N, C, H, W]`")] },
    summary: "Gives images another size, and repeats the nearest element.",
    formula: "y[n, c, p] = x[n, c, ⌊p·size / new size⌋]",
    parameters: &[SIZE, SCALE_FACTOR],
    torch: "torch.nn.UpsamplingNearest2d",
    onnx: "Resize",
    examples: &[
        "input x: [1, 2, 2, 3]  layer f = UpsamplingNearest2d(scale_factor=2)  output f(x)",
        "input x: [1, 1, 2, 3]  layer f = UpsamplingNearest2d([3, 5])  output f(x)",
    ],
    build: |attributes| Interpolation::with(&DEF, Mode::of("nearest"), attributes),
};
