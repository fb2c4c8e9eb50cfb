//! `squeeze`: axes of size 1 go away.

use super::reshaping::{Reshaped, Reshaping};
use crate::ops::ShapeError;
use crate::ops::axis::axes_of;
use crate::ops::contract::{Def, Form, Literal, Parameter, Type};
use crate::ops::shape_rules::any_operand;
use crate::shape::{Dim, Facts, Shape, TensorType};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "squeeze",
    form: Form::Function,
    summary: "Drops axes of size 1.",
    formula: "[..., 1, ...] -> [..., ...]",
    parameters: &[
        Parameter::operand("input", "Any shape."),
        Parameter::attribute(
            "dim",
            Type::Ints,
            Literal::None,
            "The axes that go if they are 1, which symbols must be; without it all that are the number 1.",
        ),
    ],
    torch: "torch.squeeze",
    onnx: "Squeeze",
    examples: &[
        "input x: [2, 1, 3, 1]  output squeeze(x)",
        "input x: [2, 1, 3, 1]  output squeeze(x, 1)",
        "input x: [1, 2, 1]  output squeeze(x, dim=[0, -1])",
        "input x: [2, 3]  output squeeze(x, 1)",
        "input x: int[1]  output squeeze(x, 0)",
    ],
    build: |attributes| Ok(Arc::new(Reshaped(Squeeze { dim: attributes.optional_ints("dim")? }))),
};

#[derive(Debug)]
struct Squeeze {
    dim: Option<Vec<i64>>,
}

impl Reshaping for Squeeze {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn shape(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Shape, ShapeError> {
        let input = any_operand(&DEF, inputs, 0)?;
        let named = self.dim.as_deref().map(|dims| axes_of(&DEF, "dim", dims, input)).transpose()?;
        let mut shape = Shape::scalar();
        for (axis, size) in input.shape.iter().enumerate() {
            let goes = match &named {
                Some(named) => named.contains(&axis) && facts.equal(size, &Dim::ONE),
                None => facts.reduce(size) == Dim::ONE,
            };
            if !goes {
                shape.push(size.clone());
            }
        }
        Ok(shape)
    }
}
