//! `Dropout2d` and `dropout2d`: zeros in the place of whole channels, <https://arxiv.org/abs/1411.4280>.

use super::random_mask::{Fill, P, Part, TRAINING, build};
use crate::ops::contract::{Def, Form, Parameter};

const SUMMARY: &str =
    "Replaces whole channels by 0 at random during training and scales the others up; else changes nothing.";
const FORMULA: &str = "y = m x / (1 - p), with one m for each channel of each item: 0 with probability p, else 1; each call draws its own";
const INPUT: Parameter = Parameter::operand("input", "`[N, C, H, W]` or `[N, C, L]`");
const CHANNEL: Part = Part::Channel(&[(3, 2), (4, 2)]);

pub(super) static DEF: Def = Def {
    name: "Dropout2d",
    form: Form::Layer { call: &[INPUT] },
    summary: SUMMARY,
    formula: FORMULA,
    parameters: &[P],
    torch: "torch.nn.Dropout2d",
    onnx: "",
    examples: &[
        "input x: [2, 3, 2, 2]  layer drop = Dropout2d()  output drop(x)",
        "input x: [2, 3, 4]  layer drop = Dropout2d(0.2)  output drop(x)",
    ],
    build: |attributes| build(&DEF, attributes, CHANNEL, Fill::Zero),
};

pub(super) static FUNCTION: Def = Def {
    name: "dropout2d",
    form: Form::Function,
    summary: SUMMARY,
    formula: FORMULA,
    parameters: &[INPUT, P, TRAINING],
    torch: "torch.nn.functional.dropout2d",
    onnx: "",
    examples: &["input x: [2, 3, 2, 2]  output dropout2d(x, 0.2)"],
    build: |attributes| build(&FUNCTION, attributes, CHANNEL, Fill::Zero),
};
