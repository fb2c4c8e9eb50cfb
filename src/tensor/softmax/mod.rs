//! Softmax along an axis, its logarithm, and the sums that both are made of. Tensors are seen as
//! `[outer, length, width]`: lanes go along the middle axis, and those of one outer index stand side by side.

#![allow(clippy::indexing_slicing, reason = "blocks are counted from the sizes of the slices")]

mod log;
#[cfg(test)]
mod tests;

pub use log::{add_log_softmax_grad, add_softmax, log_softmax, log_sums};

use super::simd::{self, Loop};
use super::{Real, row, threads};

/// The lanes of each outer index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lanes {
    pub length: usize,
    pub width: usize,
}

/// How many lanes are done together where they stand side by side.
const COLUMNS: usize = 64;
/// Operations for each element.
const COST: usize = 32;

impl Lanes {
    /// Those along an axis.
    #[must_use]
    pub fn along(shape: &[usize], axis: usize) -> Self {
        let length = shape.get(axis).copied().unwrap_or(1);
        Self { length, width: shape.iter().skip(axis + 1).product() }
    }

    fn block(self) -> usize {
        self.length * self.width
    }

    /// How many outer indices a piece of work has.
    fn piece(self, outer: usize) -> usize {
        threads::piece(outer, 1, outer.saturating_mul(self.block()).saturating_mul(COST))
    }

    /// Groups of neighbouring lanes: where they begin, and how many they are.
    #[inline(always)]
    fn groups(self) -> impl Iterator<Item = (usize, usize)> {
        let width = self.width;
        (0..width).step_by(COLUMNS).map(move |first| (first, COLUMNS.min(width - first)))
    }

    /// The places of the elements of such a group, one row after another.
    #[inline(always)]
    fn rows(self, (first, count): (usize, usize)) -> impl Iterator<Item = std::ops::Range<usize>> {
        (0..self.length).map(move |row| row * self.width + first..row * self.width + first + count)
    }

    /// Calls `run` with the elements of each piece of `y`, and where they begin.
    fn split<T: Real>(self, y: &mut [T], run: impl Fn(usize, &mut [T]) + Sync) {
        let block = self.block();
        if block == 0 {
            return;
        }
        let piece = self.piece(y.len() / block) * block;
        threads::split(y, piece, |index, y| run(index * piece, y));
    }
}

/// y = e^x / Σ e^x along each lane; with `NEGATE`, of -x.
pub fn softmax<T: Real, const NEGATE: bool>(x: &[T], y: &mut [T], lanes: Lanes) {
    lanes.split(y, |start, y| simd::run(Softmax::<T, NEGATE> { x: &x[start..start + y.len()], y, lanes }));
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

/// out += y (g - Σ g y) along each lane; with `NEGATE`, out -= it.
pub fn add_softmax_grad<T: Real, const NEGATE: bool>(y: &[T], grad: &[T], out: &mut [T], lanes: Lanes) {
    lanes.split(out, |start, out| {
        let part = start..start + out.len();
        simd::run(SoftmaxGrad::<T, NEGATE> { y: &y[part.clone()], grad: &grad[part], out, lanes });
    });
}

struct SoftmaxGrad<'a, T, const NEGATE: bool> {
    y: &'a [T],
    grad: &'a [T],
    out: &'a mut [T],
    lanes: Lanes,
}

impl<T: Real, const NEGATE: bool> Loop for SoftmaxGrad<'_, T, NEGATE> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let lanes = self.lanes;
        let blocks = self.y.chunks_exact(lanes.block()).zip(self.grad.chunks_exact(lanes.block()));
        for ((y, grad), out) in blocks.zip(self.out.chunks_exact_mut(lanes.block())) {
            if lanes.width == 1 {
                let mean = T::from_f64(row::dot(grad, y));
                for ((out, &y), &grad) in out.iter_mut().zip(y).zip(grad) {
                    *out += signed::<T, NEGATE>(y * (grad - mean));
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
                        *out += signed::<T, NEGATE>(y * (grad - T::from_f64(mean)));
                    }
                }
            }
        }
    }
}
