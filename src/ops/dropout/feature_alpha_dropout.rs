//! `FeatureAlphaDropout` and `feature_alpha_dropout`: dropout of whole channels that keeps mean 0 and variance 1,
//! <https://arxiv.org/abs/1706.02515>.

use super::random_mask::{Fill, P, Part, TRAINING, build};
use crate::ops::contract::{Def, Form, Parameter};

const INPUT: Parameter = Parameter::operand("input", "`[N, C]` or `[N, C, ...]`");
const CHANNEL: Part = Part::Channel(&[(2, 2), (3, 2), (4, 2), (5, 2)]);

pub(super) static DEF: Def = Def {
    name: "FeatureAlphaDropout",
    form: Form::Layer { call: &[INPUT] },
    summary: "Replaces whole channels at random during training by what `selu` saturates at, and keeps mean 0 and variance 1.",
    formula: "y = a (m x - 1.758 (1 - m) + 1.758 p), a = 1 / √((1 - p) (1 + 1.758² p)), with one m for each channel of each item: 0 with probability p, else 1; each call draws its own",
    parameters: &[P],
    torch: "torch.nn.FeatureAlphaDropout",
    onnx: "",
    examples: &["input x: [2, 3, 2, 2]  layer drop = FeatureAlphaDropout(0.2)  output drop(x)"],
    build: |attributes| build(&DEF, attributes, CHANNEL, Fill::Saturated),
};

pub(super) static FUNCTION: Def = Def {
    name: "feature_alpha_dropout",
    form: Form::Function,
    parameters: &[INPUT, P, TRAINING],
    torch: "torch.nn.functional.feature_alpha_dropout",
    examples: &["input x: [3, 4]  output feature_alpha_dropout(x, 0.2)"],
    build: |attributes| build(&FUNCTION, attributes, CHANNEL, Fill::Saturated),
    ..DEF
};
