//! `Flatten`, and `flatten` as a function: neighbouring axes become one.

use super::reshaping::{Reshaped, Reshaping};
use crate::ops::axis::axis_of;
use crate::ops::contract::{Def, Form, Literal, Op, Parameter, Type};
use crate::ops::shape_rules::any_operand;
use crate::ops::{AttributeError, Attributes, Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Facts, Shape, TensorType};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "Flatten",
    form: Form::Layer { call: &[Parameter::operand("input", "Any shape with both axes.")] },
    summary: "Makes one axis of the axes from `start_dim` to `end_dim`.",
    formula: "[..., s, ..., e, ...] -> [..., s · … · e, ...]",
    parameters: &[
        Parameter::attribute("start_dim", Type::Int, Literal::Int(1), "The first axis."),
        Parameter::attribute("end_dim", Type::Int, Literal::Int(-1), "The last axis."),
    ],
    torch: "torch.nn.Flatten",
    onnx: "Flatten",
    examples: &[
        "input x: [2, 3, 4]  layer flat = Flatten()  output flat(x)",
        "input x: [2, 3, 4]  layer flat = Flatten(0, 1)  output flat(x)",
        "input x: [2, 3]  layer flat = Flatten(start_dim=-2)  output flat(x)",
    ],
    build: |attributes| build(&DEF, attributes),
};

pub(super) static FUNCTION: Def = Def {
    name: "flatten",
    form: Form::Function,
    summary: "Makes one axis of the axes from `start_dim` to `end_dim`, by default of all.",
    formula: "[..., s, ..., e, ...] -> [..., s · … · e, ...]",
    parameters: &[
        Parameter::operand("input", "Any shape with both axes, or `[]`, which becomes `[1]`."),
        Parameter::attribute("start_dim", Type::Int, Literal::Int(0), "The first axis."),
        Parameter::attribute("end_dim", Type::Int, Literal::Int(-1), "The last axis."),
    ],
    torch: "torch.flatten",
    onnx: "Flatten",
    examples: &[
        "input x: [2, 3, 4]  output flatten(x)",
        "input x: [2, 3, 4]  output flatten(x, 1)",
        "input x: [2, 3, 4]  output flatten(x, start_dim=-3, end_dim=1)",
        "input x: []  output flatten(x)",
        "input x: bool[2, 3]  output flatten(x)",
    ],
    build: |attributes| build(&FUNCTION, attributes),
};

/// The operator under one of its names.
fn build(def: &'static Def, attributes: &Attributes) -> Result<Arc<dyn Op>, AttributeError> {
    let (start_dim, end_dim) = (attributes.int("start_dim")?, attributes.int("end_dim")?);
    Ok(Arc::new(Reshaped(Flatten { def, start_dim, end_dim })))
}

#[derive(Debug)]
struct Flatten {
    def: &'static Def,
    start_dim: i64,
    end_dim: i64,
}

impl Reshaping for Flatten {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn shape(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Shape, ShapeError> {
        let input = any_operand(self.def, inputs, 0)?;
        if input.shape.rank() == 0 && !self.def.is_layer() {
            return Ok([Dim::ONE].into());
        }
        let start = axis_of(self.def, "start_dim", self.start_dim, 0, input)?;
        let end = axis_of(self.def, "end_dim", self.end_dim, 0, input)?;
        if start > end {
            let (name, shape) = (self.def.name, &input.shape);
            let message = format!("`{name}` from axis {start} to axis {end} of {shape}: the first is behind");
            return Err(ShapeError::new(ShapeErrorKind::Axis, message)
                .cause(Cause::Attribute("start_dim"), format!("axis {start}"))
                .cause(Cause::Attribute("end_dim"), format!("axis {end}")));
        }
        let mut shape = Shape::scalar();
        let mut flat = Dim::ONE;
        for (axis, size) in input.shape.iter().enumerate() {
            if (start..=end).contains(&axis) {
                flat = flat.mul(size);
            }
            if axis == end {
                shape.push(flat.clone());
            } else if axis < start || axis > end {
                shape.push(size.clone());
            }
        }
        Ok(shape)
    }
}
