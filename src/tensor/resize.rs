//! Resizing of planes: each element of the result is a weighted sum of few elements, axis by axis.

#![allow(clippy::indexing_slicing, reason = "taps stay inside the planes that they were made of")]

use super::Real;

/// How many places of the last axis are computed together.
const RUN: usize = 64;

/// What stands between the elements of an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// The element before it.
    Nearest,
    /// The nearest element.
    NearestExact,
    /// A straight line from one to the next.
    Linear,
    /// A cubic convolution over four, with a = -3/4, <https://doi.org/10.1109/TASSP.1981.1163711>.
    Cubic,
}

/// How one axis is resized.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axis {
    pub input: usize,
    pub output: usize,
    pub filter: Filter,
    /// The first elements meet each other and so do the last; otherwise their outer edges do.
    pub align_corners: bool,
    /// The ratio of output to input, where it isn't that of the sizes.
    pub scale: Option<f64>,
}

/// The elements of which a place is made, and their weights.
#[derive(Clone, Copy, Default)]
struct Taps {
    indices: [usize; 4],
    weights: [f64; 4],
    count: usize,
}

impl Axis {
    /// An axis that isn't there.
    pub const SINGLE: Self = Self { input: 1, output: 1, filter: Filter::Nearest, align_corners: false, scale: None };

    /// How far neighbours in the output are apart in the input.
    #[must_use]
    pub fn step(&self) -> f64 {
        if self.align_corners {
            return if self.output > 1 { (self.input as f64 - 1.0) / (self.output as f64 - 1.0) } else { 0.0 };
        }
        self.scale.map_or(self.input as f64 / self.output as f64, |scale| 1.0 / scale)
    }

    fn taps(&self, place: usize) -> Taps {
        let (place, step, last) = (place as f64, self.step(), self.input.saturating_sub(1));
        let at = if self.align_corners { step * place } else { step * (place + 0.5) - 0.5 };
        let mut taps = Taps::default();
        match self.filter {
            Filter::Nearest => taps.push((step * place) as usize, 1.0, last),
            Filter::NearestExact => taps.push((step * (place + 0.5)) as usize, 1.0, last),
            Filter::Linear => {
                let at = at.max(0.0);
                let index = (at as usize).min(last);
                let part = (at - index as f64).min(1.0);
                taps.push(index, 1.0 - part, last);
                taps.push(index + 1, part, last);
            }
            Filter::Cubic => {
                let part = at - at.floor();
                for (offset, distance) in [(-1.0, 1.0 + part), (0.0, part), (1.0, 1.0 - part), (2.0, 2.0 - part)] {
                    taps.push((at.floor() + offset).max(0.0) as usize, cubic(distance), last);
                }
            }
        }
        taps
    }
}

/// The weight of an element at this distance, at most 2.
fn cubic(distance: f64) -> f64 {
    const A: f64 = -0.75;
    if distance <= 1.0 {
        ((A + 2.0) * distance - (A + 3.0)) * distance * distance + 1.0
    } else {
        ((A * distance - 5.0 * A) * distance + 8.0 * A) * distance - 4.0 * A
    }
}

impl Taps {
    fn push(&mut self, index: usize, weight: f64, last: usize) {
        self.indices[self.count] = index.min(last);
        self.weights[self.count] = weight;
        self.count += 1;
    }

    fn iter(&self) -> impl Iterator<Item = (usize, f64)> {
        self.indices.into_iter().zip(self.weights).take(self.count)
    }
}

/// Planes with up to three axes.
#[derive(Clone, Copy, Debug)]
pub struct Resize {
    pub planes: usize,
    pub axes: [Axis; 3],
}

impl Resize {
    pub fn forward<T: Real>(&self, x: &[T], y: &mut [T]) {
        y.fill(T::zero());
        self.for_each_run(|from, to, scale: T, run| {
            for tap in &run.taps[..run.count] {
                for (y, &(at, weight)) in y[to..to + run.length].iter_mut().zip(tap) {
                    *y += x[from + at] * (scale * weight);
                }
            }
        });
    }

    /// Adds to `out` what each element of `grad` owes to it.
    pub fn add_gradient<T: Real>(&self, grad: &[T], out: &mut [T]) {
        self.for_each_run(|from, to, scale: T, run| {
            for tap in &run.taps[..run.count] {
                for (&grad, &(at, weight)) in grad[to..to + run.length].iter().zip(tap) {
                    out[from + at] += grad * (scale * weight);
                }
            }
        });
    }

    /// Calls `visit(from, to, scale, run)` for each line of the input, each line of the output in which it takes part, and
    /// each run of the latter, which starts at `to`.
    fn for_each_run<T: Real>(&self, mut visit: impl FnMut(usize, usize, T, &Run<T>)) {
        let [z_axis, y_axis, x_axis] = &self.axes;
        let lines = z_axis.output * y_axis.output;
        for first in (0..x_axis.output).step_by(RUN) {
            let run = Run::new(x_axis, first);
            for (plane, line) in (0..self.planes * lines).map(|line| (line / lines, line % lines)) {
                let to = (plane * lines + line) * x_axis.output + first;
                for (z, z_weight) in z_axis.taps(line / y_axis.output).iter() {
                    for (y, y_weight) in y_axis.taps(line % y_axis.output).iter() {
                        let from = ((plane * z_axis.input + z) * y_axis.input + y) * x_axis.input;
                        visit(from, to, T::from_f64(z_weight * y_weight), &run);
                    }
                }
            }
        }
    }
}

/// Neighbouring places of the last axis: for each tap, the elements that they are made of, and the weights.
struct Run<T> {
    taps: [[(usize, T); RUN]; 4],
    /// How many taps there are, and how many places.
    count: usize,
    length: usize,
}

impl<T: Real> Run<T> {
    fn new(axis: &Axis, first: usize) -> Self {
        let length = RUN.min(axis.output - first);
        let mut run = Self { taps: [[(0, T::zero()); RUN]; 4], count: 0, length };
        for index in 0..length {
            let taps = axis.taps(first + index);
            for (tap, (at, weight)) in taps.iter().enumerate() {
                run.taps[tap][index] = (at, T::from_f64(weight));
            }
            run.count = taps.count;
        }
        run
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_axes_are_resized_whole() {
        let (input, output) = (100, 199);
        for filter in [Filter::Linear, Filter::Nearest] {
            let axis = Axis { input, output, filter, align_corners: true, scale: None };
            let resize = Resize { planes: 2, axes: [Axis::SINGLE, Axis::SINGLE, axis] };
            let x: Vec<f64> = (0..2 * input).map(|index| index as f64).collect();
            let mut y = vec![0.0; 2 * output];
            resize.forward(&x, &mut y);
            for (place, y) in y.iter().enumerate() {
                let (plane, at) = (place / output, (place % output) as f64 / 2.0);
                let at = if filter == Filter::Nearest { at.floor() } else { at };
                assert_eq!(*y, (plane * input) as f64 + at, "{filter:?} {place}");
            }
        }
    }
}
