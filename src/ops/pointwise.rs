//! Functions of one tensor that work on each element alone. Such an operator's file gives the function and its
//! derivative; shape rule and kernels stand here.

use super::ShapeError;
use super::contract::{Backward, DataError, Def, Forward, Keeps, Kernel, Op};
use super::shape_rules::float_input;
use crate::shape::{Facts, TensorType};
use crate::tensor::Real;
use std::fmt::Debug;

/// y = f(x) for each element.
pub(super) trait Pointwise: Debug + Send + Sync + 'static {
    const DEF: &'static Def;

    /// `Keeps::INPUTS` if the derivative is told from x, `Keeps::OUTPUTS` if from y.
    const KEEPS: Keeps;

    fn value<T: Real>(&self, x: T) -> T;

    /// dy/dx, from x or y, whichever is kept.
    fn slope<T: Real>(&self, kept: T) -> T;
}

/// The operator that a pointwise function makes.
#[derive(Debug)]
pub(super) struct Map<F>(pub(super) F);

impl<F: Pointwise> Op for Map<F> {
    fn def(&self) -> &'static Def {
        F::DEF
    }

    fn infer(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        float_input(F::DEF, inputs).map(|input| vec![input.clone()])
    }

    fn keeps(&self) -> Keeps {
        F::KEEPS
    }
}

impl<F: Pointwise, T: Real> Kernel<T> for Map<F> {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        if let ([x], [y]) = (cx.inputs, cx.outputs) {
            for (y, &x) in y.floats().iter_mut().zip(x.floats()) {
                *y = self.0.value(x);
            }
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let kept = if F::KEEPS.outputs { cx.outputs } else { cx.inputs };
        if let ([kept], [grad], [Some(out)]) = (kept, cx.grad_outputs, cx.grad_inputs) {
            for ((out, &grad), &kept) in out.iter_mut().zip(grad.floats()).zip(kept.floats()) {
                *out += grad * self.0.slope(kept);
            }
        }
    }
}
