//! `Dropout3d` and `dropout3d`: zeros in the place of whole channels, <https://arxiv.org/abs/1411.4280>.

use super::random_mask::{Fill, P, Part, TRAINING, build};
use crate::ops::contract::{Def, Form, Parameter};

const SUMMARY: &str =
    "Replaces whole channels by 0 at random during training and scales the others up; else changes nothing.";
const FORMULA: &str = "y = m x / (1 - p), with one m for each channel of each item: 0 with probability p, else 1; each call draws its own";
const INPUT: Parameter = Parameter::operand("input", "`[N, C, D, H, W]` or `[C, D, H, W]`");
const CHANNEL: Part = Part::Channel(&[(4, 1), (5, 2)]);

pub(super) static DEF: Def = Def {
    name: "Dropout3d",
    form: Form::Layer { call: &[INPUT] },
    summary: SUMMARY,
    formula: FORMULA,
    parameters: &[P],
    torch: "torch.nn.Dropout3d",
    onnx: "",
    examples: &[
        "input x: [2, 3, 2, 1, 2]  layer drop = Dropout3d()  output drop(x)",
        "input x: [3, 2, 2, 1]  layer drop = Dropout3d(0.2)  output drop(x)",
    ],
    build: |attributes| build(&DEF, attributes, CHANNEL, Fill::Zero),
};

pub(super) static FUNCTION: Def = Def {
    name: "dropout3d",
    form: Form::Function,
    summary: SUMMARY,
    formula: FORMULA,
    parameters: &[INPUT, P, TRAINING],
    torch: "torch.nn.functional.dropout3d",
    onnx: "",
    examples: &["input x: [2, 3, 2, 1, 2]  output dropout3d(x, 0.2)"],
    build: |attributes| build(&FUNCTION, attributes, CHANNEL, Fill::Zero),
};
