//! Lanes: the elements along one axis of a dense tensor.

use super::{Real, threads};
use std::ops::Range;

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

/// A dense tensor `[outer, length, width]` whose lanes go along the middle axis: those of one outer index stand side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lanes {
    pub length: usize,
    pub width: usize,
}

/// How many lanes are done together where they stand side by side.
pub(super) const COLUMNS: usize = 64;

impl Lanes {
    /// Those along an axis.
    #[must_use]
    pub fn along(shape: &[usize], axis: usize) -> Self {
        let length = shape.get(axis).copied().unwrap_or(1);
        Self { length, width: shape.iter().skip(axis + 1).product() }
    }

    /// Along these axes taken as one, if they are neighbours, and how many outer indices there are.
    #[must_use]
    pub fn along_all(shape: &[usize], is_reduced: impl Fn(usize) -> bool) -> Option<(usize, Self)> {
        let (mut outer, mut lanes, mut reduced) = (1, Self { length: 1, width: 1 }, false);
        for (axis, &size) in shape.iter().enumerate().filter(|(_, size)| **size != 1) {
            match (is_reduced(axis), reduced) {
                (true, _) if lanes.width == 1 => (reduced, lanes.length) = (true, lanes.length * size),
                (true, _) => return None,
                (false, false) => outer *= size,
                (false, true) => lanes.width *= size,
            }
        }
        Some((outer, lanes))
    }

    pub(super) fn block(self) -> usize {
        self.length * self.width
    }

    /// How many outer indices a piece of work has, with so many operations for each element.
    pub(super) fn piece(self, outer: usize, cost: usize) -> usize {
        threads::piece(outer, 1, outer.saturating_mul(self.block()).saturating_mul(cost))
    }

    /// Groups of neighbouring lanes: where they begin, and how many they are.
    #[inline(always)]
    pub(super) fn groups(self) -> impl Iterator<Item = (usize, usize)> {
        let width = self.width;
        (0..width).step_by(COLUMNS).map(move |first| (first, COLUMNS.min(width - first)))
    }

    /// The places of the elements of such a group, one row after another.
    #[inline(always)]
    pub(super) fn rows(self, (first, count): (usize, usize)) -> impl Iterator<Item = Range<usize>> {
        (0..self.length).map(move |row| row * self.width + first..row * self.width + first + count)
    }

    /// Calls `run` with the elements of each piece of `y`, and where they begin.
    pub(super) fn split<T: Real>(self, y: &mut [T], cost: usize, run: impl Fn(usize, &mut [T]) + Sync) {
        let block = self.block();
        if block == 0 {
            return;
        }
        let piece = self.piece(y.len() / block, cost) * block;
        threads::split(y, piece, |index, y| run(index * piece, y));
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
    fn neighbouring_axes_are_taken_as_one() {
        let along = |reduced: &[usize]| Lanes::along_all(&[2, 3, 1, 4, 5], |axis| reduced.contains(&axis));
        let lanes = |length, width| Lanes { length, width };
        assert_eq!(along(&[]), Some((120, lanes(1, 1))));
        assert_eq!(along(&[4]), Some((24, lanes(5, 1))));
        assert_eq!(along(&[1, 3]), Some((2, lanes(12, 5))));
        assert_eq!(along(&[0, 1, 2, 3, 4]), Some((1, lanes(120, 1))));
        assert_eq!(along(&[0]), Some((1, lanes(2, 60))));
        assert_eq!(along(&[0, 4]), None);
        assert_eq!(Lanes::along_all(&[2, 0, 3], |axis| axis == 0), Some((1, lanes(2, 0))));
    }
}
