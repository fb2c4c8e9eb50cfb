//! The greatest elements of windows that sweep over planes, and where in its window each of them stands: a number that a
//! float holds, so that values and numbers are computed together.

#![allow(clippy::indexing_slicing, reason = "places stay inside the planes that they were made of")]

use super::simd::{self, Loop};
use super::sweep::Sweep;
use super::{Real, threads};

/// The greatest number of taps: the number of each is exact in any float.
pub const MOST_TAPS: usize = 1 << 20;
/// For how many taps backward looks their distances up.
const TABLE: usize = 64;
/// How many places of a line are computed together.
const CHUNK: usize = 64;
/// How many operations an element of a window costs, about.
const COST: usize = 8;

/// Planes with up to three axes, over which a window sweeps. Beyond the planes there is nothing.
#[derive(Clone, Copy, Debug)]
pub struct MaxPool {
    pub planes: usize,
    pub axes: [Sweep; 3],
}

impl MaxPool {
    /// The greatest elements, NaN if there is one, and the numbers of their taps; -1 where there is no element. Of equal
    /// ones the first counts, of NaNs the last. `taps` may be empty if nobody asks for the numbers.
    pub fn forward<T: Real>(&self, x: &[T], y: &mut [T], taps: &mut [T]) {
        let (places, pixels) = (self.places(), self.pixels());
        let piece = threads::piece(y.len(), places, self.cost());
        let taps = taps.chunks_mut(piece).chain(std::iter::repeat_with(Default::default));
        threads::parts(y.chunks_mut(piece).zip(taps), |index, (y, taps)| {
            let first = index * piece / places;
            let planes = first..first + y.len() / places;
            simd::run(Forward { pool: self, x: &x[planes.start * pixels..planes.end * pixels], y, taps });
        });
    }

    /// Adds each element of `grad` to the element of `out` that was the greatest; `out` is no more than memory if it is fresh.
    pub fn add_gradient<T: Real>(&self, grad: &[T], taps: &[T], is_fresh: bool, out: &mut [T]) {
        let (places, pixels) = (self.places(), self.pixels());
        let piece = threads::piece(out.len(), pixels, self.cost());
        threads::split(out, piece, |index, out| {
            let first = index * piece / pixels.max(1);
            let planes = first * places..(first + out.len() / pixels.max(1)) * places;
            simd::run(Gradient { pool: self, grad: &grad[planes.clone()], taps: &taps[planes], is_fresh, out });
        });
    }

    /// The numbers of the greatest elements in their planes, given those of their taps.
    pub fn indices<T: Real>(&self, taps: &[T], indices: &mut [i64]) {
        let [z_axis, y_axis, x_axis] = &self.axes;
        for (at, (index, tap)) in indices.iter_mut().zip(taps).enumerate() {
            let (tap, line) = (tap.to_f64(), at / x_axis.output);
            let [z_tap, y_tap, x_tap] = self.tap(tap.max(0.0) as usize);
            let z = z_axis.source(line / y_axis.output % z_axis.output, z_tap);
            let y = y_axis.source(line % y_axis.output, y_tap);
            *index = match (z, y, x_axis.source(at % x_axis.output, x_tap)) {
                (Some(z), Some(y), Some(x)) if tap >= 0.0 => ((z * y_axis.input + y) * x_axis.input + x) as i64,
                _ => -1,
            };
        }
    }

    fn places(&self) -> usize {
        self.axes.iter().map(|axis| axis.output).product()
    }

    fn pixels(&self) -> usize {
        self.axes.iter().map(|axis| axis.input).product()
    }

    fn cost(&self) -> usize {
        self.axes.iter().fold(self.planes.saturating_mul(COST), |cost, axis| {
            cost.saturating_mul(axis.output).saturating_mul(axis.taps)
        })
    }

    /// Which tap of each axis has this number.
    fn tap(&self, number: usize) -> [usize; 3] {
        let [_, y, x] = &self.axes;
        [number / x.taps / y.taps, number / x.taps % y.taps, number % x.taps]
    }

    /// Two by two elements that no other window sees.
    fn is_square(&self) -> bool {
        let [z, y, x] = &self.axes;
        let halves = |axis: &Sweep| {
            (axis.taps, axis.stride, axis.dilation, axis.before) == (2, 2, 1, 0) && 2 * axis.output <= axis.input
        };
        z.is_identity() && halves(y) && halves(x)
    }
}

struct Forward<'a, T> {
    pool: &'a MaxPool,
    x: &'a [T],
    y: &'a mut [T],
    taps: &'a mut [T],
}

impl<T: Real> Loop for Forward<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let pool = self.pool;
        let (places, pixels) = (pool.places(), pool.pixels());
        if places == 0 {
            return;
        }
        let is_square = pool.is_square();
        for (plane, y) in self.y.chunks_exact_mut(places).enumerate() {
            let taps = self.taps.get_mut(plane * places..(plane + 1) * places).unwrap_or_default();
            let x = &self.x[plane * pixels..(plane + 1) * pixels];
            match pool.axes[2].stride {
                _ if is_square => pool.squares(x, y, taps),
                1 => pool.plane::<T, 1>(x, y, taps),
                2 => pool.plane::<T, 2>(x, y, taps),
                _ => pool.plane::<T, 0>(x, y, taps),
            }
        }
    }
}

impl MaxPool {
    #[inline(always)]
    fn squares<T: Real>(&self, x: &[T], y: &mut [T], taps: &mut [T]) {
        let Sweep { input, output, .. } = self.axes[2];
        for (line, (y, x)) in y.chunks_exact_mut(output).zip(x.chunks_exact(2 * input)).enumerate() {
            let (upper, lower) = x.split_at(input);
            let x = [upper.as_chunks().0, lower.as_chunks().0];
            let Some(taps) = taps.get_mut(line * output..(line + 1) * output) else {
                greatest(x, y);
                continue;
            };
            match output {
                16.. => squares::<T, 16>(x, y, taps),
                8.. => squares::<T, 8>(x, y, taps),
                4.. => squares::<T, 4>(x, y, taps),
                _ => squares::<T, 1>(x, y, taps),
            }
        }
    }

    /// `STRIDE` is that of the last axis, or 0 for any.
    #[inline(always)]
    fn plane<T: Real, const STRIDE: usize>(&self, x: &[T], y: &mut [T], taps: &mut [T]) {
        let [z_axis, y_axis, x_axis] = &self.axes;
        let output = x_axis.output;
        for (line, y) in y.chunks_exact_mut(output).enumerate() {
            for (first, y) in (0..).step_by(CHUNK).zip(y.chunks_mut(CHUNK)) {
                let (mut greatest, mut numbers) = ([T::NEG_INFINITY; CHUNK], [-T::one(); CHUNK]);
                for tap in 0..z_axis.taps * y_axis.taps {
                    let z = z_axis.source(line / y_axis.output, tap / y_axis.taps);
                    let (Some(z), Some(y)) = (z, y_axis.source(line % y_axis.output, tap % y_axis.taps)) else {
                        continue;
                    };
                    let x = &x[(z * y_axis.input + y) * x_axis.input..][..x_axis.input];
                    for x_tap in 0..x_axis.taps {
                        let inside = x_axis.inside(x_tap);
                        let (start, end) = (inside.start.max(first), inside.end.min(first + CHUNK));
                        if let Some(from) = x_axis.source(start, x_tap).filter(|_| start < end) {
                            let number = T::from_f64((tap * x_axis.taps + x_tap) as f64);
                            let places = start - first..end - first;
                            take::<T, STRIDE>(
                                &x[from..],
                                x_axis.stride,
                                number,
                                &mut greatest[places.clone()],
                                &mut numbers[places],
                            );
                        }
                    }
                }
                y.copy_from_slice(&greatest[..y.len()]);
                if let Some(taps) = taps.get_mut(line * output + first..) {
                    taps.iter_mut().zip(&numbers[..y.len()]).for_each(|(tap, number)| *tap = *number);
                }
            }
        }
    }
}

/// Takes the elements of `x`, one every `stride`, where they are greater.
#[inline(always)]
fn take<T: Real, const STRIDE: usize>(x: &[T], stride: usize, number: T, greatest: &mut [T], numbers: &mut [T]) {
    let take = |((greatest, place), value): ((&mut T, &mut T), T)| {
        let takes = (value > *greatest) | value.is_nan() | (*place < T::zero());
        *greatest = if takes { value } else { *greatest };
        *place = if takes { number } else { *place };
    };
    match STRIDE {
        1 => greatest.iter_mut().zip(numbers).zip(x.iter().copied()).for_each(take),
        2 => {
            // The last may have no neighbour.
            let last = greatest.len() - 1;
            let values = x.as_chunks::<2>().0.iter().map(|[value, _]| *value);
            let ((greatest, greatest_last), (numbers, numbers_last)) =
                (greatest.split_at_mut(last), numbers.split_at_mut(last));
            greatest.iter_mut().zip(numbers).zip(values).for_each(take);
            greatest_last.iter_mut().zip(numbers_last).zip(x.get(2 * last).copied()).for_each(take);
        }
        _ => greatest.iter_mut().zip(numbers).zip(x.iter().step_by(stride).copied()).for_each(take),
    }
}

/// The greatest element of each square.
#[inline(always)]
fn greatest<T: Real>([upper, lower]: [&[[T; 2]]; 2], y: &mut [T]) {
    for (y, (upper, lower)) in y.iter_mut().zip(upper.iter().zip(lower)) {
        let mut greatest = upper[0];
        for value in [upper[1], lower[0], lower[1]] {
            greatest = if (value > greatest) | value.is_nan() { value } else { greatest };
        }
        *y = greatest;
    }
}

/// Runs of `N` squares; the last may overlap the one before it.
#[inline(always)]
fn squares<T: Real, const N: usize>(x: [&[[T; 2]]; 2], y: &mut [T], taps: &mut [T]) {
    for start in (0..y.len()).step_by(N) {
        let start = start.min(y.len() - N);
        let [upper, lower] = x.map(|x| &x[start..start + N]);
        let (y, taps) = (&mut y[start..start + N], &mut taps[start..start + N]);
        for lane in 0..N {
            let (mut greatest, mut number) = (upper[lane][0], T::zero());
            for (tap, value) in [(1.0, upper[lane][1]), (2.0, lower[lane][0]), (3.0, lower[lane][1])] {
                let takes = (value > greatest) | value.is_nan();
                greatest = if takes { value } else { greatest };
                number = if takes { T::from_f64(tap) } else { number };
            }
            y[lane] = greatest;
            taps[lane] = number;
        }
    }
}

struct Gradient<'a, T> {
    pool: &'a MaxPool,
    grad: &'a [T],
    taps: &'a [T],
    is_fresh: bool,
    out: &'a mut [T],
}

impl<T: Real> Loop for Gradient<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let pool = self.pool;
        let (places, pixels) = (pool.places(), pool.pixels());
        if places == 0 || pixels == 0 {
            if self.is_fresh {
                self.out.fill(T::zero());
            }
            return;
        }
        let [_, _, x_axis] = &pool.axes;
        let (is_square, distances) = (pool.is_square(), std::array::from_fn(|number| pool.distance(number)));
        let planes = self.grad.chunks_exact(places).zip(self.taps.chunks_exact(places));
        for (out, (grad, taps)) in self.out.chunks_exact_mut(pixels).zip(planes) {
            if self.is_fresh {
                out.fill(T::zero());
            }
            if is_square {
                let lines = grad.chunks_exact(x_axis.output).zip(taps.chunks_exact(x_axis.output));
                for (out, (grad, taps)) in out.chunks_exact_mut(2 * x_axis.input).zip(lines) {
                    let (upper, lower) = out.split_at_mut(x_axis.input);
                    spread(grad, taps, [0.0, 1.0], upper.as_chunks_mut().0);
                    spread(grad, taps, [2.0, 3.0], lower.as_chunks_mut().0);
                }
            } else {
                pool.scatter(grad, taps, &distances, out);
            }
        }
    }
}

/// Adds to each pair of elements with these numbers what it owes.
#[inline(always)]
fn spread<T: Real>(grad: &[T], taps: &[T], numbers: [f64; 2], out: &mut [[T; 2]]) {
    let numbers = numbers.map(T::from_f64);
    for (out, (&grad, &tap)) in out.iter_mut().zip(grad.iter().zip(taps)) {
        for (out, number) in out.iter_mut().zip(numbers) {
            *out += if tap == number { grad } else { T::zero() };
        }
    }
}

impl MaxPool {
    /// How far the element that meets a tap lies behind the one that meets the first.
    fn distance(&self, number: usize) -> usize {
        let ([z_axis, y_axis, x_axis], [z, y, x]) = (&self.axes, self.tap(number));
        (z * z_axis.dilation * y_axis.input + y * y_axis.dilation) * x_axis.input + x * x_axis.dilation
    }

    /// Adds the gradients of a plane.
    fn scatter<T: Real>(&self, grad: &[T], taps: &[T], distances: &[usize; TABLE], out: &mut [T]) {
        let [z_axis, y_axis, x_axis] = &self.axes;
        let before = (z_axis.before * y_axis.input + y_axis.before) * x_axis.input + x_axis.before;
        let lines = grad.chunks_exact(x_axis.output).zip(taps.chunks_exact(x_axis.output));
        for (line, (grad, taps)) in lines.enumerate() {
            let (z, y) = (line / y_axis.output, line % y_axis.output);
            let start = (z * z_axis.stride * y_axis.input + y * y_axis.stride) * x_axis.input;
            for (x, (&grad, &tap)) in grad.iter().zip(taps).enumerate() {
                if tap >= T::zero() {
                    let number = tap.to_f64() as usize;
                    let distance = distances.get(number).map_or_else(|| self.distance(number), |distance| *distance);
                    out[start + x * x_axis.stride + distance - before] += grad;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::border::Border;
    use crate::tensor::pool::{Axis, Pool};

    fn axis(input: usize, taps: usize, stride: usize, dilation: usize, before: usize) -> Sweep {
        let output = (input + 2 * before - (taps - 1) * dilation - 1) / stride + 1;
        Sweep { input, output, taps, stride, dilation, before, border: Border::Constant }
    }

    /// Few different values, so that many are equal, and some that aren't finite.
    fn numbers<T: Real>(len: usize) -> Vec<T> {
        let value = |at: usize| match at * 37 % 41 {
            0 if at.is_multiple_of(5) => f64::NAN,
            1..4 => f64::NEG_INFINITY,
            other => (other % 9) as f64 - 4.0,
        };
        (0..len).map(|at| T::from_f64(value(at))).collect()
    }

    fn as_one_by_one<T: Real>(axes: [Sweep; 3], planes: usize) {
        let (pool, plain) = (MaxPool { planes, axes }, Pool { planes, axes: axes.map(Axis::Sweep) });
        let (pixels, places) = (planes * pool.pixels(), planes * pool.places());
        // The first element is left out, so that vectors lie across their natural places.
        let x = numbers::<T>(pixels + 1);
        let (mut y, mut taps, mut indices) =
            (vec![T::zero(); places + 1], vec![T::zero(); places + 1], vec![0; places]);
        pool.forward(&x[1..], &mut y[1..], &mut taps[1..]);
        pool.indices(&taps[1..], &mut indices);
        let mut values = vec![T::zero(); places + 1];
        pool.forward(&x[1..], &mut values[1..], &mut []);
        let same = values.iter().zip(&y).all(|(a, b)| a == b || a.is_nan() && b.is_nan());
        assert!(same, "{pool:?} without numbers");
        let (mut wanted, mut wanted_indices) = (vec![T::zero(); places], vec![0; places]);
        plain.max(&x[1..], &mut wanted, &mut wanted_indices);
        let same = y[1..].iter().zip(&wanted).all(|(a, b)| a == b || a.is_nan() && b.is_nan());
        assert!(same && indices == wanted_indices, "{pool:?}");
        let (mut out, mut wanted) = (vec![T::one(); pixels + 1], vec![T::one(); pixels]);
        let grad: Vec<T> = (0..=places).map(|at| T::from_f64(at as f64)).collect();
        pool.add_gradient(&grad[1..], &taps[1..], false, &mut out[1..]);
        plain.add_max_gradient(&grad[1..], &indices, &mut wanted);
        assert_eq!(out[1..], wanted, "{pool:?}");
        wanted.fill(T::zero());
        plain.add_max_gradient(&grad[1..], &indices, &mut wanted);
        pool.add_gradient(&grad[1..], &taps[1..], true, &mut out[1..]);
        assert_eq!(out[1..], wanted, "{pool:?} fresh");
    }

    #[test]
    fn windows_of_all_kinds_are_those_of_a_loop() {
        threads::use_threads(3);
        let single = Sweep::SINGLE;
        let mut all = Vec::new();
        for size in [2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 40, 130] {
            all.push([single, axis(size, 2, 2, 1, 0), axis(size, 2, 2, 1, 0)]);
            all.push([single, axis(5, 2, 2, 1, 0), axis(size, 3, 2, 1, 1)]);
            all.push([single, axis(size, 3, 1, 1, 1), axis(size + 3, 4, 3, 1, 2)]);
            all.push([axis(3, 2, 1, 1, 1), axis(4, 1, 2, 1, 0), axis(size + 2, 2, 1, 3, 1)]);
        }
        let none = Sweep { input: 0, ..axis(1, 2, 2, 1, 1) };
        all.extend([[single, none, axis(4, 2, 2, 1, 0)], [single, single, Sweep { output: 0, ..axis(4, 2, 2, 1, 0) }]]);
        // The last place reaches beyond the end.
        all.push([single, axis(4, 2, 2, 1, 0), Sweep { output: 3, ..axis(5, 2, 2, 1, 0) }]);
        all.push([single, single, axis(150, 99, 7, 1, 49)]);
        for axes in all {
            for planes in [0, 1, 3] {
                as_one_by_one::<f32>(axes, planes);
                as_one_by_one::<f64>(axes, planes);
            }
        }
        as_one_by_one::<f32>([single, axis(26, 2, 2, 1, 0), axis(26, 2, 2, 1, 0)], 700);
        as_one_by_one::<f64>([single, axis(27, 3, 2, 1, 1), axis(26, 3, 2, 1, 1)], 300);
    }
}
