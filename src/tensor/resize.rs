//! Resizing of planes: each element of the result is a weighted sum of few elements, axis by axis.

#![allow(clippy::indexing_slicing, reason = "taps stay inside the planes that they were made of")]

use super::Real;

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
    fn step(&self) -> f64 {
        if self.align_corners {
            return (self.input as f64 - 1.0) / (self.output as f64 - 1.0).max(1.0);
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
        self.for_each(|from, to, weight| y[to] += x[from] * T::from_f64(weight));
    }

    /// Adds to `out` what each element of `grad` owes to it.
    pub fn add_gradient<T: Real>(&self, grad: &[T], out: &mut [T]) {
        self.for_each(|from, to, weight| out[from] += grad[to] * T::from_f64(weight));
    }

    /// Calls `visit(from, to, weight)` for each pair of elements that have to do with each other.
    fn for_each(&self, mut visit: impl FnMut(usize, usize, f64)) {
        let [z_axis, y_axis, x_axis] = &self.axes;
        let (mut plane, mut to) = (0, 0);
        for _ in 0..self.planes {
            for z_taps in (0..z_axis.output).map(|z| z_axis.taps(z)) {
                for y_taps in (0..y_axis.output).map(|y| y_axis.taps(y)) {
                    for x_taps in (0..x_axis.output).map(|x| x_axis.taps(x)) {
                        for (z, z_weight) in z_taps.iter() {
                            for (y, y_weight) in y_taps.iter() {
                                let line = plane + (z * y_axis.input + y) * x_axis.input;
                                x_taps.iter().for_each(|(x, weight)| visit(line + x, to, z_weight * y_weight * weight));
                            }
                        }
                        to += 1;
                    }
                }
            }
            plane += z_axis.input * y_axis.input * x_axis.input;
        }
    }
}
