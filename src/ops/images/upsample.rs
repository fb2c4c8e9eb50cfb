//! `Upsample`: other sizes for the last axes.

use super::interpolation::{INPUT, Interpolation, LAYER};
use crate::ops::contract::{Def, Form, Parameter};

pub(super) static DEF: Def = Def {
    name: "Upsample",
    form: Form::Layer { call: &[Parameter::operand("input", INPUT)] },
    summary: "Gives the axes behind batch and channels other sizes, and interpolates.",
    formula: "y[n, c, p] = Σ w(q(p) - i) x[n, c, i], q(p) = (p + 1/2)·size / new size - 1/2, w the weights of `mode`; \
              with `align_corners` q(p) = p·(size - 1) / (new size - 1)",
    parameters: LAYER,
    torch: "torch.nn.Upsample",
    onnx: "Resize",
    examples: &[
        "input x: [1, 2, 2, 3]  layer f = Upsample(scale_factor=2)  output f(x)",
        "input x: [1, 2, 4]  layer f = Upsample(7, mode=\"linear\", align_corners=true)  output f(x)",
        "input x: [1, 1, 2, 3]  layer f = Upsample(scale_factor=[2, 1.5], mode=\"bilinear\")  output f(x)",
    ],
    build: |attributes| Interpolation::build(&DEF, attributes),
};
