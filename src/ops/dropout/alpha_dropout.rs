//! `AlphaDropout` and `alpha_dropout`: dropout that keeps mean 0 and variance 1, <https://arxiv.org/abs/1706.02515>.

use super::random_mask::{Fill, P, Part, TRAINING, build};
use crate::ops::contract::{Def, Form, Parameter};

const SUMMARY: &str =
    "Replaces elements at random during training by what `selu` saturates at, and keeps mean 0 and variance 1.";
const FORMULA: &str = "y = a (m x - 1.758 (1 - m) + 1.758 p), a = 1 / √((1 - p) (1 + 1.758² p)), m = 0 with probability p, else 1; each call draws its own m";

pub(super) static DEF: Def = Def {
    name: "AlphaDropout",
    form: Form::Layer { call: &[Parameter::operand("input", "Any shape.")] },
    summary: SUMMARY,
    formula: FORMULA,
    parameters: &[P],
    torch: "torch.nn.AlphaDropout",
    onnx: "",
    examples: &["input x: [3, 4]  layer drop = AlphaDropout(0.2)  output drop(x)"],
    build: |attributes| build(&DEF, attributes, Part::Element, Fill::Saturated),
};

pub(super) static FUNCTION: Def = Def {
    name: "alpha_dropout",
    form: Form::Function,
    summary: SUMMARY,
    formula: FORMULA,
    parameters: &[Parameter::operand("input", "Any shape."), P, TRAINING],
    torch: "torch.nn.functional.alpha_dropout",
    onnx: "",
    examples: &["input x: [3, 4]  output alpha_dropout(x, 0.2)"],
    build: |attributes| build(&FUNCTION, attributes, Part::Element, Fill::Saturated),
};
