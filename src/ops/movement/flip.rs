//! `flip`: axes in the opposite order.

use crate::ops::ShapeError;
use crate::ops::axis::{axes_in_order, axis};
use crate::ops::contract::{Backward, DataError, Def, Form, Forward, Keeps, Kernel, Op, Parameter, Type};
use crate::ops::shape_rules::any_operand;
use crate::shape::{Dim, Facts, TensorType};
use crate::tensor::nest::{Nest, Steps, dense_steps};
use crate::tensor::{Real, Slice, SliceMut};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "flip",
    form: Form::Function,
    summary: "Reverses the order of the elements along axes.",
    formula: "y[..., i, ...] = x[..., n - 1 - i, ...]",
    parameters: &[
        Parameter::operand("input", "Any shape with the axes."),
        Parameter::required("dims", Type::Ints, "The axes."),
    ],
    torch: "torch.flip",
    onnx: "",
    examples: &[
        "input x: [2, 5]  output flip(x, 1)",
        "input x: [3, 2, 4]  output flip(x, dims=[0, -1])",
        "input x: [2, 3]  output flip(x, [])",
        "input x: int[4]  output flip(x, 0)",
    ],
    build: |attributes| Ok(Arc::new(Flip { dims: attributes.ints("dims")? })),
};

#[derive(Debug)]
struct Flip {
    dims: Vec<i64>,
}

impl Op for Flip {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = any_operand(&DEF, inputs, 0)?;
        axes_in_order(&DEF, "dims", &self.dims, input)?;
        Ok(vec![input.clone()])
    }

    fn keeps(&self) -> Keeps {
        Keeps::NOTHING
    }

    fn flops(&self, _: &[TensorType], _: &[TensorType]) -> Dim {
        Dim::ZERO
    }
}

impl Flip {
    /// Calls `pair(from, to)` for every element and its place in the result.
    fn for_each(&self, shape: &[usize], mut pair: impl FnMut(usize, usize)) {
        let flipped = |at: usize| self.dims.iter().any(|dim| axis(*dim, shape.len()) == Some(at));
        let steps = dense_steps(shape);
        // The place in the input is counted from that of the first element of the result: forwards along some axes,
        // backwards along the others.
        let part = |wanted: bool| -> Steps {
            steps.iter().enumerate().map(|(axis, step)| if flipped(axis) == wanted { *step } else { 0 }).collect()
        };
        let (forwards, backwards) = (part(false), part(true));
        let first: usize = shape.iter().zip(&backwards).map(|(size, step)| size.saturating_sub(1) * step).sum();
        Nest::new(shape, [&forwards, &backwards, &steps]).for_each_run(|[i, j, to], length, [forward, back, step]| {
            let from = first + i - j;
            (0..length).for_each(|index| pair(from + index * forward - index * back, to + index * step));
        });
    }
}

#[allow(clippy::indexing_slicing, reason = "a nest of loops stays inside the tensors that it was made of")]
impl<T: Real> Kernel<T> for Flip {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        match (x.data, &mut y.data) {
            (Slice::Float(a), SliceMut::Float(b)) => self.for_each(x.shape, |from, to| b[to] = a[from]),
            (Slice::Int(a), SliceMut::Int(b)) => self.for_each(x.shape, |from, to| b[to] = a[from]),
            (Slice::Bool(a), SliceMut::Bool(b)) => self.for_each(x.shape, |from, to| b[to] = a[from]),
            _ => {}
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        if let ([x], [grad], [Some(out)]) = (cx.inputs, cx.grad_outputs, cx.grad_inputs) {
            let data = grad.floats();
            self.for_each(x.shape, |from, to| out[from] += data[to]);
        }
    }
}
