//! `batch_norm`, and what the layers `BatchNorm1d` to `BatchNorm3d` have in common: mean 0 and variance 1 of each channel
//! over the batch, <https://arxiv.org/abs/1502.03167>.

use super::channel_norm::{Axes, ChannelNorm, Sets, Statistics};
use crate::ops::contract::{Def, Form, Literal, Op, Parameter, Type};
use crate::ops::shape_rules::size;
use crate::ops::{AttributeError, Attributes};
use std::sync::Arc;

pub(super) const FORMULA: &str = "y = (x - E[x]) / √(Var[x] + eps) · weight + bias, with E and Var over N and all of each channel, weight and bias [C]; r ← (1 - momentum) r + momentum E[x], and so for Var[x] n/(n-1)";
pub(super) const EPS: Parameter =
    Parameter::attribute("eps", Type::Float, Literal::Float(1e-5), "Added to the variance.");

pub(super) const NUM_FEATURES: Parameter = Parameter::required("num_features", Type::Size, "The number of channels.");
/// Of the functions.
pub(super) const UNUSED_MOMENTUM: Parameter = Parameter::attribute(
    "momentum",
    Type::Optional(&Type::Float),
    Literal::Float(0.1),
    "Without effect, as running statistics are only read.",
);

/// Of the layers.
pub(super) const PARAMETERS: &[Parameter] = &[
    NUM_FEATURES,
    EPS,
    Parameter::attribute(
        "momentum",
        Type::Optional(&Type::Float),
        Literal::Float(0.1),
        "The share of the newest batch in the running statistics.",
    ),
    Parameter::attribute("affine", Type::Bool, Literal::Bool(true), "Whether there are weight and bias."),
    Parameter::attribute(
        "track_running_stats",
        Type::Bool,
        Literal::Bool(true),
        "Whether running statistics are kept, which then take the place of the batch's outside training.",
    ),
];

pub(super) static DEF: Def = Def {
    name: "batch_norm",
    form: Form::Function,
    summary: "Shifts and scales each channel to mean 0 and variance 1, by the statistics that are given or by the batch's.",
    formula: "y = (x - running_mean) / √(running_var + eps) · weight + bias; with training=true, E[x] and Var[x] of each channel stand in their place",
    parameters: &[
        Parameter::operand("input", "`[N, C, ...]`"),
        Parameter::optional_operand("running_mean", "`[C]`; it is read, and only if not `training`."),
        Parameter::optional_operand("running_var", "`[C]`; it is read, and only if not `training`."),
        Parameter::optional_operand("weight", "`[C]`"),
        Parameter::optional_operand("bias", "`[C]`"),
        Parameter::attribute(
            "training",
            Type::Bool,
            Literal::Bool(false),
            "Whether the statistics are those of the batch, in every mode.",
        ),
        UNUSED_MOMENTUM,
        EPS,
    ],
    torch: "torch.nn.functional.batch_norm",
    onnx: "BatchNormalization",
    examples: &[
        "input x: [4, 3]  input m: [3]  input v: [3]  output batch_norm(x, m, v * v)",
        "input x: [2, 3, 4]  input m: [3]  input v: [3]  input w: [3]  input b: [3]  output batch_norm(x, m, v * v, w, b, eps=0.1)",
        "input x: [4, 3]  input w: [3]  input b: [3]  output batch_norm(x, none, none, w, b, training=true)",
        "input x: [2, 3, 2, 2]  input b: [3]  output batch_norm(x, none, none, bias=b, training=true)",
    ],
    build: |attributes| function(&DEF, attributes, Sets::Batch, "training"),
};

/// A function of input, statistics, weight and bias. `own` is the attribute by which the statistics are those of the input.
pub(super) fn function(
    def: &'static Def,
    attributes: &Attributes,
    sets: Sets,
    own: &'static str,
) -> Result<Arc<dyn Op>, AttributeError> {
    let slot = |name| attributes.operand(name).map(|operand| operand - 1);
    let statistics = match (attributes.bool(own)?, slot("running_mean"), slot("running_var")) {
        (true, ..) => Statistics::Input,
        (false, Some(mean), Some(var)) => Statistics::Slots([mean, var]),
        (false, mean, _) => return Err(no_statistics(own, mean.is_some())),
    };
    Ok(Arc::new(ChannelNorm {
        def,
        sets,
        axes: Axes::AtLeast(2),
        channels: None,
        eps: attributes.float("eps")?,
        weight: slot("weight"),
        bias: slot("bias"),
        statistics,
    }))
}

/// A function that needs statistics and didn't get both.
fn no_statistics(own: &'static str, has_mean: bool) -> AttributeError {
    let missing = if has_mean { "`running_var`" } else { "`running_mean`" };
    let mut error = AttributeError::new(own, format!("{missing} is missing, and nothing else says what to use"));
    error.help = Some(format!("`{own}=true` takes the statistics of the input"));
    error
}

/// A layer whose input has one of these numbers of axes.
pub(super) fn layer(
    def: &'static Def,
    attributes: &Attributes,
    axes: &'static [usize],
) -> Result<Arc<dyn Op>, AttributeError> {
    let statistics = match (attributes.bool("track_running_stats")?, attributes.optional_float("momentum")?) {
        (false, _) => Statistics::Input,
        (true, Some(momentum)) => Statistics::Tracked(momentum),
        (true, None) => return Err(no_momentum()),
    };
    with_slots(def, attributes, Sets::Batch, Axes::Batched(axes), statistics)
}

/// A layer that has weight and bias if it is `affine`.
pub(super) fn with_slots(
    def: &'static Def,
    attributes: &Attributes,
    sets: Sets,
    axes: Axes,
    statistics: Statistics,
) -> Result<Arc<dyn Op>, AttributeError> {
    let affine = attributes.bool("affine")?;
    Ok(Arc::new(ChannelNorm {
        def,
        sets,
        axes,
        channels: Some((size(attributes, "num_features")?, "num_features")),
        eps: attributes.float("eps")?,
        weight: affine.then_some(0),
        bias: affine.then_some(1),
        statistics,
    }))
}

fn no_momentum() -> AttributeError {
    let message = "`momentum=none` asks for the average of all batches so far, which needs their number; none is kept";
    let mut error = AttributeError::new("momentum", message);
    error.help = Some("give the share of the newest batch, such as 0.1".to_owned());
    error
}
