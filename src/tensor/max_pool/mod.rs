//! The greatest elements of windows that sweep over planes, and where in its window each of them stands: a number that a
//! float holds, so that values and numbers are computed together.

#![allow(clippy::indexing_slicing, reason = "places stay inside the planes that they were made of")]

mod squares;

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
                _ if is_square && taps.is_empty() => pool.squares::<T, false>(x, y, taps),
                _ if is_square => pool.squares::<T, true>(x, y, taps),
                1 => pool.plane::<T, 1>(x, y, taps),
                2 => pool.plane::<T, 2>(x, y, taps),
                _ => pool.plane::<T, 0>(x, y, taps),
            }
        }
    }
}

impl MaxPool {
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
        let (is_square, distances) = (pool.is_square(), std::array::from_fn(|number| pool.distance(number)));
        let planes = self.grad.chunks_exact(places).zip(self.taps.chunks_exact(places));
        for (out, (grad, taps)) in self.out.chunks_exact_mut(pixels).zip(planes) {
            match (is_square, self.is_fresh) {
                (true, true) => pool.write_squares(grad, taps, out),
                (true, false) => pool.add_squares(grad, taps, out),
                (false, is_fresh) => {
                    if is_fresh {
                        out.fill(T::zero());
                    }
                    pool.scatter(grad, taps, &distances, out);
                }
            }
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
mod tests;
