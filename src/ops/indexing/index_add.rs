//! `index_add`: slices added to those of an axis that a vector of indices names.

use super::indices::{Lookup, bound, check, index_bound, index_vector, same_axes};
use crate::ops::axis::{axis, axis_of};
use crate::ops::contract::{Backward, DataError, Def, Form, Forward, Keeps, Kernel, Literal, Op, Parameter, Type};
use crate::ops::shape_rules::{as_element, number_input};
use crate::ops::{Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Element, Facts, TensorType};
use crate::tensor::{Real, Slice, SliceMut};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "index_add",
    form: Form::Function,
    summary: "Adds slices to those of an axis that a vector of indices names.",
    formula: "y = x, and y[..., index[i], ...] += alpha source[..., i, ...]",
    parameters: &[
        Parameter::operand("input", "Any shape with the axis `dim`, floats or ints."),
        Parameter::required("dim", Type::Int, "The axis."),
        Parameter::operand("index", "Indices on that axis, `int[n]`, or a single one, `int[]`."),
        Parameter::operand("source", "The input's shape and type, but that the axis has the size n."),
        Parameter::attribute("alpha", Type::Float, Literal::Float(1.0), "What the source is multiplied by."),
    ],
    torch: "torch.index_add",
    onnx: "",
    examples: &[
        "input x: [3, 4]  input i: int[5]  input s: [5, 4]  output index_add(x, 0, i, s)",
        "input x: [2, 3]  input i: int[2]  input s: [2, 2]  output index_add(x, dim=1, index=i, source=s, alpha=-0.5)",
        "input x: int[3]  input i: int[2]  input s: int[2]  output index_add(x, 0, i, s, alpha=2)",
    ],
    build: |attributes| Ok(Arc::new(IndexAdd { dim: attributes.int("dim")?, alpha: attributes.float("alpha")? })),
};

#[derive(Debug)]
struct IndexAdd {
    dim: i64,
    alpha: f64,
}

impl Op for IndexAdd {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = number_input(&DEF, inputs)?;
        let added = axis_of(&DEF, "dim", self.dim, 0, input)?;
        let count = index_vector(&DEF, inputs)?;
        let source = as_element(&DEF, inputs, 2, input)?;
        if input.element == Element::Int && self.alpha.fract() != 0.0 {
            let message = format!("`index_add` to ints wants an integer for `alpha`, and gets {}", self.alpha);
            return Err(ShapeError::new(ShapeErrorKind::Element, message)
                .cause(Cause::Attribute("alpha"), "this is no integer")
                .cause(Cause::Operand(0), format!("this is {input}")));
        }
        same_axes(&DEF, [(0, input), (2, source)])?;
        for (axis, (x, y)) in input.shape.iter().zip(source.shape.iter()).enumerate() {
            let wanted = if axis == added { &count } else { x };
            if !facts.equal(wanted, y) {
                let (cause, why) = if axis == added {
                    (Cause::Operand(1), format!("there are {count} indices"))
                } else {
                    (Cause::Axis { operand: 0, axis }, format!("axis {axis} of `input` is {x}"))
                };
                let message =
                    format!("`index_add` wants `source` with {wanted} on axis {axis}, and gets {}", source.shape);
                return Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
                    .cause(Cause::Axis { operand: 2, axis }, format!("axis {axis} of `source` is {y}"))
                    .cause(cause, why));
            }
        }
        Ok(vec![input.clone()])
    }

    fn keeps(&self) -> Keeps {
        Keeps::input(1)
    }

    fn index_bound(&self, operand: usize, inputs: &[TensorType]) -> Option<Dim> {
        index_bound(self.dim, operand, inputs)
    }

    /// A product and an addition for each element of the source.
    fn flops(&self, inputs: &[TensorType], _: &[TensorType]) -> Dim {
        inputs.get(2).map_or(Dim::ZERO, |source| source.shape.numel().mul(&Dim::from(2i64)))
    }
}

#[allow(clippy::indexing_slicing, reason = "indices are checked, and loops stay inside their tensors")]
impl<T: Real> Kernel<T> for IndexAdd {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x, index, source], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        let Some(axis) = axis(self.dim, x.shape.len()) else { return Ok(()) };
        check(1, index, bound(x.shape, axis))?;
        let lookup = Lookup::of_slices(x.shape, axis, source.shape);
        let index = index.ints();
        match (x.data, &mut y.data, source.data) {
            (Slice::Float(x), SliceMut::Float(y), Slice::Float(values)) => {
                y.copy_from_slice(x);
                let alpha = T::from_f64(self.alpha);
                lookup.for_each(index, |to, from| y[to] += alpha * values[from]);
            }
            (Slice::Int(x), SliceMut::Int(y), Slice::Int(values)) => {
                y.copy_from_slice(x);
                let alpha = self.alpha as i64;
                lookup.for_each(index, |to, from| y[to] = y[to].wrapping_add(alpha.wrapping_mul(values[from])));
            }
            _ => {}
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let ([x, index, source], [grad], [grad_x, _, grad_source]) = (cx.inputs, cx.grad_outputs, cx.grad_inputs)
        else {
            return;
        };
        let grad = grad.floats();
        if let Some(out) = grad_x {
            out.iter_mut().zip(grad).for_each(|(out, &grad)| *out += grad);
        }
        if let (Some(out), Some(axis)) = (grad_source, axis(self.dim, x.shape.len())) {
            let alpha = T::from_f64(self.alpha);
            let lookup = Lookup::of_slices(x.shape, axis, source.shape);
            lookup.for_each(index.ints(), |from, to| out[to] += alpha * grad[from]);
        }
    }
}
