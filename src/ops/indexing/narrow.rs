//! `narrow`: a range of an axis.

use super::range::{On, from_start};
use crate::ops::axis::{axis, axis_of};
use crate::ops::contract::{Def, Form, Parameter, Type};
use crate::ops::movement::{Move, Moved, Movement};
use crate::ops::shape_rules::{any_operand, size};
use crate::ops::{Cause, ShapeError};
use crate::shape::{Dim, Facts, TensorType};
use crate::tensor::nest::dense_steps;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "narrow",
    form: Form::Function,
    summary: "Takes a range of an axis.",
    formula: "y[..., i, ...] = x[..., start + i, ...], i < length",
    parameters: &[
        Parameter::operand("input", "Any shape with the axis `dim`."),
        Parameter::required("dim", Type::Int, "The axis."),
        Parameter::required("start", Type::Size, "Where the range begins; a negative number counts from the end."),
        Parameter::required("length", Type::Size, "The size of the axis of the result."),
    ],
    torch: "torch.narrow",
    onnx: "Slice",
    examples: &[
        "input x: [2, 5]  output narrow(x, 1, 1, 3)",
        "input x: [4, 3]  output narrow(x, dim=0, start=-2, length=2)",
        "input x: [2, 3, 2]  output narrow(x, 1, 3, 0)",
        "input x: bool[4]  output narrow(x, -1, 0, 1)",
    ],
    build: |attributes| {
        let (dim, start) = (attributes.int("dim")?, attributes.size("start")?);
        Ok(Arc::new(Moved(Narrow { dim, start, length: size(attributes, "length")? })))
    },
};

#[derive(Debug)]
struct Narrow {
    dim: i64,
    start: Dim,
    length: Dim,
}

impl Movement for Narrow {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = any_operand(&DEF, inputs, 0)?;
        let axis = axis_of(&DEF, "dim", self.dim, 0, input)?;
        let mut output = input.clone();
        if let Some(size) = output.shape.get_mut(axis) {
            let start = from_start(&self.start, size);
            let end = start.add(&self.length);
            let on = On { def: &DEF, attribute: "length", input, axis };
            on.range(facts, Some(&start), Some(&end))
                .map_err(|error| error.cause(Cause::Attribute("start"), format!("it begins at {}", self.start)))?;
            *size = self.length.clone();
        }
        Ok(vec![output])
    }

    fn moves(&self, inputs: &[&[usize]], results: &[&[usize]], visit: &mut dyn FnMut(&Move)) {
        let ([input], [result]) = (inputs, results) else { return };
        let Some(axis) = axis(self.dim, input.len()) else { return };
        let (steps, size) = (dense_steps(input), input.get(axis).copied().unwrap_or(0));
        let start = from_start(&self.start, &Dim::from(size)).as_const().unwrap_or(0) as usize;
        let step = steps.get(axis).copied().unwrap_or(0);
        visit(&Move::gather(start * step, &steps, result));
    }
}
