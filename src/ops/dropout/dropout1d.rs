//! `Dropout1d` and `dropout1d`: zeros in the place of whole channels, <https://arxiv.org/abs/1411.4280>.

use super::random_mask::{Fill, P, Part, TRAINING, build};
use crate::ops::contract::{Def, Form, Parameter};

const SUMMARY: &str =
    "Replaces whole channels by 0 at random during training and scales the others up; else changes nothing.";
const FORMULA: &str = "y = m x / (1 - p), with one m for each channel of each item: 0 with probability p, else 1; each call draws its own";
const INPUT: Parameter = Parameter::operand("input", "`[N, C, L]` or `[C, L]`");
const CHANNEL: Part = Part::Channel(&[(2, 1), (3, 2)]);

pub(super) static DEF: Def = Def {
    name: "Dropout1d",
    form: Form::Layer { call: &[INPUT] },
    summary: SUMMARY,
    formula: FORMULA,
    parameters: &[P],
    torch: "torch.nn.Dropout1d",
    onnx: "",
    examples: &[
        "input x: [2, 3, 4]  layer drop = Dropout1d()  output drop(x)",
        "input x: [3, 4]  layer drop = Dropout1d(0.2)  output drop(x)",
    ],
    build: |attributes| build(&DEF, attributes, CHANNEL, Fill::Zero),
};

pub(super) static FUNCTION: Def = Def {
    name: "dropout1d",
    form: Form::Function,
    summary: SUMMARY,
    formula: FORMULA,
    parameters: &[INPUT, P, TRAINING],
    torch: "torch.nn.functional.dropout1d",
    onnx: "",
    examples: &["input x: [2, 3, 4]  output dropout1d(x, 0.2)"],
    build: |attributes| build(&FUNCTION, attributes, CHANNEL, Fill::Zero),
};
