//! Pooling: what each place of a window sees becomes its greatest element or its mean.

#![allow(clippy::indexing_slicing, reason = "spans stay inside the planes that they were made of")]

use super::Real;
use super::sweep::Sweep;

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
struct Span {
    start: usize,
    end: usize,
    step: usize,
    /// How many there are, those in the padding included.
    padded: usize,
}

impl Axis {
    pub const SINGLE: Self = Self::Even { input: 1, output: 1 };

    fn input(&self) -> usize {
        match self {
            Self::Sweep(sweep) => sweep.input,
            Self::Even { input, .. } => *input,
        }
    }

    fn output(&self) -> usize {
        match self {
            Self::Sweep(sweep) => sweep.output,
            Self::Even { output, .. } => *output,
        }
    }

    fn span(&self, place: usize) -> Span {
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

    /// The means; 0 where there is no element.
    pub fn mean<T: Real>(&self, x: &[T], y: &mut [T], divisor: Divisor) {
        self.for_each(|plane, place, spans| {
            let mut sum = 0.0;
            self.for_each_element(spans, |at| sum += x[plane + at].to_f64());
            y[place] = divisor.of(spans).map_or(T::zero(), |divisor| T::from_f64(sum / divisor));
        });
    }

    /// Adds to `out` what each mean owes to its elements.
    pub fn add_mean_gradient<T: Real>(&self, grad: &[T], out: &mut [T], divisor: Divisor) {
        self.for_each(|plane, place, spans| {
            if let Some(divisor) = divisor.of(spans) {
                let grad = T::from_f64(grad[place].to_f64() / divisor);
                self.for_each_element(spans, |at| out[plane + at] += grad);
            }
        });
    }

    /// Calls `visit(start of the plane, number of the place, spans)` for all places.
    fn for_each(&self, mut visit: impl FnMut(usize, usize, [Span; 3])) {
        let [z_axis, y_axis, x_axis] = &self.axes;
        let pixels: usize = self.axes.iter().map(Axis::input).product();
        let mut place = 0;
        for plane in 0..self.planes {
            for z in (0..z_axis.output()).map(|z| z_axis.span(z)) {
                for y in (0..y_axis.output()).map(|y| y_axis.span(y)) {
                    for x in (0..x_axis.output()).map(|x| x_axis.span(x)) {
                        visit(plane * pixels, place, [z, y, x]);
                        place += 1;
                    }
                }
            }
        }
    }

    /// Calls `visit` with the numbers of the elements in their plane.
    fn for_each_element(&self, [z, y, x]: [Span; 3], mut visit: impl FnMut(usize)) {
        let (height, width) = (self.axes[1].input(), self.axes[2].input());
        for z in z.indices() {
            for y in y.indices() {
                let line = (z * height + y) * width;
                x.indices().for_each(|x| visit(line + x));
            }
        }
    }
}

impl Divisor {
    /// `None` where there is no element.
    fn of(self, spans: [Span; 3]) -> Option<f64> {
        let elements: usize = spans.iter().map(|span| span.end.saturating_sub(span.start)).product();
        let padded: usize = spans.iter().map(|span| span.padded).product();
        (elements > 0).then_some(match self {
            Self::Elements => elements as f64,
            Self::Padded => padded as f64,
            Self::Fixed(divisor) => divisor,
        })
    }
}
