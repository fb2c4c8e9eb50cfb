//! Sums and products of all elements up to each, along an axis: what `cumsum` and `cumprod` have in common.

#![allow(clippy::indexing_slicing, reason = "a lane stays inside the tensor that it was made of")]

use super::reduce::sum_element;
use crate::ops::ShapeError;
use crate::ops::axis::{axis, axis_of};
use crate::ops::contract::{Backward, DataError, Def, Forward, Keeps, Kernel, Op};
use crate::ops::shape_rules::any_operand;
use crate::shape::{Facts, TensorType};
use crate::tensor::Real;
use crate::tensor::SliceMut;
use crate::tensor::lane::{Lane, lanes};
use crate::tensor::zip::Read;
use std::fmt::Debug;
use std::sync::Arc;

/// What is made of the result so far and the next element.
pub(super) trait Step: Debug + Send + Sync + 'static {
    const KEEPS: Keeps;
    /// The result before the first element.
    const START: i64;

    fn float(&self, so_far: f64, x: f64) -> f64;

    /// Wraps around on overflow.
    fn int(&self, so_far: i64, x: i64) -> i64;

    /// Adds the gradient of a lane of elements `x` with results `y`; both are empty where they aren't kept.
    fn backward<T: Real>(&self, lane: Lane, x: &[T], y: &[T], grad: &[T], out: &mut [T]);
}

/// The operator that such a step makes.
#[derive(Debug)]
pub(super) struct Cumulative<S> {
    def: &'static Def,
    dim: i64,
    step: S,
}

impl<S: Step> Cumulative<S> {
    #[allow(clippy::new_ret_no_self, reason = "only the contract of an operator is of use")]
    pub(super) fn new(def: &'static Def, dim: i64, step: S) -> Arc<dyn Op> {
        Arc::new(Self { def, dim, step })
    }
}

impl<S: Step> Op for Cumulative<S> {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn infer(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = any_operand(self.def, inputs, 0)?;
        axis_of(self.def, "dim", self.dim, 0, input)?;
        let element = sum_element(input.element);
        Ok(vec![TensorType::new(element, input.shape.clone())])
    }

    fn keeps(&self) -> Keeps {
        S::KEEPS
    }
}

impl<S: Step, T: Real> Kernel<T> for Cumulative<S> {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        let Some(axis) = axis(self.dim, x.shape.len()) else { return Ok(()) };
        match &mut y.data {
            SliceMut::Float(y) => {
                let data = x.floats();
                for lane in lanes(x.shape, axis) {
                    let mut so_far = S::START as f64;
                    for at in lane.places() {
                        so_far = self.step.float(so_far, data[at].to_f64());
                        y[at] = T::from_f64(so_far);
                    }
                }
            }
            SliceMut::Int(y) => {
                for lane in lanes(x.shape, axis) {
                    let mut so_far = S::START;
                    for at in lane.places() {
                        so_far = self.step.int(so_far, x.data.at(at));
                        y[at] = so_far;
                    }
                }
            }
            SliceMut::Bool(_) => {}
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let ([x], [y]) = (cx.inputs, cx.outputs) else { return };
        let ([grad], [Some(out)]) = (cx.grad_outputs, cx.grad_inputs) else { return };
        let Some(axis) = axis(self.dim, grad.shape.len()) else { return };
        for lane in lanes(grad.shape, axis) {
            self.step.backward(lane, x.floats(), y.floats(), grad.floats(), out);
        }
    }
}
