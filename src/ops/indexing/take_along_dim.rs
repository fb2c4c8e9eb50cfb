//! `take_along_dim`: elements of an axis that an int tensor names; both broadcast on the other axes.

use super::indices::{Lookup, bound, same_axes};
use super::picking::{Picked, Picking};
use crate::ops::ShapeError;
use crate::ops::axis::{axis, axis_of};
use crate::ops::contract::{Def, Form, Literal, Parameter, Type};
use crate::ops::movement::piece;
use crate::ops::shape_rules::{any_operand, broadcast, broadcast_error, operand_of};
use crate::shape::{Dim, Element, Facts, Shape, TensorType};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "take_along_dim",
    form: Form::Function,
    summary: "Picks elements along an axis, as many as there are indices; on the other axes both broadcast.",
    formula: "y[i, j, k] = x[i, indices[i, j, k], k] for dim = 1",
    parameters: &[
        Parameter::operand("input", "Any shape with the axis `dim`."),
        Parameter::operand("indices", "Indices on that axis, `int`, with the axes of the input."),
        Parameter::attribute("dim", Type::Int, Literal::None, "The axis; without it both are flattened."),
    ],
    torch: "torch.take_along_dim",
    onnx: "",
    examples: &[
        "input x: [3, 4]  input i: int[3, 2]  output take_along_dim(x, i, 1)",
        "input x: [3, 4]  input i: int[2, 1]  output take_along_dim(x, i, dim=0)",
        "input x: [1, 4, 2]  input i: int[3, 2, 1]  output take_along_dim(x, i, dim=-2)",
        "input x: [3, 4]  input i: int[2, 2]  output take_along_dim(x, i)",
        "input x: int[3]  input i: int[2]  output take_along_dim(x, i, 0)",
    ],
    build: |attributes| Ok(Arc::new(Picked(TakeAlongDim { dim: attributes.optional_int("dim")? }))),
};

#[derive(Debug)]
struct TakeAlongDim {
    dim: Option<i64>,
}

impl Picking for TakeAlongDim {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn result(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<TensorType, ShapeError> {
        let (input, indices) = (any_operand(&DEF, inputs, 0)?, operand_of(&DEF, inputs, 1, Element::Int)?);
        let Some(dim) = self.dim else {
            return Ok(TensorType::new(input.element, [indices.shape.numel()]));
        };
        let axis = axis_of(&DEF, "dim", dim, 0, input)?;
        same_axes(&DEF, [(0, input), (1, indices)])?;
        // The axis itself has the size of the indices.
        let picked = indices.shape.get(axis).cloned().unwrap_or(Dim::ONE);
        let table = piece(input, axis, picked);
        match broadcast(facts, &table.shape, &indices.shape) {
            Ok(shape) => Ok(TensorType::new(input.element, shape)),
            Err(back) => Err(broadcast_error(facts, &DEF, [input, indices], back)),
        }
    }

    fn bound(&self, table: &Shape) -> Option<Dim> {
        match self.dim {
            Some(dim) => table.get(axis(dim, table.rank())?).cloned(),
            None => Some(table.numel()),
        }
    }

    fn lookup(&self, table: &[usize], indices: &[usize], result: &[usize]) -> Option<(Lookup, usize)> {
        let Some(dim) = self.dim else {
            let (table, indices) = ([table.iter().product()], [indices.iter().product()]);
            return Some((Lookup::of_each(&table, 0, &indices, result), bound(&table, 0)));
        };
        let axis = axis(dim, table.len())?;
        Some((Lookup::broadcast(table, axis, indices, result), bound(table, axis)))
    }
}
