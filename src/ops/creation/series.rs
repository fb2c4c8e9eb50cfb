//! Tensors whose elements are told from their places: what `arange`, `linspace` and `eye` have in common.

use crate::ops::ShapeError;
use crate::ops::contract::{Backward, DataError, Def, Forward, Keeps, Kernel, Op};
use crate::shape::{Dim, Facts, TensorType};
use crate::tensor::{Real, SliceMut};
use std::fmt::Debug;

pub(super) trait Series: Debug + Send + Sync + 'static {
    fn def(&self) -> &'static Def;

    fn result(&self, facts: &mut Facts) -> Result<TensorType, ShapeError>;

    /// The element with this number, in a tensor of this shape.
    fn float(&self, shape: &[usize], at: usize) -> f64;

    fn int(&self, shape: &[usize], at: usize) -> i64;
}

/// The operator that a series makes. It has no operands.
#[derive(Debug)]
pub(super) struct Made<S>(pub(super) S);

impl<S: Series> Op for Made<S> {
    fn def(&self) -> &'static Def {
        self.0.def()
    }

    fn infer(&self, facts: &mut Facts, _: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        self.0.result(facts).map(|result| vec![result])
    }

    fn keeps(&self) -> Keeps {
        Keeps::NOTHING
    }

    fn flops(&self, _: &[TensorType], _: &[TensorType]) -> Dim {
        Dim::ZERO
    }
}

impl<S: Series, T: Real> Kernel<T> for Made<S> {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let [y] = cx.outputs else { return Ok(()) };
        let shape = y.shape;
        match &mut y.data {
            SliceMut::Float(y) => {
                y.iter_mut().enumerate().for_each(|(at, y)| *y = T::from_f64(self.0.float(shape, at)));
            }
            SliceMut::Int(y) => y.iter_mut().enumerate().for_each(|(at, y)| *y = self.0.int(shape, at)),
            SliceMut::Bool(y) => y.iter_mut().enumerate().for_each(|(at, y)| *y = self.0.int(shape, at) != 0),
        }
        Ok(())
    }

    fn backward(&self, _: Backward<T>) {}
}
