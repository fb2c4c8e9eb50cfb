//! Logarithms of sums of exponentials, and what is made of them.

#![allow(clippy::indexing_slicing, reason = "blocks are counted from the sizes of the slices")]

use super::COST;
use crate::tensor::lane::{COLUMNS, Lanes};
use crate::tensor::simd::{self, Loop, give};
use crate::tensor::{Real, row, threads};

/// How many exponentials of a lane are added up at once.
const RUN: usize = 256;
/// Lanes of fewer neighbouring elements than this are put side by side: they fill no vectors by themselves.
const NARROW: usize = 16;

/// The greatest element of each lane, and ln Σ e^(x - greatest): x less both is the logarithm of the softmax, without
/// overflow. The results are `[outer, width]`.
pub fn log_sums<T: Real>(x: &[T], lanes: Lanes, logs: [&mut [T]; 2]) {
    let block = lanes.block();
    if block == 0 {
        // Of nothing.
        let [greatest, rest] = logs;
        greatest.fill(T::NEG_INFINITY);
        rest.fill(T::NEG_INFINITY);
        return;
    }
    let outer = x.len() / block;
    threads::split_rows(outer, lanes.piece(outer, COST), logs, |rows, [greatest, rest]| {
        simd::run(LogSums { x: &x[rows.start * block..rows.end * block], lanes, greatest, rest });
    });
}

/// The greatest of each lane of a group of neighbouring lanes, and the logarithm of the rest's sum.
#[inline(always)]
fn log_sums_of<T: Real>(x: &[T], lanes: Lanes, group: (usize, usize), greatest: &mut [T], rest: &mut [T]) {
    greatest.fill(T::NEG_INFINITY);
    for row in lanes.rows(group) {
        for (greatest, &x) in greatest.iter_mut().zip(&x[row]) {
            *greatest = greatest.maximum(x);
        }
    }
    let mut sums = [0.0; COLUMNS];
    for row in lanes.rows(group) {
        for ((&x, &greatest), sum) in x[row].iter().zip(&*greatest).zip(&mut sums) {
            *sum += (x - greatest).exp().to_f64();
        }
    }
    for (rest, sum) in rest.iter_mut().zip(sums) {
        *rest = T::from_f64(sum.ln());
    }
}

struct LogSums<'a, T> {
    x: &'a [T],
    lanes: Lanes,
    greatest: &'a mut [T],
    rest: &'a mut [T],
}

impl<T: Real> Loop for LogSums<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let (lanes, width) = (self.lanes, self.lanes.width);
        if width == 1 && lanes.length < NARROW {
            return self.narrow();
        }
        let logs = self.greatest.chunks_exact_mut(width).zip(self.rest.chunks_exact_mut(width));
        for (x, (greatest, rest)) in self.x.chunks_exact(lanes.block()).zip(logs) {
            if let ([greatest], [rest]) = (&mut *greatest, &mut *rest) {
                (*greatest, *rest) = log_sum(x);
                continue;
            }
            for group in lanes.groups() {
                let (greatest, rest) = (&mut greatest[group.0..][..group.1], &mut rest[group.0..][..group.1]);
                log_sums_of(x, lanes, group, greatest, rest);
            }
        }
    }
}

impl<T: Real> LogSums<'_, T> {
    #[inline(always)]
    fn narrow(self) {
        let length = self.lanes.length;
        let mut columns = [T::zero(); NARROW * COLUMNS];
        let logs = self.greatest.chunks_mut(COLUMNS).zip(self.rest.chunks_mut(COLUMNS));
        for (x, (greatest, rest)) in self.x.chunks(COLUMNS * length).zip(logs) {
            for (column, x) in x.chunks_exact(length).enumerate() {
                for (row, &x) in columns.chunks_exact_mut(COLUMNS).zip(x) {
                    row[column] = x;
                }
            }
            let group = (0, greatest.len());
            log_sums_of(&columns, Lanes { length, width: COLUMNS }, group, greatest, rest);
        }
    }
}

#[inline(always)]
fn log_sum<T: Real>(x: &[T]) -> (T, T) {
    let greatest = row::greatest(x);
    let (mut sum, mut exponentials) = (0.0, [T::zero(); RUN]);
    for x in x.chunks(RUN) {
        let exponentials = &mut exponentials[..x.len()];
        row::exponentials(x, greatest, exponentials);
        sum += row::sum(exponentials);
    }
    (greatest, T::from_f64(sum.ln()))
}

/// y = x - ln Σ e^x along each lane.
pub fn log_softmax<T: Real>(x: &[T], y: &mut [T], lanes: Lanes) {
    lanes.split(y, COST, |start, y| simd::run(LogSoftmax { x: &x[start..start + y.len()], y, lanes }));
}

struct LogSoftmax<'a, T> {
    x: &'a [T],
    y: &'a mut [T],
    lanes: Lanes,
}

impl<T: Real> Loop for LogSoftmax<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let lanes = self.lanes;
        let blocks = self.x.chunks_exact(lanes.block()).zip(self.y.chunks_exact_mut(lanes.block()));
        for (x, y) in blocks {
            if lanes.width == 1 {
                let (greatest, rest) = log_sum(x);
                for (y, &x) in y.iter_mut().zip(x) {
                    *y = x - greatest - rest;
                }
                continue;
            }
            for group in lanes.groups() {
                let (mut greatest, mut rest) = ([T::zero(); COLUMNS], [T::zero(); COLUMNS]);
                let (greatest, rest) = (&mut greatest[..group.1], &mut rest[..group.1]);
                log_sums_of(x, lanes, group, greatest, rest);
                for row in lanes.rows(group) {
                    for ((y, &x), (&greatest, &rest)) in
                        y[row.clone()].iter_mut().zip(&x[row]).zip(greatest.iter().zip(&*rest))
                    {
                        *y = x - greatest - rest;
                    }
                }
            }
        }
    }
}

/// out += g - e^y Σ g along each lane. Where `out` is fresh, it is written.
pub fn log_softmax_grad<T: Real>(y: &[T], grad: &[T], out: &mut [T], lanes: Lanes, is_fresh: bool) {
    lanes.split(out, COST, |start, out| {
        let part = start..start + out.len();
        let (y, grad) = (&y[part.clone()], &grad[part]);
        if is_fresh {
            simd::run(LogSoftmaxGrad::<_, true> { y, grad, out, lanes });
        } else {
            simd::run(LogSoftmaxGrad::<_, false> { y, grad, out, lanes });
        }
    });
}

struct LogSoftmaxGrad<'a, T, const FRESH: bool> {
    y: &'a [T],
    grad: &'a [T],
    out: &'a mut [T],
    lanes: Lanes,
}

impl<T: Real, const FRESH: bool> Loop for LogSoftmaxGrad<'_, T, FRESH> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let lanes = self.lanes;
        let blocks = self.y.chunks_exact(lanes.block()).zip(self.grad.chunks_exact(lanes.block()));
        for ((y, grad), out) in blocks.zip(self.out.chunks_exact_mut(lanes.block())) {
            if lanes.width == 1 {
                let sum = T::from_f64(row::sum(grad));
                for ((out, &y), &grad) in out.iter_mut().zip(y).zip(grad) {
                    give::<T, FRESH>(out, grad - y.exp() * sum);
                }
                continue;
            }
            for group in lanes.groups() {
                let mut sums = [0.0; COLUMNS];
                for row in lanes.rows(group) {
                    for (sum, &grad) in sums.iter_mut().zip(&grad[row]) {
                        *sum += grad.to_f64();
                    }
                }
                for row in lanes.rows(group) {
                    let each = out[row.clone()].iter_mut().zip(&y[row.clone()]).zip(&grad[row]);
                    for (((out, &y), &grad), &sum) in each.zip(&sums) {
                        give::<T, FRESH>(out, grad - y.exp() * T::from_f64(sum));
                    }
                }
            }
        }
    }
}

/// out += factor · softmax(x), with a factor for each lane, `[outer, width]`. A lane with the factor 0 is left as it is.
/// Where `out` is fresh, it is written, and such a lane becomes 0.
pub fn add_softmax<T: Real>(
    x: &[T],
    logs: [&[T]; 2],
    factors: impl Fn(usize) -> T + Sync,
    out: &mut [T],
    lanes: Lanes,
    is_fresh: bool,
) {
    let [greatest, rest] = logs;
    lanes.split(out, COST, |start, out| {
        let x = &x[start..start + out.len()];
        let first = start / lanes.block() * lanes.width;
        let (greatest, rest, factors) = (&greatest[first..], &rest[first..], &factors);
        if is_fresh {
            simd::run(AddSoftmax::<_, _, true> { x, greatest, rest, first, factors, out, lanes });
        } else {
            simd::run(AddSoftmax::<_, _, false> { x, greatest, rest, first, factors, out, lanes });
        }
    });
}

struct AddSoftmax<'a, T, F, const FRESH: bool> {
    x: &'a [T],
    greatest: &'a [T],
    rest: &'a [T],
    /// The number of the first lane.
    first: usize,
    factors: &'a F,
    out: &'a mut [T],
    lanes: Lanes,
}

impl<T: Real, F: Fn(usize) -> T, const FRESH: bool> Loop for AddSoftmax<'_, T, F, FRESH> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let (lanes, width) = (self.lanes, self.lanes.width);
        let logs = self.greatest.chunks_exact(width).zip(self.rest.chunks_exact(width));
        let blocks = self.x.chunks_exact(lanes.block()).zip(self.out.chunks_exact_mut(lanes.block()));
        for (index, ((x, out), (greatest, rest))) in blocks.zip(logs).enumerate() {
            let first = self.first + index * width;
            if let (&[greatest], &[rest]) = (greatest, rest) {
                let factor = (self.factors)(first);
                if factor != T::zero() {
                    for (out, &x) in out.iter_mut().zip(x) {
                        give::<T, FRESH>(out, factor * (x - greatest - rest).exp());
                    }
                } else if FRESH {
                    out.fill(factor);
                }
                continue;
            }
            for group in lanes.groups() {
                let mut factors = [T::zero(); COLUMNS];
                for (column, factor) in factors[..group.1].iter_mut().enumerate() {
                    *factor = (self.factors)(first + group.0 + column);
                }
                let (greatest, rest) = (&greatest[group.0..], &rest[group.0..]);
                for row in lanes.rows(group) {
                    let logs = greatest.iter().zip(rest);
                    for (((out, &x), &factor), (&greatest, &rest)) in
                        out[row.clone()].iter_mut().zip(&x[row]).zip(&factors).zip(logs)
                    {
                        let y = factor * (x - greatest - rest).exp();
                        give::<T, FRESH>(out, if factor == T::zero() { factor } else { y });
                    }
                }
            }
        }
    }
}
