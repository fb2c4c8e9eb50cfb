//! `interpolate`: other sizes for the last axes.

use super::interpolation::{FUNCTION, Interpolation};
use super::upsample;
use crate::ops::contract::{Def, Form};

pub(super) static DEF: Def = Def {
    name: "interpolate",
    form: Form::Function,
    parameters: FUNCTION,
    torch: "torch.nn.functional.interpolate",
    examples: &[
        "input x: [1, 2, 3, 2]  output interpolate(x, size=[5, 3])",
        "input x: [1, 2, 4, 3]  output interpolate(x, [2, 5], mode=\"bilinear\", align_corners=true)",
        "input x: [1, 1, 3, 3]  output interpolate(x, scale_factor=1.7, mode=\"bicubic\")",
        "input x: [1, 1, 2, 2, 3]  output interpolate(x, 3, mode=\"trilinear\")",
        "input x: [1, 1, 5]  output interpolate(x, scale_factor=0.6, mode=\"nearest-exact\", recompute_scale_factor=true)",
        "input x: [1, 2, 5, 3]  output interpolate(x, [2, 4], mode=\"area\")",
        "input x: [1, 1, 5, 6]  output interpolate(x, [2, 4], mode=\"bilinear\", antialias=true)",
        "input x: [1, 1, 7, 3]  output interpolate(x, scale_factor=0.4, mode=\"bicubic\", antialias=true)",
    ],
    build: |attributes| Interpolation::build(&DEF, attributes),
    ..upsample::DEF
};
