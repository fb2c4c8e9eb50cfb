//! `instance_norm`, and what the layers `InstanceNorm1d` to `InstanceNorm3d` have in common: mean 0 and variance 1 of each
//! channel of each item, <https://arxiv.org/abs/1607.08022>.

use super::batch_norm::{EPS, NUM_FEATURES, UNUSED_MOMENTUM, function, with_slots};
use super::channel_norm::{Axes, Sets, Statistics};
use crate::ops::contract::{Def, Form, Literal, Op, Parameter, Type};
use crate::ops::{AttributeError, Attributes};
use std::sync::Arc;

pub(super) const FORMULA: &str = "y = (x - E[x]) / √(Var[x] + eps) · weight + bias, with E and Var over all of each channel of each item, weight and bias [C]";

/// Of the layers.
pub(super) const PARAMETERS: &[Parameter] = &[
    NUM_FEATURES,
    EPS,
    Parameter::attribute(
        "momentum",
        Type::Optional(&Type::Float),
        Literal::Float(0.1),
        "The share of the newest batch in the running statistics; `none` stands for 0.",
    ),
    Parameter::attribute("affine", Type::Bool, Literal::Bool(false), "Whether there are weight and bias."),
    Parameter::attribute(
        "track_running_stats",
        Type::Bool,
        Literal::Bool(false),
        "Whether running statistics are kept, which then take the place of the input's outside training.",
    ),
];

pub(super) static DEF: Def = Def {
    name: "instance_norm",
    form: Form::Function,
    summary: "Shifts and scales each channel of each item to mean 0 and variance 1, by its own statistics or those that are given.",
    formula: FORMULA,
    parameters: &[
        Parameter::operand("input", "`[N, C, ...]`"),
        Parameter::optional_operand("running_mean", "`[C]`; it is read, and only if not `use_input_stats`."),
        Parameter::optional_operand("running_var", "`[C]`; it is read, and only if not `use_input_stats`."),
        Parameter::optional_operand("weight", "`[C]`"),
        Parameter::optional_operand("bias", "`[C]`"),
        Parameter::attribute(
            "use_input_stats",
            Type::Bool,
            Literal::Bool(true),
            "Whether the statistics are those of the input, in every mode.",
        ),
        UNUSED_MOMENTUM,
        EPS,
    ],
    torch: "torch.nn.functional.instance_norm",
    onnx: "InstanceNormalization",
    examples: &[
        "input x: [2, 3, 4]  output instance_norm(x)",
        "input x: [2, 3, 2, 2]  input w: [3]  input b: [3]  output instance_norm(x, weight=w, bias=b, eps=0.1)",
        "input x: [2, 3, 4]  input m: [3]  input v: [3]  output instance_norm(x, m, v * v, use_input_stats=false)",
    ],
    build: |attributes| function(&DEF, attributes, Sets::Instance, "use_input_stats"),
};

/// A layer whose input has as many axes behind the channels.
pub(super) fn layer(def: &'static Def, attributes: &Attributes, spatial: usize) -> Result<Arc<dyn Op>, AttributeError> {
    let momentum = attributes.optional_float("momentum")?.unwrap_or(0.0);
    let tracked = attributes.bool("track_running_stats")?;
    let statistics = if tracked { Statistics::Tracked(momentum) } else { Statistics::Input };
    with_slots(def, attributes, Sets::Instance, Axes::Spatial(spatial), statistics)
}
