//! `repeat_interleave`: each element several times in a row.

use super::moves::{Move, Moved, Movement};
use crate::ops::ShapeError;
use crate::ops::axis::{axis, axis_of};
use crate::ops::contract::{Def, Form, Literal, Parameter, Type};
use crate::ops::shape_rules::{any_operand, size};
use crate::shape::{Dim, Facts, Shape, TensorType};
use crate::tensor::nest::{Steps, dense_steps};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "repeat_interleave",
    form: Form::Function,
    summary: "Repeats each element along an axis several times in a row.",
    formula: "y[..., i, ...] = x[..., ⌊i / repeats⌋, ...]",
    parameters: &[
        Parameter::operand("input", "Any shape."),
        Parameter::required("repeats", Type::Size, "How many times each element comes."),
        Parameter::attribute("dim", Type::Int, Literal::None, "The axis; without it the input is flattened."),
    ],
    torch: "torch.repeat_interleave",
    onnx: "",
    examples: &[
        "input x: [2, 3]  output repeat_interleave(x, 2, dim=1)",
        "input x: [2, 3]  output repeat_interleave(x, 2, 0)",
        "input x: [2, 3]  output repeat_interleave(x, repeats=3)",
        "input x: int[2]  output repeat_interleave(x, 2, dim=-1)",
    ],
    build: |attributes| {
        let (repeats, dim) = (size(attributes, "repeats")?, attributes.optional_int("dim")?);
        Ok(Arc::new(Moved(RepeatInterleave { repeats, dim })))
    },
};

#[derive(Debug)]
struct RepeatInterleave {
    repeats: Dim,
    dim: Option<i64>,
}

impl Movement for RepeatInterleave {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = any_operand(&DEF, inputs, 0)?;
        let Some(dim) = self.dim else {
            let shape: Shape = [input.shape.numel().mul(&self.repeats)].into();
            return Ok(vec![TensorType::new(input.element, shape)]);
        };
        let axis = axis_of(&DEF, "dim", dim, 0, input)?;
        let mut output = input.clone();
        if let Some(size) = output.shape.get_mut(axis) {
            *size = size.mul(&self.repeats);
        }
        Ok(vec![output])
    }

    fn moves(&self, inputs: &[&[usize]], _: &[&[usize]], visit: &mut dyn FnMut(&Move)) {
        let ([input], Some(repeats)) = (inputs, self.repeats.as_const()) else { return };
        // The axis of the repeats is one of its own, after the one that is repeated.
        let at = self.dim.map_or(Some(input.len()), |dim| axis(dim, input.len()).map(|axis| axis + 1));
        let (Some(at), Ok(repeats)) = (at, usize::try_from(repeats)) else { return };
        let (mut shape, mut steps) = (Steps::from_slice(input), dense_steps(input));
        shape.insert(at, repeats);
        steps.insert(at, 0);
        visit(&Move::gather(0, &steps, &shape));
    }
}
