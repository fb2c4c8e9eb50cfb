//! Windows of two by two elements of which none sees what another sees. Vectors of them reach behind the end of a line
//! where the next one is written later.

#![allow(clippy::indexing_slicing, reason = "places stay inside the planes that they were made of")]

use super::MaxPool;
use crate::tensor::Real;
use crate::tensor::sweep::Sweep;

impl MaxPool {
    /// Two by two elements that no other window sees.
    pub(super) fn is_square(&self) -> bool {
        let [z, y, x] = &self.axes;
        let halves = |axis: &Sweep| {
            (axis.taps, axis.stride, axis.dilation, axis.before) == (2, 2, 1, 0) && 2 * axis.output <= axis.input
        };
        z.is_identity() && halves(y) && halves(x)
    }

    /// The squares of a plane, and their numbers if `TAPS` are asked for.
    #[inline(always)]
    pub(super) fn squares<T: Real, const TAPS: bool>(&self, x: &[T], y: &mut [T], taps: &mut [T]) {
        let Sweep { input, output, .. } = self.axes[2];
        for (to, from) in (0..y.len()).step_by(output).zip((0..).step_by(2 * input)) {
            let x = [&x[from..], &x[from + input..]];
            let (y, taps) = (&mut y[to..], if TAPS { &mut taps[to..] } else { &mut [] });
            // What such a run writes behind the end of a line is written over by the next.
            let has_room = |squares: usize| y.len() >= squares && x[1].len() >= 2 * squares;
            match output {
                9..16 if has_room(16) => squares::<T, 16, TAPS>(x, y, taps),
                5..8 if has_room(8) => squares::<T, 8, TAPS>(x, y, taps),
                16.. => line::<T, 16, TAPS>(output, x, y, taps),
                8.. => line::<T, 8, TAPS>(output, x, y, taps),
                4.. => line::<T, 4, TAPS>(output, x, y, taps),
                _ => line::<T, 1, TAPS>(output, x, y, taps),
            }
        }
    }

    /// Adds each element of a plane's `grad` to the element of `out` that was the greatest.
    #[inline(always)]
    pub(super) fn add_squares<T: Real>(&self, grad: &[T], taps: &[T], out: &mut [T]) {
        let Sweep { input, output, .. } = self.axes[2];
        let lines = grad.chunks_exact(output).zip(taps.chunks_exact(output));
        for (out, (grad, taps)) in out.chunks_exact_mut(2 * input).zip(lines) {
            let (upper, lower) = out.split_at_mut(input);
            add(grad, taps, [0.0, 1.0], upper.as_chunks_mut().0);
            add(grad, taps, [2.0, 3.0], lower.as_chunks_mut().0);
        }
    }

    /// The same where `out` holds nothing yet.
    #[inline(always)]
    pub(super) fn write_squares<T: Real>(&self, grad: &[T], taps: &[T], out: &mut [T]) {
        let Sweep { input, output, .. } = self.axes[2];
        for (from, to) in (0..grad.len()).step_by(output).zip((0..).step_by(2 * input)) {
            let (grad, taps) = (&grad[from..], &taps[from..]);
            for (numbers, to) in [([0.0, 1.0], to), ([2.0, 3.0], to + input)] {
                let out = &mut out[to..];
                let has_room = |squares: usize| grad.len() >= squares && out.len() >= 2 * squares;
                match output {
                    9..16 if has_room(16) => write::<T, 16>(16, grad, taps, numbers, out),
                    5..8 if has_room(8) => write::<T, 8>(8, grad, taps, numbers, out),
                    16.. => write::<T, 16>(output, grad, taps, numbers, out),
                    8.. => write::<T, 8>(output, grad, taps, numbers, out),
                    4.. => write::<T, 4>(output, grad, taps, numbers, out),
                    _ => write::<T, 1>(output, grad, taps, numbers, out),
                }
                match &mut out[2 * output..input] {
                    [] => {}
                    [single] => *single = T::zero(),
                    rest => rest.fill(T::zero()),
                }
            }
        }
        out[grad.len() / output * 2 * input..].fill(T::zero());
    }
}

/// The squares of a line in runs of `N`; the last may overlap the one before it.
#[inline(always)]
fn line<T: Real, const N: usize, const TAPS: bool>(output: usize, x: [&[T]; 2], y: &mut [T], taps: &mut [T]) {
    for start in (0..output).step_by(N) {
        let start = start.min(output - N);
        let taps = if TAPS { &mut taps[start..] } else { &mut [] };
        squares::<T, N, TAPS>(x.map(|x| &x[2 * start..]), &mut y[start..], taps);
    }
}

/// The greatest elements of `N` squares, and their numbers if `TAPS` are asked for.
#[inline(always)]
fn squares<T: Real, const N: usize, const TAPS: bool>(x: [&[T]; 2], y: &mut [T], taps: &mut [T]) {
    let [upper, lower] = x.map(|x| &x.as_chunks::<2>().0[..N]);
    let (y, mut numbers) = (&mut y[..N], [T::zero(); N]);
    for lane in 0..N {
        let (mut greatest, mut number) = (upper[lane][0], T::zero());
        for (tap, value) in [(1.0, upper[lane][1]), (2.0, lower[lane][0]), (3.0, lower[lane][1])] {
            let takes = (value > greatest) | value.is_nan();
            greatest = if takes { value } else { greatest };
            number = if takes { T::from_f64(tap) } else { number };
        }
        y[lane] = greatest;
        numbers[lane] = number;
    }
    if TAPS {
        taps[..N].copy_from_slice(&numbers);
    }
}

/// Adds to each pair of elements with these numbers what it owes.
#[inline(always)]
fn add<T: Real>(grad: &[T], taps: &[T], numbers: [f64; 2], out: &mut [[T; 2]]) {
    let numbers = numbers.map(T::from_f64);
    for (out, (&grad, &tap)) in out.iter_mut().zip(grad.iter().zip(taps)) {
        for (out, number) in out.iter_mut().zip(numbers) {
            *out += if tap == number { grad } else { T::zero() };
        }
    }
}

/// Writes pairs of elements with these numbers in runs of `N`; the last may overlap the one before it.
#[inline(always)]
fn write<T: Real, const N: usize>(pairs: usize, grad: &[T], taps: &[T], numbers: [f64; 2], out: &mut [T]) {
    let numbers = numbers.map(T::from_f64);
    for start in (0..pairs).step_by(N) {
        let start = start.min(pairs - N);
        let (grad, taps) = (&grad[start..start + N], &taps[start..start + N]);
        let out = &mut out.as_chunks_mut::<2>().0[start..start + N];
        let mut pairs = [[T::zero(); 2]; N];
        for lane in 0..N {
            let (grad, tap) = (grad[lane], taps[lane]);
            pairs[lane][0] = if tap == numbers[0] { grad } else { T::zero() };
            pairs[lane][1] = if tap == numbers[1] { grad } else { T::zero() };
        }
        out.copy_from_slice(&pairs);
    }
}
