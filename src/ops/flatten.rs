//! `Flatten`: neighbouring axes become one.

use super::axis::axis_of;
use super::contract::{Backward, DataError, Def, Form, Forward, Keeps, Kernel, Literal, Op, Parameter, Type};
use super::shape_rules::any_operand;
use super::{Cause, ShapeError, ShapeErrorKind, copy};
use crate::shape::{Dim, Facts, Shape, TensorType};
use crate::tensor::Real;
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
    build: |attributes| {
        Ok(Arc::new(Flatten { start_dim: attributes.int("start_dim")?, end_dim: attributes.int("end_dim")? }))
    },
};

#[derive(Debug)]
struct Flatten {
    start_dim: i64,
    end_dim: i64,
}

impl Op for Flatten {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = any_operand(&DEF, inputs, 0)?;
        let start = axis_of(&DEF, "start_dim", self.start_dim, 0, input)?;
        let end = axis_of(&DEF, "end_dim", self.end_dim, 0, input)?;
        if start > end {
            let message = format!("`Flatten` from axis {start} to axis {end} of {}: the first is behind", input.shape);
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
        Ok(vec![TensorType::new(input.element, shape)])
    }

    fn keeps(&self) -> Keeps {
        Keeps::NOTHING
    }

    fn flops(&self, _: &[TensorType], _: &[TensorType]) -> Dim {
        Dim::ZERO
    }

    fn is_reshape(&self) -> bool {
        true
    }
}

impl<T: Real> Kernel<T> for Flatten {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        copy::forward(cx);
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        copy::backward(cx);
    }
}
