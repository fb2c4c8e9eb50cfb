//! Functions that make of the elements along an axis as many others, each from all of them. Such an operator's file gives
//! the function and its gradient; the shape rule stands here.

use crate::ops::axis::{axis, axis_of};
use crate::ops::contract::{Backward, DataError, Def, Forward, Grads, Keeps, Kernel, Op};
use crate::ops::shape_rules::{float_input, numel};
use crate::ops::{AttributeError, Attributes, ShapeError};
use crate::shape::{Dim, Facts, TensorType};
use crate::tensor::Real;
use crate::tensor::lane::Lanes;
use std::fmt::Debug;
use std::marker::PhantomData;
use std::sync::Arc;

/// y = f(x) for each lane.
pub(super) trait Lanewise: Debug + Send + Sync + 'static {
    fn value<T: Real>(x: &[T], y: &mut [T], lanes: Lanes);

    /// Adds `grad` · dy/dx, told from y, to `out`, or writes it there where that is fresh.
    fn grad<T: Real>(y: &[T], grad: &[T], out: &mut [T], lanes: Lanes, is_fresh: bool);
}

/// The operator that such a function makes.
#[derive(Debug)]
pub(super) struct AlongAxis<F> {
    def: &'static Def,
    dim: i64,
    function: PhantomData<F>,
}

impl<F: Lanewise> AlongAxis<F> {
    pub(super) fn new(def: &'static Def, dim: i64) -> Self {
        Self { def, dim, function: PhantomData }
    }

    /// Along the axis that `dim` names.
    pub(super) fn build(def: &'static Def, attributes: &Attributes) -> Result<Arc<dyn Op>, AttributeError> {
        Ok(Arc::new(Self::new(def, attributes.int("dim")?)))
    }
}

impl<F: Lanewise> Op for AlongAxis<F> {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn infer(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = float_input(self.def, inputs)?;
        axis_of(self.def, "dim", self.dim, 0, input)?;
        Ok(vec![input.clone()])
    }

    fn keeps(&self) -> Keeps {
        Keeps::OUTPUTS
    }

    fn writes(&self) -> Grads {
        Grads::INPUTS
    }

    /// A difference, an exponential, a sum and a quotient or difference for each element.
    fn flops(&self, _: &[TensorType], outputs: &[TensorType]) -> Dim {
        numel(outputs).mul(&Dim::from(4i64))
    }
}

impl<T: Real, F: Lanewise> Kernel<T> for AlongAxis<F> {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        if let ([x], [y]) = (cx.inputs, cx.outputs)
            && let Some(axis) = axis(self.dim, x.shape.len())
        {
            F::value(x.floats(), y.floats(), Lanes::along(x.shape, axis));
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let ([y], [grad], [Some(out)]) = (cx.outputs, cx.grad_outputs, cx.grad_inputs) else { return };
        let Some(axis) = axis(self.dim, grad.shape.len()) else { return };
        F::grad(y.floats(), grad.floats(), out, Lanes::along(grad.shape, axis), cx.fresh.has_input(0));
    }
}
