//! The float types that a model can run in, with the kernels of each.

use crate::ops::{Backward, DataError, Forward, Kernel, Op};
use crate::tensor::{Real, View};

/// `f32` or `f64`.
pub trait Float: Real {
    fn forward(op: &dyn Op, cx: Forward<Self>) -> Result<(), DataError>;
    fn backward(op: &dyn Op, cx: Backward<Self>);
    fn follow(op: &dyn Op, operand: usize, y: &mut [Self], others: &[View<Self>]);
    fn through(op: &dyn Op, grad: &mut [Self], y: &[Self]);
}

impl Float for f32 {
    fn forward(op: &dyn Op, cx: Forward<Self>) -> Result<(), DataError> {
        Kernel::<Self>::forward(op, cx)
    }
    fn backward(op: &dyn Op, cx: Backward<Self>) {
        Kernel::<Self>::backward(op, cx);
    }
    fn follow(op: &dyn Op, operand: usize, y: &mut [Self], others: &[View<Self>]) {
        Kernel::<Self>::follow(op, operand, y, others);
    }
    fn through(op: &dyn Op, grad: &mut [Self], y: &[Self]) {
        Kernel::<Self>::through(op, grad, y);
    }
}

impl Float for f64 {
    fn forward(op: &dyn Op, cx: Forward<Self>) -> Result<(), DataError> {
        Kernel::<Self>::forward(op, cx)
    }
    fn backward(op: &dyn Op, cx: Backward<Self>) {
        Kernel::<Self>::backward(op, cx);
    }
    fn follow(op: &dyn Op, operand: usize, y: &mut [Self], others: &[View<Self>]) {
        Kernel::<Self>::follow(op, operand, y, others);
    }
    fn through(op: &dyn Op, grad: &mut [Self], y: &[Self]) {
        Kernel::<Self>::through(op, grad, y);
    }
}
