//! `unsqueeze`: a new axis of size 1.

use super::reshaping::{Reshaped, Reshaping};
use crate::ops::ShapeError;
use crate::ops::axis::new_axis_of;
use crate::ops::contract::{Def, Form, Parameter, Type};
use crate::ops::shape_rules::any_operand;
use crate::shape::{Dim, Facts, Shape, TensorType};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "unsqueeze",
    form: Form::Function,
    summary: "Inserts an axis of size 1.",
    formula: "[..., ...] -> [..., 1, ...]",
    parameters: &[
        Parameter::operand("input", "Any shape."),
        Parameter::required("dim", Type::Int, "The new axis, as the result counts them."),
    ],
    torch: "torch.unsqueeze",
    onnx: "Unsqueeze",
    examples: &[
        "input x: [2, 3]  output unsqueeze(x, 0)",
        "input x: [2, 3]  output unsqueeze(x, -1)",
        "input x: [2, 3]  output unsqueeze(x, dim=1)",
        "input x: bool[]  output unsqueeze(x, 0)",
    ],
    build: |attributes| Ok(Arc::new(Reshaped(Unsqueeze { dim: attributes.int("dim")? }))),
};

#[derive(Debug)]
struct Unsqueeze {
    dim: i64,
}

impl Reshaping for Unsqueeze {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn shape(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Shape, ShapeError> {
        let input = any_operand(&DEF, inputs, 0)?;
        let axis = new_axis_of(&DEF, "dim", self.dim, 0, input)?;
        let (before, after) = input.shape.split_at_checked(axis).unwrap_or((&input.shape, &[]));
        Ok(before.iter().chain([&Dim::ONE]).chain(after).cloned().collect())
    }
}
