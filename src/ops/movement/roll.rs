//! `roll`: elements move along axes, and come in again at the other end.

use super::moves::{Move, Moved, Movement};
use crate::ops::axis::{axes_in_order, axis};
use crate::ops::contract::{Def, Form, Literal, Op, Parameter, Type};
use crate::ops::shape_rules::any_operand;
use crate::ops::{AttributeError, Attributes, ShapeError};
use crate::shape::{Facts, TensorType};
use crate::tensor::nest::{Steps, dense_steps};
use smallvec::SmallVec;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "roll",
    form: Form::Function,
    summary: "Moves elements along axes; those that leave at one end come in at the other.",
    formula: "y[..., (i + shift) mod n, ...] = x[..., i, ...]",
    parameters: &[
        Parameter::operand("input", "Any shape."),
        Parameter::required("shifts", Type::Ints, "How far, towards the end if positive."),
        Parameter::attribute("dims", Type::Ints, Literal::None, "The axis of each shift; without it as if flat."),
    ],
    torch: "torch.roll",
    onnx: "",
    examples: &[
        "input x: [2, 5]  output roll(x, 2, dims=1)",
        "input x: [3, 4]  output roll(x, [-1, 6], [0, -1])",
        "input x: [2, 3]  output roll(x, shifts=-2)",
        "input x: int[4]  output roll(x, 1)",
    ],
    build: |attributes| Roll::new(attributes).map(|op| Arc::new(Moved(op)) as Arc<dyn Op>),
};

#[derive(Debug)]
struct Roll {
    shifts: Vec<i64>,
    dims: Option<Vec<i64>>,
}

impl Roll {
    fn new(attributes: &Attributes) -> Result<Self, AttributeError> {
        let (shifts, dims) = (attributes.ints("shifts")?, attributes.optional_ints("dims")?);
        let wanted = dims.as_ref().map_or(1, Vec::len);
        if shifts.len() != wanted {
            let message =
                format!("`shifts` must have one number for each axis of `dims`, {wanted}, and has {}", shifts.len());
            return Err(AttributeError::new("shifts", message));
        }
        Ok(Self { shifts, dims })
    }

    /// The axes that are rolled, and how far towards the end, below their sizes.
    fn shifts(&self, shape: &[usize]) -> SmallVec<[(usize, usize); 4]> {
        let dims = self.dims.as_deref().unwrap_or(&[0]);
        let each = self.shifts.iter().zip(dims).filter_map(|(shift, dim)| {
            let axis = axis(*dim, shape.len())?;
            let size = shape.get(axis).filter(|size| **size > 0)?;
            Some((axis, shift.rem_euclid(*size as i64) as usize))
        });
        each.filter(|(_, shift)| *shift > 0).collect()
    }
}

impl Movement for Roll {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = any_operand(&DEF, inputs, 0)?;
        if let Some(dims) = &self.dims {
            axes_in_order(&DEF, "dims", dims, input)?;
        }
        Ok(vec![input.clone()])
    }

    /// Each axis that is rolled has two blocks, those combine.
    fn moves(&self, inputs: &[&[usize]], _: &[&[usize]], visit: &mut dyn FnMut(&Move)) {
        let [input] = inputs else { return };
        let flat = [input.iter().product()];
        let input = if self.dims.is_some() { *input } else { &flat };
        let (shifts, steps) = (self.shifts(input), dense_steps(input));
        for blocks in 0..1usize << shifts.len() {
            let (mut shape, mut at) = (Steps::from_slice(input), [0, 0]);
            for (index, &(axis, shift)) in shifts.iter().enumerate() {
                let (Some(size), Some(step)) = (shape.get_mut(axis), steps.get(axis)) else { continue };
                if blocks >> index & 1 == 0 {
                    at[1] += shift * step;
                    *size -= shift;
                } else {
                    at[0] += (*size - shift) * step;
                    *size = shift;
                }
            }
            visit(&Move::block(&shape, at, input, input));
        }
    }
}
