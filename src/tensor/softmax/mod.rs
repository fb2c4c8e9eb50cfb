//! Softmax along an axis, its logarithm, and the sums that both are made of.

#![allow(clippy::indexing_slicing, reason = "blocks are counted from the sizes of the slices")]

mod log;
mod shares;
#[cfg(test)]
mod tests;

pub use log::{add_softmax, log_softmax, log_softmax_grad, log_sums};
pub use shares::Shares;

use super::lane::{COLUMNS, Lanes};
use super::simd::{self, Loop, give};
use super::{Real, row};

/// Operations for each element.
const COST: usize = 32;

/// y = e^x / Σ e^x along each lane; with `NEGATE`, of -x.
pub fn softmax<T: Real, const NEGATE: bool>(x: &[T], y: &mut [T], lanes: Lanes) {
    lanes.split(y, COST, |start, y| simd::run(Softmax::<T, NEGATE> { x: &x[start..start + y.len()], y, lanes }));
}

struct Softmax<'a, T, const NEGATE: bool> {
    x: &'a [T],
    y: &'a mut [T],
    lanes: Lanes,
}

#[inline(always)]
fn signed<T: Real, const NEGATE: bool>(x: T) -> T {
    if NEGATE { -x } else { x }
}

impl<T: Real, const NEGATE: bool> Loop for Softmax<'_, T, NEGATE> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let lanes = self.lanes;
        let blocks = self.x.chunks_exact(lanes.block()).zip(self.y.chunks_exact_mut(lanes.block()));
        for (x, y) in blocks {
            if lanes.width == 1 {
                for (y, &x) in y.iter_mut().zip(x) {
                    *y = signed::<T, NEGATE>(x);
                }
                let greatest = row::greatest(y);
                for y in y.iter_mut() {
                    *y = (*y - greatest).exp();
                }
                let sum = T::from_f64(row::sum(y));
                for y in y.iter_mut() {
                    *y = *y / sum;
                }
                continue;
            }
            for group in lanes.groups() {
                let (mut greatest, mut sums) = ([T::NEG_INFINITY; COLUMNS], [0.0; COLUMNS]);
                let (greatest, sums) = (&mut greatest[..group.1], &mut sums[..group.1]);
                for row in lanes.rows(group) {
                    for (greatest, &x) in greatest.iter_mut().zip(&x[row]) {
                        *greatest = greatest.maximum(signed::<T, NEGATE>(x));
                    }
                }
                for row in lanes.rows(group) {
                    let y = &mut y[row.clone()];
                    for ((y, &x), &greatest) in y.iter_mut().zip(&x[row]).zip(&*greatest) {
                        *y = (signed::<T, NEGATE>(x) - greatest).exp();
                    }
                    for (sum, &y) in sums.iter_mut().zip(&*y) {
                        *sum += y.to_f64();
                    }
                }
                for row in lanes.rows(group) {
                    for (y, &sum) in y[row].iter_mut().zip(&*sums) {
                        *y = *y / T::from_f64(sum);
                    }
                }
            }
        }
    }
}

/// out += y (g - Σ g y) along each lane; with `NEGATE`, out -= it. Where `out` is fresh, it is written.
pub fn softmax_grad<T: Real, const NEGATE: bool>(y: &[T], grad: &[T], out: &mut [T], lanes: Lanes, is_fresh: bool) {
    lanes.split(out, COST, |start, out| {
        let part = start..start + out.len();
        let (y, grad) = (&y[part.clone()], &grad[part]);
        if is_fresh {
            simd::run(SoftmaxGrad::<T, NEGATE, true> { y, grad, out, lanes });
        } else {
            simd::run(SoftmaxGrad::<T, NEGATE, false> { y, grad, out, lanes });
        }
    });
}

struct SoftmaxGrad<'a, T, const NEGATE: bool, const FRESH: bool> {
    y: &'a [T],
    grad: &'a [T],
    out: &'a mut [T],
    lanes: Lanes,
}

impl<T: Real, const NEGATE: bool, const FRESH: bool> Loop for SoftmaxGrad<'_, T, NEGATE, FRESH> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let lanes = self.lanes;
        let blocks = self.y.chunks_exact(lanes.block()).zip(self.grad.chunks_exact(lanes.block()));
        for ((y, grad), out) in blocks.zip(self.out.chunks_exact_mut(lanes.block())) {
            if lanes.width == 1 {
                let mean = T::from_f64(row::dot(grad, y));
                for ((out, &y), &grad) in out.iter_mut().zip(y).zip(grad) {
                    give::<T, FRESH>(out, signed::<T, NEGATE>(y * (grad - mean)));
                }
                continue;
            }
            for group in lanes.groups() {
                let mut means = [0.0; COLUMNS];
                for row in lanes.rows(group) {
                    for ((mean, &grad), &y) in means.iter_mut().zip(&grad[row.clone()]).zip(&y[row]) {
                        *mean += (grad * y).to_f64();
                    }
                }
                for row in lanes.rows(group) {
                    let each = out[row.clone()].iter_mut().zip(&y[row.clone()]).zip(&grad[row]);
                    for (((out, &y), &grad), &mean) in each.zip(&means) {
                        give::<T, FRESH>(out, signed::<T, NEGATE>(y * (grad - T::from_f64(mean))));
                    }
                }
            }
        }
    }
}
