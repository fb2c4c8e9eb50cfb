//! `select`: one element of an axis, which goes away.

use super::range::{On, from_start};
use crate::ops::ShapeError;
use crate::ops::axis::{axis, axis_of, without};
use crate::ops::contract::{Def, Form, Parameter, Type};
use crate::ops::movement::{Move, Moved, Movement};
use crate::ops::shape_rules::any_operand;
use crate::shape::{Dim, Facts, TensorType};
use crate::tensor::nest::dense_steps;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "select",
    form: Form::Function,
    summary: "Takes one element of an axis, which goes away.",
    formula: "y[..., ...] = x[..., index, ...]",
    parameters: &[
        Parameter::operand("input", "Any shape with the axis `dim`."),
        Parameter::required("dim", Type::Int, "The axis."),
        Parameter::required("index", Type::Size, "Which element; a negative number counts from the end."),
    ],
    torch: "torch.select",
    onnx: "Gather",
    examples: &[
        "input x: [2, 5]  output select(x, 1, 1)",
        "input x: [4, 3, 2]  output select(x, dim=0, index=-1)",
        "input x: int[3]  output select(x, -1, 0)",
    ],
    build: |attributes| {
        let (dim, index) = (attributes.int("dim")?, attributes.size("index")?);
        Ok(Arc::new(Moved(Select { dim, index })))
    },
};

#[derive(Debug)]
struct Select {
    dim: i64,
    index: Dim,
}

impl Movement for Select {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = any_operand(&DEF, inputs, 0)?;
        let axis = axis_of(&DEF, "dim", self.dim, 0, input)?;
        On { def: &DEF, attribute: "index", input, axis }.index(facts, &self.index)?;
        Ok(vec![TensorType::new(input.element, without(&input.shape, axis))])
    }

    fn moves(&self, inputs: &[&[usize]], results: &[&[usize]], visit: &mut dyn FnMut(&Move)) {
        let ([input], [result]) = (inputs, results) else { return };
        let Some(axis) = axis(self.dim, input.len()) else { return };
        let (mut steps, size) = (dense_steps(input), input.get(axis).copied().unwrap_or(0));
        let index = from_start(&self.index, &Dim::from(size)).as_const().unwrap_or(0) as usize;
        let step = steps.remove(axis);
        visit(&Move::gather(index * step, &steps, result));
    }
}
