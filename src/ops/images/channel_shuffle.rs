//! `ChannelShuffle` and `channel_shuffle`: channels of each group next to those of the others,
//! <https://arxiv.org/abs/1707.01083>.

use crate::ops::contract::{Def, Form, Op, Parameter, Type};
use crate::ops::movement::{Move, Moved, Movement};
use crate::ops::shape_rules::{any_operand, axes, size};
use crate::ops::{AttributeError, Attributes, Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Facts, TensorType};
use std::sync::Arc;

const INPUT: Parameter = Parameter::operand("input", "`[N, C, ...]`");
const GROUPS: Parameter =
    Parameter::required("groups", Type::Size, "How many groups the channels are divided into, g.");

pub(super) static DEF: Def = Def {
    name: "ChannelShuffle",
    form: Form::Layer { call: &[INPUT] },
    summary: "Puts the first channels of all groups together, then the second ones, and so on.",
    formula: "y[n, j·g + i, ...] = x[n, i·C/g + j, ...]",
    parameters: &[GROUPS],
    torch: "torch.nn.ChannelShuffle",
    onnx: "",
    examples: &[
        "input x: [1, 6, 2, 3]  layer f = ChannelShuffle(2)  output f(x)",
        "input x: [2, 4, 3]  layer f = ChannelShuffle(4)  output f(x)",
    ],
    build: |attributes| build(&DEF, attributes),
};

pub(super) static FUNCTION: Def = Def {
    name: "channel_shuffle",
    form: Form::Function,
    parameters: &[INPUT, GROUPS],
    torch: "torch.nn.functional.channel_shuffle",
    examples: &[
        "input x: [2, 6, 1, 2]  output channel_shuffle(x, 3)",
        "input x: int[1, 4, 2]  output channel_shuffle(x, 2)",
    ],
    build: |attributes| build(&FUNCTION, attributes),
    ..DEF
};

fn build(def: &'static Def, attributes: &Attributes) -> Result<Arc<dyn Op>, AttributeError> {
    let groups = size(attributes, "groups")?;
    match groups.as_const() {
        Some(number) if number < 1 => {
            Err(AttributeError::new("groups", format!("`groups` must be at least 1, and is {number}")))
        }
        _ => Ok(Arc::new(Moved(ChannelShuffle { def, groups }))),
    }
}

#[derive(Debug)]
struct ChannelShuffle {
    def: &'static Def,
    groups: Dim,
}

impl Movement for ChannelShuffle {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = any_operand(self.def, inputs, 0)?;
        let (name, groups, shape) = (self.def.name, &self.groups, &input.shape);
        let Some(channels) = shape.get(1).filter(|_| shape.rank() > 2) else {
            let message = format!("`{name}` wants [N, C, ...], and gets {shape}");
            return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                .cause(Cause::Operand(0), format!("this has {}", axes(shape.rank()))));
        };
        if !facts.divides(groups, channels) {
            let message = format!("`{name}` can't divide {channels} channels into {groups} groups");
            return Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
                .cause(Cause::Axis { operand: 0, axis: 1 }, format!("axis 1 of {shape} is {channels}"))
                .cause(Cause::Attribute("groups"), format!("it is {groups}")));
        }
        Ok(vec![input.clone()])
    }

    fn moves(&self, inputs: &[&[usize]], _: &[&[usize]], visit: &mut dyn FnMut(&Move)) {
        let [[batch, channels, rest @ ..]] = inputs else { return };
        let Some(groups) = self.groups.as_const().and_then(|groups| usize::try_from(groups).ok()) else { return };
        let (each, plane) = (channels.checked_div(groups).unwrap_or(0), rest.iter().product::<usize>());
        let steps = [channels * plane, plane, each * plane, 1];
        visit(&Move::gather(0, &steps, &[*batch, each, groups, plane]));
    }
}
