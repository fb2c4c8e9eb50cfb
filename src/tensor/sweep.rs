//! A kernel that sweeps along an axis: which element of the input meets which tap of the kernel at which place.

use super::border::Border;
use std::ops::Range;

/// One axis of an input, a kernel with its taps, and the places where it is put down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sweep {
    pub input: usize,
    pub output: usize,
    pub taps: usize,
    /// The distance between neighbouring places; at least 1.
    pub stride: usize,
    /// The distance between neighbouring taps; at least 1.
    pub dilation: usize,
    /// How far the first place lies before the input.
    pub before: usize,
    pub border: Border,
}

impl Sweep {
    /// An axis that isn't there.
    pub const SINGLE: Self =
        Self { input: 1, output: 1, taps: 1, stride: 1, dilation: 1, before: 0, border: Border::Constant };

    fn at(&self, output: usize, tap: usize) -> isize {
        (output * self.stride + tap * self.dilation) as isize - self.before as isize
    }

    /// The element of the input that meets a tap; `None` where there is none.
    #[must_use]
    pub fn source(&self, output: usize, tap: usize) -> Option<usize> {
        self.border.source(self.at(output, tap), self.input)
    }

    /// The places at which this tap meets the input itself, not what lies beyond it.
    #[must_use]
    pub fn inside(&self, tap: usize) -> Range<usize> {
        let first = self.before.saturating_sub(tap * self.dilation).div_ceil(self.stride).min(self.output);
        let reach = (self.input + self.before).saturating_sub(tap * self.dilation);
        first..reach.div_ceil(self.stride).clamp(first, self.output)
    }

    /// Every place meets exactly the element with its number.
    #[must_use]
    pub fn is_identity(&self) -> bool {
        self.taps == 1 && self.stride == 1 && self.before == 0 && self.input == self.output
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inside_is_where_the_source_is_the_input() {
        for input in 0..6 {
            for (output, taps, stride, dilation, before) in
                [(5, 3, 1, 1, 1), (3, 3, 2, 1, 1), (4, 2, 3, 2, 0), (7, 3, 1, 4, 4), (2, 1, 5, 1, 0), (3, 2, 2, 3, 5)]
            {
                let sweep = Sweep { input, output, taps, stride, dilation, before, border: Border::Constant };
                for tap in 0..taps {
                    let found: Vec<usize> = (0..output).filter(|at| sweep.source(*at, tap).is_some()).collect();
                    assert_eq!(found, sweep.inside(tap).collect::<Vec<_>>(), "{sweep:?} {tap}");
                }
            }
        }
    }
}
