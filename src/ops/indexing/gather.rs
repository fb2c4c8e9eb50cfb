//! `gather`: elements of an axis that an int tensor names, one for each of its elements.

use super::indices::{Lookup, bound, index_of};
use super::picking::{Picked, Picking};
use crate::ops::ShapeError;
use crate::ops::axis::{axis, axis_of};
use crate::ops::contract::{Def, Form, Parameter, Type};
use crate::ops::shape_rules::any_operand;
use crate::shape::{Dim, Facts, Shape, TensorType};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "gather",
    form: Form::Function,
    summary: "Picks elements along an axis, one for each element of a tensor of indices.",
    formula: "y[i, j, k] = x[i, index[i, j, k], k] for dim = 1",
    parameters: &[
        Parameter::operand("input", "Any shape with the axis `dim`."),
        Parameter::required("dim", Type::Int, "The axis."),
        Parameter::operand(
            "index",
            "Indices on that axis, `int`, with the axes of the input and no longer on the others.",
        ),
    ],
    torch: "torch.gather",
    onnx: "GatherElements",
    examples: &[
        "input x: [3, 4]  input i: int[3, 2]  output gather(x, 1, i)",
        "input x: [3, 4]  input i: int[5, 2]  output gather(x, dim=0, index=i)",
        "input x: [2, 3, 4]  input i: int[1, 3, 2]  output gather(x, -1, i)",
        "input x: bool[3]  input i: int[2]  output gather(x, 0, i)",
    ],
    build: |attributes| Ok(Arc::new(Picked(Gather { dim: attributes.int("dim")? }))),
};

#[derive(Debug)]
struct Gather {
    dim: i64,
}

impl Picking for Gather {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn result(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<TensorType, ShapeError> {
        let input = any_operand(&DEF, inputs, 0)?;
        let axis = axis_of(&DEF, "dim", self.dim, 0, input)?;
        let index = index_of(&DEF, facts, inputs, axis)?;
        Ok(TensorType::new(input.element, index.shape.clone()))
    }

    fn bound(&self, table: &Shape) -> Option<Dim> {
        table.get(axis(self.dim, table.rank())?).cloned()
    }

    fn lookup(&self, table: &[usize], indices: &[usize], result: &[usize]) -> Option<(Lookup, usize)> {
        let axis = axis(self.dim, table.len())?;
        Some((Lookup::of_each(table, axis, indices, result), bound(table, axis)))
    }
}
