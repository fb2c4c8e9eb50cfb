//! `transpose`: two axes change places.

use super::axis::{axis, axis_of};
use super::contract::{Backward, DataError, Def, Form, Forward, Keeps, Kernel, Op, Parameter, Type};
use super::shape_rules::any_operand;
use super::ShapeError;
use crate::shape::{Dim, Facts, TensorType};
use crate::tensor::nest::{Nest, dense_steps};
use crate::tensor::{Real, Slice, SliceMut};
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
    build: |attributes| Ok(Arc::new(Transpose { dim0: attributes.int("dim0")?, dim1: attributes.int("dim1")? })),
};

#[derive(Debug)]
struct Transpose {
    dim0: i64,
    dim1: i64,
}

impl Op for Transpose {
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

    fn keeps(&self) -> Keeps {
        Keeps::NOTHING
    }

    fn flops(&self, _: &[TensorType], _: &[TensorType]) -> Dim {
        Dim::ZERO
    }
}

impl Transpose {
    /// Calls `pair(from, to)` for every element of a tensor and its place in the transposed one, in the order of the
    /// latter.
    fn for_each(&self, shape: &[usize], transposed: &[usize], mut pair: impl FnMut(usize, usize)) {
        let (first, second) = (axis(self.dim0, shape.len()), axis(self.dim1, shape.len()));
        let (Some(first), Some(second)) = (first, second) else { return };
        let mut steps = dense_steps(shape);
        steps.swap(first, second);
        let nest = Nest::new(transposed, [&steps, &dense_steps(transposed)]);
        nest.for_each_run(|[from, to], length, [step, _]| {
            (0..length).for_each(|index| pair(from + index * step, to + index));
        });
    }
}

#[allow(clippy::indexing_slicing, reason = "a nest of loops stays inside the tensors that it was made of")]
impl<T: Real> Kernel<T> for Transpose {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        match (x.data, &mut y.data) {
            (Slice::Float(a), SliceMut::Float(b)) => self.for_each(x.shape, y.shape, |from, to| b[to] = a[from]),
            (Slice::Int(a), SliceMut::Int(b)) => self.for_each(x.shape, y.shape, |from, to| b[to] = a[from]),
            (Slice::Bool(a), SliceMut::Bool(b)) => self.for_each(x.shape, y.shape, |from, to| b[to] = a[from]),
            _ => {}
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        if let ([x], [grad], [Some(out)]) = (cx.inputs, cx.grad_outputs, cx.grad_inputs) {
            let data = grad.floats();
            self.for_each(x.shape, grad.shape, |from, to| out[from] += data[to]);
        }
    }
}
