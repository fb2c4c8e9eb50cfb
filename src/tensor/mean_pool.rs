//! The means of small windows that sweep along the last axis, line by line: each tap adds a vector of elements.

#![allow(clippy::indexing_slicing, reason = "spans stay inside the planes that they were made of")]

use super::Real;
use super::pool::{Axis, CHUNK, Divisor, Pool, Span};
use super::simd::Loop;
use super::sweep::Sweep;
use std::ops::Range;

/// The means of all planes, written to `y`.
pub(super) struct Means<'a, T> {
    pub(super) pool: Pool,
    /// The last axis.
    pub(super) sweep: Sweep,
    pub(super) x: &'a [T],
    pub(super) y: &'a mut [T],
    pub(super) divisor: Divisor,
}

/// What the means owe to the elements, added to `out`.
pub(super) struct MeanGradients<'a, T> {
    pub(super) pool: Pool,
    /// The last axis.
    pub(super) sweep: Sweep,
    pub(super) grad: &'a [T],
    pub(super) out: &'a mut [T],
    pub(super) divisor: Divisor,
}

/// Some places of a line.
struct Places {
    first: usize,
    /// How many they are.
    width: usize,
    /// The number of the first, in all planes.
    start: usize,
    /// The first element of the plane.
    plane: usize,
    spans: [Span; 2],
}

impl<T: Real> Loop for Means<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { pool, sweep, x, y, divisor } = self;
        for_each(&pool, |places, columns| {
            let mut sums = [0.0; CHUNK];
            for_each_tap(&pool, &sweep, places, |elements, range| match sweep.stride {
                1 => add(&mut sums[range.clone()], x[elements..elements + range.len()].iter().copied()),
                2 => {
                    // The last may have no neighbour.
                    let last = range.end - 1;
                    let pairs = x[elements..elements + 2 * (last - range.start)].as_chunks::<2>().0;
                    add(&mut sums[range.start..last], pairs.iter().map(|[x, _]| *x));
                    sums[last] += x[elements + 2 * (last - range.start)].to_f64();
                }
                stride => add(&mut sums[range], x[elements..].iter().step_by(stride).copied()),
            });
            let [z, y_span] = places.spans;
            for (index, (y, sum)) in y[places.start..places.start + places.width].iter_mut().zip(sums).enumerate() {
                let divisor = divisor.of([z, y_span, columns[index]]);
                *y = divisor.map_or(T::zero(), |divisor| T::from_f64(sum / divisor));
            }
        });
    }
}

impl<T: Real> Loop for MeanGradients<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { pool, sweep, grad, out, divisor } = self;
        for_each(&pool, |places, columns| {
            let mut owed = [T::zero(); CHUNK];
            let [z, y] = places.spans;
            for (index, grad) in grad[places.start..places.start + places.width].iter().enumerate() {
                let divisor = divisor.of([z, y, columns[index]]);
                owed[index] = divisor.map_or(T::zero(), |divisor| T::from_f64(grad.to_f64() / divisor));
            }
            // With zeros between them they are added side by side, which costs less than leaving elements out.
            let mut apart = [T::zero(); 2 * CHUNK];
            apart.as_chunks_mut::<2>().0.iter_mut().zip(owed).for_each(|([first, _], owed)| *first = owed);
            for_each_tap(&pool, &sweep, places, |elements, range| {
                let (first, owed, out) = (range.start, &owed[range], &mut out[elements..]);
                match sweep.stride {
                    1 => out[..owed.len()].iter_mut().zip(owed).for_each(|(out, owed)| *out += *owed),
                    2 => {
                        let apart = &apart[2 * first..2 * (first + owed.len()) - 1];
                        out[..apart.len()].iter_mut().zip(apart).for_each(|(out, owed)| *out += *owed);
                    }
                    stride => out.iter_mut().step_by(stride).zip(owed).for_each(|(out, owed)| *out += *owed),
                }
            });
        });
    }
}

#[inline(always)]
fn add<T: Real>(sums: &mut [f64], x: impl Iterator<Item = T>) {
    for (sum, x) in sums.iter_mut().zip(x) {
        *sum += x.to_f64();
    }
}

/// Calls `visit` with some places at a time and their spans along the last axis.
#[inline(always)]
fn for_each(pool: &Pool, mut visit: impl FnMut(&Places, &[Span; CHUNK])) {
    let [z_axis, y_axis, x_axis] = &pool.axes;
    let pixels: usize = pool.axes.iter().map(Axis::input).product();
    let (output, lines) = (x_axis.output(), z_axis.output() * y_axis.output());
    for first in (0..output).step_by(CHUNK) {
        let columns: [Span; CHUNK] = std::array::from_fn(|index| x_axis.span(first + index));
        for line in 0..pool.planes * lines {
            let (plane, line_of_plane) = (line / lines, line % lines);
            let spans = [z_axis.span(line_of_plane / y_axis.output()), y_axis.span(line_of_plane % y_axis.output())];
            let (width, start) = (CHUNK.min(output - first), line * output + first);
            visit(&Places { first, width, start, plane: plane * pixels, spans }, &columns);
        }
    }
}

/// Calls `visit(first element, which of the places)` for each tap of the window and the places at which it meets an
/// element of a line.
#[inline(always)]
fn for_each_tap(pool: &Pool, sweep: &Sweep, places: &Places, mut visit: impl FnMut(usize, Range<usize>)) {
    let [z, y] = places.spans;
    let height = pool.axes[1].input();
    for z in z.start..z.end {
        for y in y.start..y.end {
            let line = places.plane + (z * height + y) * sweep.input;
            for tap in 0..sweep.taps {
                let inside = sweep.inside(tap);
                let (start, end) = (inside.start.max(places.first), inside.end.min(places.first + places.width));
                if start < end {
                    let element = start * sweep.stride + tap - sweep.before;
                    visit(line + element, start - places.first..end - places.first);
                }
            }
        }
    }
}
