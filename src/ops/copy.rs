//! Kernels of operators that only change the shape.

use super::contract::{Backward, Forward};
use crate::tensor::{Real, Slice, SliceMut};

/// y = x, element by element.
pub(super) fn forward<T: Real>(cx: Forward<T>) {
    let ([x, ..], [y]) = (cx.inputs, cx.outputs) else { return };
    match (x.data, &mut y.data) {
        (Slice::Float(x), SliceMut::Float(y)) => copy(x, y),
        (Slice::Int(x), SliceMut::Int(y)) => copy(x, y),
        (Slice::Bool(x), SliceMut::Bool(y)) => copy(x, y),
        _ => {}
    }
}

/// dx += g
pub(super) fn backward<T: Real>(cx: Backward<T>) {
    if let ([grad], [Some(out), ..]) = (cx.grad_outputs, cx.grad_inputs) {
        out.iter_mut().zip(grad.floats()).for_each(|(out, &grad)| *out += grad);
    }
}

fn copy<E: Copy>(from: &[E], to: &mut [E]) {
    to.iter_mut().zip(from).for_each(|(to, &from)| *to = from);
}
