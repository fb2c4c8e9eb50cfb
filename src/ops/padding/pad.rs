//! `pad`: adds to the ends of the last axes.

use super::pads::Pad;
use crate::ops::contract::{Def, Form, Literal, Parameter, Type};

pub(super) static DEF: Def = Def {
    name: "pad",
    form: Form::Function,
    summary: "Adds a constant or parts of the tensor itself at the ends of its last axes.",
    formula: "y[..., i] = x[..., i - before] inside, and outside value, or what `mode` puts there",
    parameters: &[
        Parameter::operand("input", "Any shape; unless the mode is \"constant\", `[N, C, ...]` or `[C, ...]`"),
        Parameter::required(
            "pad",
            Type::Sizes,
            "Two numbers for each axis, before and behind it, those of the last axis first; a negative one takes away.",
        ),
        Parameter::attribute(
            "mode",
            Type::Word(&["constant", "reflect", "replicate", "circular"]),
            Literal::Str("constant"),
            "What is added: a constant, the mirrored tensor, its last elements repeated, or those of the other end.",
        ),
        Parameter::attribute("value", Type::Number, Literal::None, "The constant; `none` stands for 0."),
    ],
    torch: "torch.nn.functional.pad",
    onnx: "Pad",
    examples: &[
        "input x: [2, 3]  output pad(x, [1, 2])",
        "input x: [2, 3, 2]  output pad(x, [0, 1, -1, 0, 2, 0], value=0.5)",
        "input x: [1, 2, 3]  output pad(x, [2, 1], mode=\"reflect\")",
        "input x: [2, 3, 2]  output pad(x, [1, 0, 2, 1], mode=\"replicate\")",
        "input x: [1, 1, 2, 3]  output pad(x, [3, 1, 0, 2], mode=\"circular\")",
        "input x: int[2, 3]  output pad(x, [1, 1], value=7)",
    ],
    build: |attributes| Pad::function(&DEF, attributes),
};
