//! Lanes: the elements along one axis of a dense tensor.

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
}
