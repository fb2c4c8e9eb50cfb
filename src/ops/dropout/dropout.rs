//! `Dropout` and `dropout`: zeros at random places during training, <https://jmlr.org/papers/v15/srivastava14a.html>.

use super::random_mask::{Fill, P, Part, TRAINING, build};
use crate::ops::contract::{Def, Form, Parameter};

const SUMMARY: &str =
    "Replaces elements by 0 at random during training and scales the others up; else changes nothing.";
const FORMULA: &str = "y = m x / (1 - p), m = 0 with probability p, else 1; each call draws its own m";

pub(super) static DEF: Def = Def {
    name: "Dropout",
    form: Form::Layer { call: &[Parameter::operand("input", "Any shape.")] },
    summary: SUMMARY,
    formula: FORMULA,
    parameters: &[P],
    torch: "torch.nn.Dropout",
    onnx: "Dropout",
    examples: &[
        "input x: [3, 4]  layer drop = Dropout()  output drop(x)",
        "input x: [3, 4]  layer drop = Dropout(p=0.2)  output drop(x)",
        "input x: [3, 4]  layer drop = Dropout(1.0)  output drop(x)",
    ],
    build: |attributes| build(&DEF, attributes, Part::Element, Fill::Zero),
};

pub(super) static FUNCTION: Def = Def {
    name: "dropout",
    form: Form::Function,
    summary: SUMMARY,
    formula: FORMULA,
    parameters: &[Parameter::operand("input", "Any shape."), P, TRAINING],
    torch: "torch.nn.functional.dropout",
    onnx: "Dropout",
    examples: &["input x: [3, 4]  output dropout(x)", "input x: []  output dropout(x, p=0.2, training=false)"],
    build: |attributes| build(&FUNCTION, attributes, Part::Element, Fill::Zero),
};
