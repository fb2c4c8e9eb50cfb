//! The loops of batch, group and instance normalization over rows of elements, in vectors.

#![allow(clippy::indexing_slicing, reason = "rows are inside the tensors that they are made of")]

use super::channel_norm_kernel::Layout;
use crate::tensor::Real;
use crate::tensor::simd::{Loop, give};

/// How many sums run side by side.
const LANES: usize = 16;

/// The mean and variance of some sets.
pub(super) struct Moments<'a, T> {
    pub(super) layout: &'a Layout,
    pub(super) x: &'a [T],
    pub(super) first: usize,
    pub(super) means: &'a mut [T],
    pub(super) variances: &'a mut [T],
}

impl<T: Real> Loop for Moments<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let share = 1.0 / self.layout.count() as f64;
        for (at, (mean, variance)) in self.means.iter_mut().zip(self.variances).enumerate() {
            let mut total = 0.0;
            for index in 0..self.layout.rows_of_set() {
                total += sum(
                    &self.x[self.layout.row(self.first + at, index)],
                    #[inline(always)]
                    |x| x,
                );
            }
            let found = T::from_f64(total * share);
            let mut total = 0.0;
            for index in 0..self.layout.rows_of_set() {
                let row = &self.x[self.layout.row(self.first + at, index)];
                total += sum(
                    row,
                    #[inline(always)]
                    |x| (x - found) * (x - found),
                );
            }
            (*mean, *variance) = (found, T::from_f64(total * share));
        }
    }
}

/// Σ value(x)
#[inline(always)]
fn sum<T: Real>(x: &[T], value: impl Fn(T) -> T) -> f64 {
    let (whole, rest) = x.as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for chunk in whole {
        for lane in 0..LANES {
            lanes[lane] += value(chunk[lane]).to_f64();
        }
    }
    let mut total = 0.0;
    for lane in lanes {
        total += lane;
    }
    for &x in rest {
        total += value(x).to_f64();
    }
    total
}

/// Σ g and Σ g x̂ of a row.
pub(super) struct TwoSums<'a, T> {
    pub(super) grad: &'a [T],
    pub(super) x: &'a [T],
    pub(super) mean: T,
    pub(super) scale: T,
}

impl<T: Real> Loop for TwoSums<'_, T> {
    type Output = [f64; 2];

    #[inline(always)]
    fn run(self) -> [f64; 2] {
        let (grads, grad_rest) = self.grad.as_chunks::<LANES>();
        let (chunks, rest) = self.x.as_chunks::<LANES>();
        let (mut first, mut second) = ([0.0; LANES], [0.0; LANES]);
        for (grad, x) in grads.iter().zip(chunks) {
            for lane in 0..LANES {
                first[lane] += grad[lane].to_f64();
            }
            for lane in 0..LANES {
                second[lane] += (grad[lane] * ((x[lane] - self.mean) * self.scale)).to_f64();
            }
        }
        let mut totals = [0.0; 2];
        for lane in 0..LANES {
            totals = [totals[0] + first[lane], totals[1] + second[lane]];
        }
        for (&grad, &x) in grad_rest.iter().zip(rest) {
            let product = grad * ((x - self.mean) * self.scale);
            totals = [totals[0] + grad.to_f64(), totals[1] + product.to_f64()];
        }
        totals
    }
}

/// What a row owes to the elements of the input, added to them or, where they are `FRESH`, written, given the means of h and h x̂.
pub(super) struct Gradient<'a, T, const FRESH: bool> {
    pub(super) grad: &'a [T],
    pub(super) x: &'a [T],
    pub(super) out: &'a mut [T],
    pub(super) mean: T,
    pub(super) scale: T,
    pub(super) weight: T,
    pub(super) means: [T; 2],
}

impl<T: Real, const FRESH: bool> Loop for Gradient<'_, T, FRESH> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { mean, scale, weight, means: [mean_h, mean_product], .. } = self;
        for (out, (&grad, &x)) in self.out.iter_mut().zip(self.grad.iter().zip(self.x)) {
            give::<T, FRESH>(out, scale * (grad * weight - mean_h - (x - mean) * scale * mean_product));
        }
    }
}
