//! An operator that keeps less than it says, to find what it keeps in vain.

use crate::ops::*;
use crate::shape::{Facts, TensorType};
use std::sync::Arc;

/// The operator, but that it keeps something else.
#[derive(Debug)]
pub(super) struct Stingy(pub(super) Arc<dyn Op>, pub(super) Keeps);

impl Op for Stingy {
    fn def(&self) -> &'static Def {
        self.0.def()
    }

    fn slots(&self) -> Vec<SlotSpec> {
        self.0.slots()
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        self.0.infer(facts, inputs)
    }

    fn keeps(&self) -> Keeps {
        self.1
    }

    fn saved(&self, inputs: &[TensorType], outputs: &[TensorType]) -> Vec<TensorType> {
        self.0.saved(inputs, outputs)
    }

    fn factor(&self, pass: Pass) -> Option<Factor> {
        self.0.factor(pass)
    }

    fn finishes(&self) -> bool {
        self.0.finishes()
    }

    fn passes_gradient(&self, operand: usize) -> bool {
        self.0.passes_gradient(operand)
    }

    fn n_working(&self) -> usize {
        self.0.n_working()
    }

    fn scratch(&self, inputs: &[TensorType], outputs: &[TensorType]) -> Vec<TensorType> {
        self.0.scratch(inputs, outputs)
    }
}

impl<T> Kernel<T> for Stingy
where
    dyn Op: Kernel<T>,
{
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        Kernel::<T>::forward(&*self.0, cx)
    }

    fn backward(&self, cx: Backward<T>) {
        Kernel::<T>::backward(&*self.0, cx);
    }
}
