//! `diagonal`: the elements whose indices on two axes differ by a number.

use super::moves::{Move, Moved, Movement};
use crate::ops::axis::{axis, axis_of};
use crate::ops::contract::{Def, Form, Literal, Parameter, Type};
use crate::ops::shape_rules::any_operand;
use crate::ops::{Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Facts, Shape, TensorType};
use crate::tensor::nest::dense_steps;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "diagonal",
    form: Form::Function,
    summary: "Takes a diagonal of two axes; it becomes the last axis.",
    formula: "y[..., i] = x[..., i, ..., i + offset, ...]",
    parameters: &[
        Parameter::operand("input", "Any shape with both axes."),
        Parameter::attribute("offset", Type::Int, Literal::Int(0), "How far it is above the main diagonal."),
        Parameter::attribute("dim1", Type::Int, Literal::Int(0), "The axis of the rows."),
        Parameter::attribute("dim2", Type::Int, Literal::Int(1), "The axis of the columns."),
    ],
    torch: "torch.diagonal",
    onnx: "",
    examples: &[
        "input x: [3, 3]  output diagonal(x)",
        "input x: [3, 4]  output diagonal(x, 1)",
        "input x: [2, 3, 4]  output diagonal(x, offset=-1, dim1=-2, dim2=-1)",
        "input x: [3, 2, 3]  output diagonal(x, 0, 2, 0)",
        "input x: int[2, 3]  output diagonal(x, 5)",
    ],
    build: |attributes| {
        let (offset, dim1, dim2) = (attributes.int("offset")?, attributes.int("dim1")?, attributes.int("dim2")?);
        Ok(Arc::new(Moved(Diagonal { offset, dim1, dim2 })))
    },
};

#[derive(Debug)]
struct Diagonal {
    offset: i64,
    dim1: i64,
    dim2: i64,
}

/// The length of the diagonal of a matrix. Which of two symbols is the smaller may have to be taken for granted.
pub(super) fn length(facts: &mut Facts, [rows, columns]: [&Dim; 2], offset: i64) -> Dim {
    let offset = Dim::from(offset);
    let below = offset.as_const() < Some(0);
    let (rows, columns) =
        if below { (rows.add(&offset), columns.clone()) } else { (rows.clone(), columns.sub(&offset)) };
    let shorter = match facts.is_at_most(&columns, &rows) {
        Some(true) => columns,
        _ if facts.at_most(&rows, &columns) => rows,
        _ => columns,
    };
    if facts.at_most(&Dim::ZERO, &shorter) { shorter } else { Dim::ZERO }
}

impl Movement for Diagonal {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = any_operand(&DEF, inputs, 0)?;
        let first = axis_of(&DEF, "dim1", self.dim1, 0, input)?;
        let second = axis_of(&DEF, "dim2", self.dim2, 0, input)?;
        let (Some(rows), Some(columns)) = (input.shape.get(first), input.shape.get(second)) else {
            return Ok(Vec::new());
        };
        if first == second {
            let message = format!("`diagonal` wants two axes of {}, and gets axis {first} twice", input.shape);
            return Err(ShapeError::new(ShapeErrorKind::Axis, message)
                .cause(Cause::Attribute("dim2"), format!("`dim2` is {}", self.dim2))
                .cause(Cause::Attribute("dim1"), format!("`dim1` is {}", self.dim1)));
        }
        let others = input.shape.iter().enumerate().filter(|(axis, _)| *axis != first && *axis != second);
        let mut shape: Shape = others.map(|(_, size)| size.clone()).collect();
        shape.push(length(facts, [rows, columns], self.offset));
        Ok(vec![TensorType::new(input.element, shape)])
    }

    fn moves(&self, inputs: &[&[usize]], results: &[&[usize]], visit: &mut dyn FnMut(&Move)) {
        let ([input], [result]) = (inputs, results) else { return };
        let (first, second) = (axis(self.dim1, input.len()), axis(self.dim2, input.len()));
        let (Some(first), Some(second)) = (first, second) else { return };
        let mut steps = dense_steps(input);
        let step = |axis: usize| steps.get(axis).copied().unwrap_or(0);
        let (row, column) = (step(first), step(second));
        let away = self.offset.unsigned_abs() as usize;
        // A diagonal outside the matrix has no elements.
        let from = away.saturating_mul(if self.offset < 0 { row } else { column });
        steps.remove(first.max(second));
        steps.remove(first.min(second));
        steps.push(row + column);
        visit(&Move::gather(from, &steps, result));
    }
}
