//! Pooling: what each place of a window sees becomes its greatest element or its mean.

#![allow(clippy::indexing_slicing, reason = "spans stay inside the planes that they were made of")]

use super::max_pool::MaxPool;
use super::mean_pool::{MeanGradients, Means};
use super::sweep::Sweep;
use super::{Real, reduce, simd, threads};

/// How many places of the last axis are computed together.
pub(super) const CHUNK: usize = 32;
/// Along how many taps of the last axis sums are built one tap after another.
const FEW: usize = 16;
/// How many operations an element of a window costs, about.
const COST: usize = 4;

/// How one axis is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// By a window that sweeps along it, with as much padding behind the axis as before it.
    Sweep(Sweep),
    /// Into spans of about the same size.
    Even { input: usize, output: usize },
}

/// Planes with up to three axes.
#[derive(Clone, Copy, Debug)]
pub struct Pool {
    pub planes: usize,
    pub axes: [Axis; 3],
}

/// What a sum is divided by to give a mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Divisor {
    /// The number of elements.
    Elements,
    /// The same with those of the padding.
    Padded,
    Fixed(f64),
}

/// The elements of an axis that a place sees.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
    step: usize,
    /// How many there are, those in the padding included.
    padded: usize,
}

impl Axis {
    pub const SINGLE: Self = Self::Sweep(Sweep::SINGLE);

    pub(super) fn input(&self) -> usize {
        match self {
            Self::Sweep(sweep) => sweep.input,
            Self::Even { input, .. } => *input,
        }
    }

    pub(super) fn output(&self) -> usize {
        match self {
            Self::Sweep(sweep) => sweep.output,
            Self::Even { output, .. } => *output,
        }
    }

    pub(super) fn span(&self, place: usize) -> Span {
        match *self {
            Self::Sweep(Sweep { input, taps, stride, dilation, before, .. }) => {
                // Places are counted from the start of the padding.
                let (first, behind) = (place * stride, before + input);
                let end = first + (taps - 1) * dilation + 1;
                let skipped = before.saturating_sub(first).div_ceil(dilation) * dilation;
                Span {
                    start: (first + skipped).saturating_sub(before),
                    end: end.min(behind).saturating_sub(before),
                    step: dilation,
                    padded: end.min(behind + before).saturating_sub(first),
                }
            }
            Self::Even { input, output } => {
                let (start, end) = (place * input / output, ((place + 1) * input).div_ceil(output));
                Span { start, end, step: 1, padded: end - start }
            }
        }
    }
}

impl Span {
    fn indices(self) -> impl Iterator<Item = usize> {
        (self.start..self.end).step_by(self.step)
    }
}

impl Pool {
    /// `None` unless a window sweeps over all axes.
    #[must_use]
    pub fn windows(&self) -> Option<MaxPool> {
        let mut axes = [Sweep::SINGLE; 3];
        for (sweep, axis) in axes.iter_mut().zip(self.axes) {
            *sweep = if let Axis::Sweep(sweep) = axis { sweep } else { return None };
        }
        Some(MaxPool { planes: self.planes, axes })
    }

    /// The greatest elements, NaN if there is one, and their numbers in their planes; -1 where there is no element.
    pub fn max<T: Real>(&self, x: &[T], y: &mut [T], indices: &mut [i64]) {
        self.for_each(|plane, place, spans| {
            let mut greatest = (T::NEG_INFINITY, None);
            self.for_each_element(spans, |at| {
                let value = x[plane + at];
                if value > greatest.0 || value.is_nan() || greatest.1.is_none() {
                    greatest = (value, Some(at));
                }
            });
            y[place] = greatest.0;
            indices[place] = greatest.1.map_or(-1, |at| at as i64);
        });
    }

    /// Adds each element of `grad` to the element of `out` that was the greatest.
    pub fn add_max_gradient<T: Real>(&self, grad: &[T], indices: &[i64], out: &mut [T]) {
        self.for_each(|plane, place, _| {
            if let Ok(at) = usize::try_from(indices[place]) {
                out[plane + at] += grad[place];
            }
        });
    }

    /// The means of neighbouring elements; 0 where there is none.
    pub fn mean<T: Real>(&self, x: &[T], y: &mut [T], divisor: Divisor) {
        let (pixels, places) = self.sizes();
        let piece = threads::piece(y.len(), places, self.cost());
        threads::split(y, piece, |index, y| {
            let first = (index * piece).checked_div(places).unwrap_or(0);
            let pool = Self { planes: y.len().checked_div(places).unwrap_or(0), ..*self };
            let x = &x[first * pixels..(first + pool.planes) * pixels];
            match self.axes {
                [.., Axis::Sweep(sweep)] if sweep.taps < FEW => simd::run(Means { pool, sweep, x, y, divisor }),
                _ => pool.mean_of_each(x, y, divisor),
            }
        });
    }

    fn mean_of_each<T: Real>(&self, x: &[T], y: &mut [T], divisor: Divisor) {
        self.for_each(|plane, place, spans| {
            let (mut sum, [.., columns]) = (0.0, spans);
            self.for_each_line(spans, |line| {
                let x = &x[plane + line + columns.start..plane + line + columns.end.max(columns.start)];
                sum += reduce::sum(x.len(), |index| x[index].to_f64());
            });
            y[place] = divisor.of(spans).map_or(T::zero(), |divisor| T::from_f64(sum / divisor));
        });
    }

    /// Adds to `out` what each mean owes to its elements.
    pub fn add_mean_gradient<T: Real>(&self, grad: &[T], out: &mut [T], divisor: Divisor) {
        let (pixels, places) = self.sizes();
        let piece = threads::piece(out.len(), pixels, self.cost());
        threads::split(out, piece, |index, out| {
            let first = (index * piece).checked_div(pixels).unwrap_or(0);
            let pool = Self { planes: out.len().checked_div(pixels).unwrap_or(0), ..*self };
            let grad = &grad[first * places..(first + pool.planes) * places];
            match self.axes {
                [.., Axis::Sweep(sweep)] if sweep.taps < FEW => {
                    simd::run(MeanGradients { pool, sweep, grad, out, divisor });
                }
                _ => pool.add_mean_gradient_of_each(grad, out, divisor),
            }
        });
    }

    fn add_mean_gradient_of_each<T: Real>(&self, grad: &[T], out: &mut [T], divisor: Divisor) {
        self.for_each(|plane, place, spans| {
            if let Some(divisor) = divisor.of(spans) {
                let grad = T::from_f64(grad[place].to_f64() / divisor);
                self.for_each_element(spans, |at| out[plane + at] += grad);
            }
        });
    }

    /// How many elements a plane has, and how many places.
    fn sizes(&self) -> (usize, usize) {
        (self.axes.iter().map(Axis::input).product(), self.axes.iter().map(Axis::output).product())
    }

    fn cost(&self) -> usize {
        let seen = self.axes.iter().map(|axis| match axis {
            Axis::Sweep(sweep) => sweep.output.saturating_mul(sweep.taps),
            Axis::Even { input, .. } => *input,
        });
        seen.fold(self.planes.saturating_mul(COST), usize::saturating_mul)
    }

    /// Calls `visit(start of the plane, number of the place, spans)` for all places.
    fn for_each(&self, mut visit: impl FnMut(usize, usize, [Span; 3])) {
        let [z_axis, y_axis, x_axis] = &self.axes;
        let pixels: usize = self.axes.iter().map(Axis::input).product();
        let lines = z_axis.output() * y_axis.output();
        for first in (0..x_axis.output()).step_by(CHUNK) {
            // The spans of a part of the last axis, the same in every line.
            let spans: [Span; CHUNK] = std::array::from_fn(|index| x_axis.span(first + index));
            let spans = &spans[..CHUNK.min(x_axis.output() - first)];
            for plane in 0..self.planes {
                for line in 0..lines {
                    let (z, y) = (z_axis.span(line / y_axis.output()), y_axis.span(line % y_axis.output()));
                    let place = (plane * lines + line) * x_axis.output() + first;
                    for (index, x) in spans.iter().enumerate() {
                        visit(plane * pixels, place + index, [z, y, *x]);
                    }
                }
            }
        }
    }

    /// Calls `visit` with the numbers of the elements in their plane.
    fn for_each_element(&self, spans: [Span; 3], mut visit: impl FnMut(usize)) {
        let [.., columns] = spans;
        self.for_each_line(spans, |line| columns.indices().for_each(|x| visit(line + x)));
    }

    /// Calls `visit` with the starts of the lines in their plane.
    fn for_each_line(&self, [z, y, _]: [Span; 3], mut visit: impl FnMut(usize)) {
        let (height, width) = (self.axes[1].input(), self.axes[2].input());
        for z in z.indices() {
            y.indices().for_each(|y| visit((z * height + y) * width));
        }
    }
}

impl Divisor {
    /// `None` where there is no element.
    pub(super) fn of(self, spans: [Span; 3]) -> Option<f64> {
        let elements: usize = spans.iter().map(|span| span.end.saturating_sub(span.start)).product();
        let padded: usize = spans.iter().map(|span| span.padded).product();
        (elements > 0).then_some(match self {
            Self::Elements => elements as f64,
            Self::Padded => padded as f64,
            Self::Fixed(divisor) => divisor,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::border::Border;

    #[test]
    fn long_axes_are_pooled_whole() {
        let (input, output) = (201, 100);
        let sweep = Sweep { input, output, taps: 2, stride: 2, dilation: 1, before: 0, border: Border::Constant };
        let pool = Pool { planes: 2, axes: [Axis::SINGLE, Axis::SINGLE, Axis::Sweep(sweep)] };
        let x: Vec<f64> = (0..2 * input).map(|index| index as f64).collect();
        let (mut greatest, mut indices, mut means) = ([0.0; 200], [0; 200], [0.0; 200]);
        pool.max(&x, &mut greatest, &mut indices);
        pool.mean(&x, &mut means, Divisor::Elements);
        for (place, &mean) in means.iter().enumerate() {
            let (plane, at) = (place / output, place % output);
            assert_eq!(mean, (plane * input + 2 * at) as f64 + 0.5);
            assert_eq!((greatest[place], indices[place]), (mean + 0.5, 2 * at as i64 + 1));
        }
    }

    #[test]
    fn windows_are_those_of_single_places() {
        threads::use_threads(3);
        let axis = |input: usize, taps: usize, stride: usize, before: usize, output: usize| {
            Axis::Sweep(Sweep { input, output, taps, stride, dilation: 1, before, border: Border::Constant })
        };
        for (axes, planes) in [
            ([Axis::SINGLE, axis(5, 3, 1, 1, 5), axis(33, 2, 2, 0, 16)], 2),
            ([Axis::SINGLE, axis(4, 2, 2, 1, 3), axis(70, 3, 1, 1, 70)], 3),
            ([axis(3, 2, 1, 0, 2), axis(3, 1, 2, 0, 2), axis(11, 3, 4, 1, 4)], 1),
            // The last place reaches beyond the end.
            ([Axis::SINGLE, axis(5, 2, 2, 0, 3), axis(7, 2, 2, 0, 4)], 2),
            ([Axis::SINGLE, Axis::Even { input: 5, output: 3 }, axis(3, 3, 1, 1, 3)], 2),
            ([Axis::SINGLE, axis(8, 8, 8, 0, 1), axis(40, 20, 10, 0, 3)], 2),
            ([Axis::SINGLE, axis(26, 2, 2, 0, 13), axis(26, 2, 2, 0, 13)], 1000),
            ([Axis::SINGLE, axis(4, 2, 2, 0, 2), axis(4, 2, 2, 0, 2)], 0),
        ] {
            let pool = Pool { planes, axes };
            let (pixels, places) = pool.sizes();
            let numbers = |len: usize| -> Vec<f32> { (0..=len).map(|at| (at * 7 % 23) as f32).collect() };
            let (x, grad) = (numbers(planes * pixels), numbers(planes * places));
            for divisor in [Divisor::Elements, Divisor::Padded, Divisor::Fixed(8.0)] {
                let (mut found, mut wanted) = (vec![1.0; planes * places + 1], vec![1.0; planes * places]);
                pool.mean(&x[1..], &mut found[1..], divisor);
                pool.mean_of_each(&x[1..], &mut wanted, divisor);
                assert_eq!(found[1..], wanted, "{pool:?} {divisor:?}");
                let (mut found, mut wanted) = (vec![1.0; planes * pixels + 1], vec![1.0; planes * pixels]);
                pool.add_mean_gradient(&grad[1..], &mut found[1..], Divisor::Fixed(4.0));
                pool.add_mean_gradient_of_each(&grad[1..], &mut wanted, Divisor::Fixed(4.0));
                assert_eq!(found[1..], wanted, "{pool:?} gradient");
            }
        }
    }
}
