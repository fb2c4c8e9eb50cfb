//! `GroupNorm` and `group_norm`: mean 0 and variance 1 over groups of channels, <https://arxiv.org/abs/1803.08494>.

use super::batch_norm::EPS;
use super::channel_norm::{Axes, ChannelNorm, Sets, Statistics};
use crate::ops::contract::{Def, Form, Literal, Parameter, Type};
use crate::ops::shape_rules::{must_divide, size};
use crate::ops::{AttributeError, Attributes};
use crate::shape::Dim;
use std::sync::Arc;

const FORMULA: &str = "y = (x - E[x]) / √(Var[x] + eps) · weight + bias, with E and Var over all of a group of channels of an item, weight and bias [C]";
const GROUPS: Parameter =
    Parameter::required("num_groups", Type::Size, "How many groups the channels are divided into.");

pub(super) static DEF: Def = Def {
    name: "GroupNorm",
    form: Form::Layer { call: &[Parameter::operand("input", "`[N, num_channels, ...]`")] },
    summary: "Shifts and scales each group of channels to mean 0 and variance 1, then each channel by a learnt factor and a bias.",
    formula: FORMULA,
    parameters: &[
        GROUPS,
        Parameter::required("num_channels", Type::Size, "The number of channels, a multiple of `num_groups`."),
        EPS,
        Parameter::attribute("affine", Type::Bool, Literal::Bool(true), "Whether there are weight and bias."),
    ],
    torch: "torch.nn.GroupNorm",
    onnx: "GroupNormalization",
    examples: &[
        "input x: [2, 6, 3]  layer norm = GroupNorm(2, 6)  output norm(x)",
        "input x: [2, 4]  layer norm = GroupNorm(1, 4, eps=0.1)  output norm(x)",
        "input x: [1, 4, 2, 2]  layer norm = GroupNorm(4, 4, affine=false)  output norm(x)",
    ],
    build: |attributes| {
        let (groups, channels) = (groups(attributes)?, size(attributes, "num_channels")?);
        if let (Some(of), Some(all)) = (groups.as_const(), channels.as_const()) {
            must_divide(("num_groups", of), &[("num_channels", all)])?;
        }
        let affine = attributes.bool("affine")?;
        Ok(Arc::new(ChannelNorm {
            def: &DEF,
            sets: Sets::Groups(groups),
            axes: Axes::AtLeast(2),
            channels: Some((channels, "num_channels")),
            eps: attributes.float("eps")?,
            weight: affine.then_some(0),
            bias: affine.then_some(1),
            statistics: Statistics::Input,
        }))
    },
};

pub(super) static FUNCTION: Def = Def {
    name: "group_norm",
    form: Form::Function,
    summary: "Shifts and scales each group of channels to mean 0 and variance 1, then each channel by a factor and a bias if they are given.",
    formula: FORMULA,
    parameters: &[
        Parameter::operand("input", "`[N, C, ...]`"),
        GROUPS,
        Parameter::optional_operand("weight", "`[C]`"),
        Parameter::optional_operand("bias", "`[C]`"),
        EPS,
    ],
    torch: "torch.nn.functional.group_norm",
    onnx: "GroupNormalization",
    examples: &[
        "input x: [2, 6, 3]  output group_norm(x, 3)",
        "input x: [2, 4]  input w: [4]  input b: [4]  output group_norm(x, 2, w, b, eps=0.1)",
    ],
    build: |attributes| {
        let slot = |name| attributes.operand(name).map(|operand| operand - 1);
        Ok(Arc::new(ChannelNorm {
            def: &FUNCTION,
            sets: Sets::Groups(groups(attributes)?),
            axes: Axes::AtLeast(2),
            channels: None,
            eps: attributes.float("eps")?,
            weight: slot("weight"),
            bias: slot("bias"),
            statistics: Statistics::Input,
        }))
    },
};

fn groups(attributes: &Attributes) -> Result<Dim, AttributeError> {
    let groups = attributes.size("num_groups")?;
    match groups.as_const() {
        Some(number) if number < 1 => {
            Err(AttributeError::new("num_groups", format!("`num_groups` must be at least 1, and is {number}")))
        }
        _ => Ok(groups),
    }
}
