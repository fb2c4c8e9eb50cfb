//! `index_select`: slices of an axis that a vector of indices names.

use super::indices::{Lookup, bound, index_vector};
use super::picking::{Picked, Picking};
use crate::ops::ShapeError;
use crate::ops::axis::{axis, axis_of};
use crate::ops::contract::{Def, Form, Parameter, Type};
use crate::ops::movement::piece;
use crate::ops::shape_rules::any_operand;
use crate::shape::{Dim, Facts, Shape, TensorType};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "index_select",
    form: Form::Function,
    summary: "Picks slices of an axis, one for each index of a vector.",
    formula: "y[..., i, ...] = x[..., index[i], ...]",
    parameters: &[
        Parameter::operand("input", "Any shape with the axis `dim`."),
        Parameter::required("dim", Type::Int, "The axis."),
        Parameter::operand("index", "Indices on that axis, `int[n]`, or a single one, `int[]`."),
    ],
    torch: "torch.index_select",
    onnx: "Gather",
    examples: &[
        "input x: [3, 4]  input i: int[5]  output index_select(x, 0, i)",
        "input x: [2, 3, 4]  input i: int[2]  output index_select(x, dim=1, index=i)",
        "input x: [2, 3]  input i: int[]  output index_select(x, -1, i)",
        "input x: int[3]  input i: int[2]  output index_select(x, 0, i)",
    ],
    build: |attributes| Ok(Arc::new(Picked(IndexSelect { dim: attributes.int("dim")? }))),
};

#[derive(Debug)]
struct IndexSelect {
    dim: i64,
}

impl Picking for IndexSelect {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn result(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<TensorType, ShapeError> {
        let input = any_operand(&DEF, inputs, 0)?;
        let axis = axis_of(&DEF, "dim", self.dim, 0, input)?;
        Ok(piece(input, axis, index_vector(&DEF, inputs)?))
    }

    fn bound(&self, table: &Shape) -> Option<Dim> {
        table.get(axis(self.dim, table.rank())?).cloned()
    }

    fn lookup(&self, table: &[usize], _: &[usize], result: &[usize]) -> Option<(Lookup, usize)> {
        let axis = axis(self.dim, table.len())?;
        Some((Lookup::of_slices(table, axis, result), bound(table, axis)))
    }
}
