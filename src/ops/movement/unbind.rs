//! `unbind`: every element of an axis, which goes away, is a result.

use super::moves::{Move, Moved, Movement};
use super::split::are;
use crate::ops::axis::{axis, axis_of, without};
use crate::ops::contract::{Def, Form, Literal, Parameter, Type};
use crate::ops::shape_rules::any_operand;
use crate::ops::{Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Facts, TensorType};
use crate::tensor::nest::dense_steps;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "unbind",
    form: Form::Function,
    summary: "Makes a result of every element of an axis, which goes away.",
    formula: "yₖ[..., ...] = x[..., k, ...]",
    parameters: &[
        Parameter::operand("input", "Any shape with the axis `dim`."),
        Parameter::attribute("dim", Type::Int, Literal::Int(0), "The axis."),
    ],
    torch: "torch.unbind",
    onnx: "",
    examples: &[
        "input x: [2, 3]  a, b = unbind(x)  output a * b",
        "input x: [2, 3, 1]  a, _, c = unbind(x, dim=1)  output a = a  output c = c",
        "input x: [2, 1]  a = unbind(x, dim=1)  output a",
    ],
    build: |attributes| {
        let count = attributes.results().unwrap_or(1);
        Ok(Arc::new(Moved(Unbind { count, dim: attributes.int("dim")? })))
    },
};

#[derive(Debug)]
struct Unbind {
    count: usize,
    dim: i64,
}

impl Movement for Unbind {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn n_results(&self) -> usize {
        self.count
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = any_operand(&DEF, inputs, 0)?;
        let axis = axis_of(&DEF, "dim", self.dim, 0, input)?;
        let size = input.shape.get(axis).cloned().unwrap_or(Dim::ONE);
        if !facts.equal(&Dim::from(self.count), &size) {
            let (count, shape) = (are(self.count), &input.shape);
            let message = format!("`unbind` of axis {axis} of {shape} has {size} results, and {count} named");
            let mut error = ShapeError::new(ShapeErrorKind::Mismatch, message)
                .cause(Cause::Axis { operand: 0, axis }, format!("axis {axis} of {shape} is {size}"));
            error.help = (self.count == 1).then(|| "name each, `a, b = unbind(x)`".to_owned());
            return Err(error);
        }
        let one = TensorType::new(input.element, without(&input.shape, axis));
        Ok(vec![one; self.count])
    }

    fn moves(&self, inputs: &[&[usize]], results: &[&[usize]], visit: &mut dyn FnMut(&Move)) {
        let [input] = inputs else { return };
        let Some(axis) = axis(self.dim, input.len()) else { return };
        let mut steps = dense_steps(input);
        let step = steps.remove(axis);
        for (number, result) in results.iter().enumerate() {
            visit(&Move { result: number, ..Move::gather(number * step, &steps, result) });
        }
    }
}
