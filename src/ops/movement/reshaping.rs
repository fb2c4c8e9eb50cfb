//! Operators whose result has the elements of the first operand in the same order. Such an operator's file gives the
//! shape; no step is needed.

use crate::ops::ShapeError;
use crate::ops::contract::{Backward, DataError, Def, Forward, Keeps, Kernel, Op};
use crate::ops::shape_rules::any_operand;
use crate::shape::{Dim, Facts, Shape, TensorType};
use crate::tensor::{Real, Slice, SliceMut};
use std::fmt::Debug;

pub(super) trait Reshaping: Debug + Send + Sync + 'static {
    fn def(&self) -> &'static Def;

    /// The shape of the result. The first operand is there.
    fn shape(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Shape, ShapeError>;

    /// Gradients reach the first operand; of another only the shape is read.
    fn passes_gradient(&self) -> bool {
        true
    }
}

/// The operator that a reshaping makes.
#[derive(Debug)]
pub(super) struct Reshaped<R>(pub(super) R);

impl<R: Reshaping> Op for Reshaped<R> {
    fn def(&self) -> &'static Def {
        self.0.def()
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let element = any_operand(self.0.def(), inputs, 0)?.element;
        Ok(vec![TensorType::new(element, self.0.shape(facts, inputs)?)])
    }

    fn keeps(&self) -> Keeps {
        Keeps::NOTHING
    }

    fn passes_gradient(&self, operand: usize) -> bool {
        operand == 0 && self.0.passes_gradient()
    }

    fn flops(&self, _: &[TensorType], _: &[TensorType]) -> Dim {
        Dim::ZERO
    }

    fn is_reshape(&self) -> bool {
        true
    }
}

impl<R: Reshaping, T: Real> Kernel<T> for Reshaped<R> {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x, ..], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        match (x.data, &mut y.data) {
            (Slice::Float(x), SliceMut::Float(y)) => y.copy_from_slice(x),
            (Slice::Int(x), SliceMut::Int(y)) => y.copy_from_slice(x),
            (Slice::Bool(x), SliceMut::Bool(y)) => y.copy_from_slice(x),
            _ => {}
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        if self.0.passes_gradient() {
            pass_back(cx);
        }
    }
}

/// dx += g
pub(super) fn pass_back<T: Real>(cx: Backward<T>) {
    if let ([grad], [Some(out), ..]) = (cx.grad_outputs, cx.grad_inputs) {
        out.iter_mut().zip(grad.floats()).for_each(|(out, &grad)| *out += grad);
    }
}
