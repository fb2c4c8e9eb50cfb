//! The float types that a model can run in, with the kernels of each.

use crate::ops::{Backward, DataError, Forward, Kernel, Op};
use crate::tensor::Real;

/// `f32` or `f64`.
pub trait Float: Real {
    fn forward(op: &dyn Op, cx: Forward<Self>) -> Result<(), DataError>;
    fn backward(op: &dyn Op, cx: Backward<Self>);
}

impl Float for f32 {
    fn forward(op: &dyn Op, cx: Forward<Self>) -> Result<(), DataError> {
        Kernel::<Self>::forward(op, cx)
    }
    fn backward(op: &dyn Op, cx: Backward<Self>) {
        Kernel::<Self>::backward(op, cx);
    }
}

impl Float for f64 {
    fn forward(op: &dyn Op, cx: Forward<Self>) -> Result<(), DataError> {
        Kernel::<Self>::forward(op, cx)
    }
    fn backward(op: &dyn Op, cx: Backward<Self>) {
        Kernel::<Self>::backward(op, cx);
    }
}
