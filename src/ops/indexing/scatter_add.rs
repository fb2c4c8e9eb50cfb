//! `scatter_add`: values added to elements of an axis that an int tensor names.

use super::indices::{Lookup, bound, check, fits, index_bound, index_of};
use crate::ops::ShapeError;
use crate::ops::axis::{axis, axis_of};
use crate::ops::contract::{Backward, DataError, Def, Form, Forward, Keeps, Kernel, Op, Parameter, Type};
use crate::ops::shape_rules::{as_element, number_input};
use crate::shape::{Dim, Facts, TensorType};
use crate::tensor::{Real, Slice, SliceMut};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "scatter_add",
    form: Form::Function,
    summary: "Adds values to elements along an axis, one for each element of a tensor of indices.",
    formula: "y = x, and y[i, index[i, j, k], k] += src[i, j, k] for dim = 1",
    parameters: &[
        Parameter::operand("input", "Any shape with the axis `dim`, floats or ints."),
        Parameter::required("dim", Type::Int, "The axis."),
        Parameter::operand(
            "index",
            "Indices on that axis, `int`, with the axes of the input and no longer on the others.",
        ),
        Parameter::operand("src", "The values, of the input's type, at least as long as `index` on every axis."),
    ],
    torch: "torch.scatter_add",
    onnx: "ScatterElements",
    examples: &[
        "input x: [3, 4]  input i: int[3, 6]  input s: [3, 6]  output scatter_add(x, 1, i, s)",
        "input x: [3, 4]  input i: int[2, 2]  input s: [3, 3]  output scatter_add(x, dim=-2, index=i, src=s)",
        "input x: int[3]  input i: int[2]  input s: int[2]  output scatter_add(x, 0, i, s)",
    ],
    build: |attributes| Ok(Arc::new(ScatterAdd { dim: attributes.int("dim")? })),
};

#[derive(Debug)]
struct ScatterAdd {
    dim: i64,
}

impl Op for ScatterAdd {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = number_input(&DEF, inputs)?;
        let axis = axis_of(&DEF, "dim", self.dim, 0, input)?;
        let index = index_of(&DEF, facts, inputs, axis)?;
        let src = as_element(&DEF, inputs, 2, input)?;
        fits(&DEF, facts, [(2, src), (1, index)], None)?;
        Ok(vec![input.clone()])
    }

    fn keeps(&self) -> Keeps {
        Keeps::input(1)
    }

    fn index_bound(&self, operand: usize, inputs: &[TensorType]) -> Option<Dim> {
        index_bound(self.dim, operand, inputs)
    }

    /// An addition for each index.
    fn flops(&self, inputs: &[TensorType], _: &[TensorType]) -> Dim {
        inputs.get(1).map_or(Dim::ZERO, |index| index.shape.numel())
    }
}

#[allow(clippy::indexing_slicing, reason = "indices are checked, and loops stay inside their tensors")]
impl<T: Real> Kernel<T> for ScatterAdd {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x, index, src], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        let Some(axis) = axis(self.dim, x.shape.len()) else { return Ok(()) };
        check(1, index, bound(x.shape, axis))?;
        let lookup = Lookup::of_each(x.shape, axis, index.shape, src.shape);
        let index = index.ints();
        match (x.data, &mut y.data, src.data) {
            (Slice::Float(x), SliceMut::Float(y), Slice::Float(values)) => {
                y.copy_from_slice(x);
                lookup.for_each(index, |to, from| y[to] += values[from]);
            }
            (Slice::Int(x), SliceMut::Int(y), Slice::Int(values)) => {
                y.copy_from_slice(x);
                lookup.for_each(index, |to, from| y[to] = y[to].wrapping_add(values[from]));
            }
            _ => {}
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let ([x, index, src], [grad], [grad_x, _, grad_src]) = (cx.inputs, cx.grad_outputs, cx.grad_inputs) else {
            return;
        };
        let grad = grad.floats();
        if let Some(out) = grad_x {
            out.iter_mut().zip(grad).for_each(|(out, &grad)| *out += grad);
        }
        if let (Some(out), Some(axis)) = (grad_src, axis(self.dim, x.shape.len())) {
            let lookup = Lookup::of_each(x.shape, axis, index.shape, src.shape);
            lookup.for_each(index.ints(), |from, to| out[to] += grad[from]);
        }
    }
}
