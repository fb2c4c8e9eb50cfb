//! `PixelUnshuffle` and `pixel_unshuffle`: makes r² channels from squares of r · r pixels.

use super::pixels::{Shuffle, Way};
use crate::ops::contract::{Def, Form, Parameter, Type};

const INPUT: Parameter = Parameter::operand("input", "`[..., C, H·r, W·r]`");
const FACTOR: Parameter =
    Parameter::required("downscale_factor", Type::Size, "How many times lower and narrower the image gets, r.");

pub(super) static DEF: Def = Def {
    name: "PixelUnshuffle",
    form: Form::Layer { call: &[INPUT] },
    summary: "Makes r² channels from squares of r · r pixels.",
    formula: "[..., C, H·r, W·r] -> [..., C·r², H, W]: y[..., c·r² + i·r + j, h, w] = x[..., c, h·r + i, w·r + j]",
    parameters: &[FACTOR],
    torch: "torch.nn.PixelUnshuffle",
    onnx: "",
    examples: &[
        "input x: [1, 2, 4, 2]  layer f = PixelUnshuffle(2)  output f(x)",
        "input x: [1, 3, 6]  layer f = PixelUnshuffle(3)  output f(x)",
    ],
    build: |attributes| Shuffle::build(&DEF, Way::Down, FACTOR.name, attributes),
};

pub(super) static FUNCTION: Def = Def {
    name: "pixel_unshuffle",
    form: Form::Function,
    parameters: &[INPUT, FACTOR],
    torch: "torch.nn.functional.pixel_unshuffle",
    examples: &["input x: [2, 1, 2, 4]  output pixel_unshuffle(x, 2)"],
    build: |attributes| Shuffle::build(&FUNCTION, Way::Down, FACTOR.name, attributes),
    ..DEF
};
