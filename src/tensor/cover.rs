//! Resizing of planes where each element of the result is a mean over all elements that it covers, however many.

#![allow(clippy::indexing_slicing, reason = "covered elements are inside the planes that they were made of")]

use super::Real;
use std::ops::Range;

/// How the elements of an axis count that one of the result covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cover {
    /// All the same.
    Area,
    /// The less the further from its middle, in a straight line.
    Linear,
    /// By a cubic convolution with a = -1/2, <https://doi.org/10.1109/TASSP.1981.1163711>.
    Cubic,
}

/// How one axis is resized.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CoverAxis {
    pub input: usize,
    pub output: usize,
    pub cover: Cover,
    /// How far neighbours in the output are apart in the input. `Area` takes the ratio of the sizes.
    pub step: f64,
}

/// Planes with up to three axes.
#[derive(Clone, Copy, Debug)]
pub struct Covering {
    pub axes: [CoverAxis; 3],
}

impl CoverAxis {
    /// An axis that isn't there.
    pub const SINGLE: Self = Self { input: 1, output: 1, cover: Cover::Area, step: 1.0 };

    /// Where the middle of a place is, in the input.
    fn middle(&self, place: usize) -> f64 {
        self.step * (place as f64 + 0.5)
    }

    fn covered(&self, place: usize) -> Range<usize> {
        let half = match self.cover {
            Cover::Area => {
                let (input, output) = (self.input as u128, self.output as u128);
                let (place, start) = (place as u128, place as u128 * input / output);
                return start as usize..((place + 1) * input).div_ceil(output) as usize;
            }
            Cover::Linear => 1.0,
            Cover::Cubic => 2.0,
        };
        let half = half * self.step.max(1.0);
        let start = ((self.middle(place) - half + 0.5).max(0.0) as usize).min(self.input);
        start..((self.middle(place) + half + 0.5).max(0.0) as usize).clamp(start, self.input)
    }

    /// How much an element counts, beside others.
    fn count(&self, place: usize, element: usize) -> f64 {
        let distance = ((element as f64 + 0.5 - self.middle(place)) / self.step.max(1.0)).abs();
        match self.cover {
            Cover::Area => 1.0,
            Cover::Linear => (1.0 - distance).max(0.0),
            Cover::Cubic if distance < 1.0 => (1.5 * distance - 2.5) * distance * distance + 1.0,
            Cover::Cubic if distance < 2.0 => ((-0.5 * distance + 2.5) * distance - 4.0) * distance + 2.0,
            Cover::Cubic => 0.0,
        }
    }

    /// The elements of which a place is made, and their weights, with the sum 1.
    fn weights(self, place: usize) -> impl Iterator<Item = (usize, f64)> {
        let covered = self.covered(place);
        let total: f64 = covered.clone().map(|element| self.count(place, element)).sum();
        let total = if total == 0.0 { 1.0 } else { total };
        covered.map(move |element| (element, self.count(place, element) / total))
    }
}

impl Covering {
    pub fn forward<T: Real>(&self, x: &[T], y: &mut [T]) {
        for (to, y) in y.iter_mut().enumerate() {
            let mut sum = 0.0;
            self.for_each_part(to, |from, weight| sum += x[from].to_f64() * weight);
            *y = T::from_f64(sum);
        }
    }

    /// Adds to `out` what each element of `grad` owes to it.
    pub fn add_gradient<T: Real>(&self, grad: &[T], out: &mut [T]) {
        for (to, &grad) in grad.iter().enumerate() {
            self.for_each_part(to, |from, weight| out[from] += grad * T::from_f64(weight));
        }
    }

    /// Calls `visit` with each element that has a part in an element of the result, and its weight.
    fn for_each_part(&self, to: usize, mut visit: impl FnMut(usize, f64)) {
        let [z_axis, y_axis, x_axis] = self.axes;
        let (line, x) = (to / x_axis.output, to % x_axis.output);
        let (layer, y) = (line / y_axis.output, line % y_axis.output);
        let (plane, z) = (layer / z_axis.output, layer % z_axis.output);
        for (z, z_weight) in z_axis.weights(z) {
            for (y, y_weight) in y_axis.weights(y) {
                let from = ((plane * z_axis.input + z) * y_axis.input + y) * x_axis.input;
                x_axis.weights(x).for_each(|(x, weight)| visit(from + x, z_weight * y_weight * weight));
            }
        }
    }
}
