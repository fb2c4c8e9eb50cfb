//! Gradients kept small: by the norm of all of them together, or each element by its value.

#![allow(clippy::indexing_slicing, reason = "the index runs over the slice")]

use super::Real;
use crate::tensor::reduce;

/// PyTorch's, which keeps the factor finite where all gradients are 0.
const EPS: f64 = 1e-6;

/// The sum of the squares of some gradients. Summed over all storages it is the square of their total norm.
pub fn sum_of_squares<T: Real>(grad: &[T]) -> f64 {
    reduce::sum(grad.len(), |index| {
        let x = grad[index].to_f64();
        x * x
    })
}

/// What all gradients are multiplied by so that their total norm, of which this is the square, isn't above `max_norm`; 1
/// if it isn't. NaN if the norm is, as in `torch.nn.utils.clip_grad_norm_`.
#[must_use]
pub fn norm_factor(sum_of_squares: f64, max_norm: f64) -> f64 {
    let factor = max_norm / (sum_of_squares.sqrt() + EPS);
    if factor > 1.0 { 1.0 } else { factor }
}

/// Keeps every element within ± `limit`, as `torch.nn.utils.clip_grad_value_`. NaN stays.
pub fn by_value<T: Real>(grad: &mut [T], limit: f64) {
    let limit = T::from_f64(limit);
    for g in grad {
        *g = g.minimum(limit).maximum(-limit);
    }
}
