//! Lanes: the elements along one axis of a dense tensor.

#![allow(clippy::indexing_slicing, reason = "a lane stays inside the tensor that it was made of")]

use super::Real;

/// The places of the elements along one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lane {
    pub start: usize,
    pub step: usize,
    pub length: usize,
}

impl Lane {
    #[must_use]
    pub fn at(self, index: usize) -> usize {
        self.start + index * self.step
    }

    pub fn places(self) -> impl Iterator<Item = usize> {
        (0..self.length).map(move |index| self.at(index))
    }
}

/// The lanes of a tensor along an axis, in the row-major order of the other axes.
pub fn lanes(shape: &[usize], axis: usize) -> impl Iterator<Item = Lane> {
    let length = shape.get(axis).copied().unwrap_or(1);
    let step: usize = shape.iter().skip(axis + 1).product();
    let outer: usize = shape.iter().take(axis).product();
    (0..outer * step).map(move |lane| Lane { start: lane / step * step * length + lane % step, step, length })
}

/// The greatest element of a lane, and ln Σ e^(x - greatest): log x = x - greatest - that is the logarithm of the
/// softmax, without overflow.
pub fn log_sum_exp<T: Real>(x: &[T], lane: Lane) -> (T, T) {
    let greatest = lane.places().fold(T::NEG_INFINITY, |greatest, at| greatest.maximum(x[at]));
    let sum = super::reduce::sum(lane.length, |index| (x[lane.at(index)] - greatest).exp().to_f64());
    (greatest, T::from_f64(sum.ln()))
}

/// y = e^x / Σ e^x along a lane.
pub fn softmax<T: Real>(x: &[T], y: &mut [T], lane: Lane) {
    let greatest = lane.places().fold(T::NEG_INFINITY, |greatest, at| greatest.maximum(x[at]));
    for at in lane.places() {
        y[at] = (x[at] - greatest).exp();
    }
    let sum = T::from_f64(super::reduce::sum(lane.length, |index| y[lane.at(index)].to_f64()));
    for at in lane.places() {
        y[at] = y[at] / sum;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_come_in_the_order_of_the_other_axes() {
        let starts = |axis| lanes(&[2, 3, 4], axis).map(|lane| lane.start).collect::<Vec<_>>();
        assert_eq!(starts(1), [0, 1, 2, 3, 12, 13, 14, 15]);
        assert_eq!(starts(2), [0, 4, 8, 12, 16, 20]);
        assert_eq!(lanes(&[2, 3, 4], 1).next().map(|lane| lane.places().collect()), Some(vec![0, 4, 8]));
        assert_eq!(lanes(&[0, 3], 1).count(), 0);
        assert_eq!(lanes(&[3, 0], 1).count(), 3);
    }

    #[test]
    fn great_numbers_do_not_overflow() {
        let x = [1000.0f32, 1001.0, -1000.0];
        let lane = Lane { start: 0, step: 1, length: 3 };
        let mut y = [0.0; 3];
        softmax(&x, &mut y, lane);
        assert_eq!(y[2], 0.0);
        assert!((y[1] - 0.731_058_6).abs() < 1e-6);
        let (greatest, rest) = log_sum_exp(&x, lane);
        assert!(greatest == 1001.0 && (rest - 0.313_261_7).abs() < 1e-6);
    }
}
