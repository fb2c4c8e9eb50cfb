//! `PixelShuffle` and `pixel_shuffle`: makes squares of r · r pixels from r² channels.

use super::pixels::{Shuffle, Way};
use crate::ops::contract::{Def, Form, Parameter, Type};

const INPUT: Parameter = Parameter::operand("input", "`[..., C·r², H, W]`");
const FACTOR: Parameter =
    Parameter::required("upscale_factor", Type::Size, "How many times higher and wider the image gets, r.");

pub(super) static DEF: Def = Def {
    name: "PixelShuffle",
    form: Form::Layer { call: &[INPUT] },
    summary: "Makes squares of r · r pixels from r² channels.",
    formula: "[..., C·r², H, W] -> [..., C, H·r, W·r]: y[..., c, h·r + i, w·r + j] = x[..., c·r² + i·r + j, h, w]",
    parameters: &[FACTOR],
    torch: "torch.nn.PixelShuffle",
    onnx: "DepthToSpace",
    examples: &[
        "input x: [1, 8, 2, 3]  layer f = PixelShuffle(2)  output f(x)",
        "input x: [9, 1, 2]  layer f = PixelShuffle(3)  output f(x)",
    ],
    build: |attributes| Shuffle::build(&DEF, Way::Up, FACTOR.name, attributes),
};

pub(super) static FUNCTION: Def = Def {
    name: "pixel_shuffle",
    form: Form::Function,
    parameters: &[INPUT, FACTOR],
    torch: "torch.nn.functional.pixel_shuffle",
    examples: &[
        "input x: [2, 4, 2, 1]  output pixel_shuffle(x, 2)",
        "input x: int[4, 2, 1]  output pixel_shuffle(x, 2)",
    ],
    build: |attributes| Shuffle::build(&FUNCTION, Way::Up, FACTOR.name, attributes),
    ..DEF
};
