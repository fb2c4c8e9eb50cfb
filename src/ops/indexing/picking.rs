//! Operators whose result is elements of the first operand that the second, a tensor of indices, names. Such an operator's
//! file gives the shape rule and the loops; the kernels stand here.

use super::indices::{Lookup, check};
use crate::ops::ShapeError;
use crate::ops::contract::{Backward, DataError, Def, Forward, Keeps, Kernel, Op};
use crate::shape::{Dim, Facts, Shape, TensorType};
use crate::tensor::{Real, Slice, SliceMut};
use std::fmt::Debug;

pub(super) trait Picking: Debug + Send + Sync + 'static {
    fn def(&self) -> &'static Def;

    fn result(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<TensorType, ShapeError>;

    /// The number that indices into a table of this shape are below.
    fn bound(&self, table: &Shape) -> Option<Dim>;

    /// The loops over table, indices and result, and the number that indices are below.
    fn lookup(&self, table: &[usize], indices: &[usize], result: &[usize]) -> Option<(Lookup, usize)>;
}

/// The operator that a way of picking makes.
#[derive(Debug)]
pub(super) struct Picked<P>(pub(super) P);

impl<P: Picking> Op for Picked<P> {
    fn def(&self) -> &'static Def {
        self.0.def()
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        self.0.result(facts, inputs).map(|result| vec![result])
    }

    fn keeps(&self) -> Keeps {
        Keeps::input(1)
    }

    fn index_bound(&self, operand: usize, inputs: &[TensorType]) -> Option<Dim> {
        if operand == 1 { self.0.bound(&inputs.first()?.shape) } else { None }
    }

    fn flops(&self, _: &[TensorType], _: &[TensorType]) -> Dim {
        Dim::ZERO
    }
}

#[allow(clippy::indexing_slicing, reason = "indices are checked, and loops stay inside their tensors")]
impl<P: Picking, T: Real> Kernel<T> for Picked<P> {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x, index], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        let Some((lookup, bound)) = self.0.lookup(x.shape, index.shape, y.shape) else { return Ok(()) };
        check(1, index, bound)?;
        let index = index.ints();
        match (x.data, &mut y.data) {
            (Slice::Float(x), SliceMut::Float(y)) => lookup.for_each(index, |from, to| y[to] = x[from]),
            (Slice::Int(x), SliceMut::Int(y)) => lookup.for_each(index, |from, to| y[to] = x[from]),
            (Slice::Bool(x), SliceMut::Bool(y)) => lookup.for_each(index, |from, to| y[to] = x[from]),
            _ => {}
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let ([x, index], [grad], [Some(out), ..]) = (cx.inputs, cx.grad_outputs, cx.grad_inputs) else { return };
        let Some((lookup, _)) = self.0.lookup(x.shape, index.shape, grad.shape) else { return };
        let grad = grad.floats();
        lookup.for_each(index.ints(), |from, to| out[from] += grad[to]);
    }
}
