//! `transpose`: two axes change places.

use super::moves::{Move, Moved, Movement};
use crate::ops::ShapeError;
use crate::ops::axis::{axis, axis_of};
use crate::ops::contract::{Def, Form, Parameter, Type};
use crate::ops::shape_rules::any_operand;
use crate::shape::{Facts, TensorType};
use crate::tensor::nest::dense_steps;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "transpose",
    form: Form::Function,
    summary: "Exchanges two axes.",
    formula: "y[..., j, ..., i, ...] = x[..., i, ..., j, ...]",
    parameters: &[
        Parameter::operand("input", "Any shape with both axes."),
        Parameter::required("dim0", Type::Int, "One axis."),
        Parameter::required("dim1", Type::Int, "The other axis."),
    ],
    torch: "torch.transpose",
    onnx: "Transpose",
    examples: &[
        "input x: [2, 3]  output transpose(x, 0, 1)",
        "input x: [2, 3, 4, 5]  output transpose(x, 1, 2)",
        "input x: [2, 3, 4]  output transpose(x, -1, 0)",
        "input x: int[2, 3]  output transpose(x, 0, 1)",
    ],
    build: |attributes| {
        let (dim0, dim1) = (attributes.int("dim0")?, attributes.int("dim1")?);
        Ok(Arc::new(Moved(Transpose { dim0, dim1 })))
    },
};

#[derive(Debug)]
struct Transpose {
    dim0: i64,
    dim1: i64,
}

impl Movement for Transpose {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = any_operand(&DEF, inputs, 0)?;
        let first = axis_of(&DEF, "dim0", self.dim0, 0, input)?;
        let second = axis_of(&DEF, "dim1", self.dim1, 0, input)?;
        let mut output = input.clone();
        output.shape.swap(first, second);
        Ok(vec![output])
    }

    fn moves(&self, inputs: &[&[usize]], results: &[&[usize]], visit: &mut dyn FnMut(&Move)) {
        let ([input], [result]) = (inputs, results) else { return };
        let (first, second) = (axis(self.dim0, input.len()), axis(self.dim1, input.len()));
        let (Some(first), Some(second)) = (first, second) else { return };
        let mut steps = dense_steps(input);
        steps.swap(first, second);
        visit(&Move::gather(0, &steps, result));
    }
}
