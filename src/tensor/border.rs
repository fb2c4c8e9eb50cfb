//! What stands beyond the ends of an axis.

/// How an axis goes on before its first element and after its last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Border {
    /// With a constant, zero unless another is named.
    #[default]
    Constant,
    /// Mirrored at the first and last elements, which aren't repeated: `c b | a b c | b a`.
    Reflect,
    /// The first and last elements repeated: `a a | a b c | c c`.
    Replicate,
    /// From the start again: `b c | a b c | a b`.
    Circular,
}

impl Border {
    /// Which of the `size` elements of an axis stands at a place that may lie outside; `None` for the constant.
    #[must_use]
    pub fn source(self, at: isize, size: usize) -> Option<usize> {
        let (last, length) = (size.checked_sub(1)? as isize, size as isize);
        if (0..length).contains(&at) {
            return Some(at as usize);
        }
        let source = match self {
            Self::Constant => return None,
            Self::Replicate => at.clamp(0, last),
            Self::Circular => at.rem_euclid(length),
            Self::Reflect if at < 0 => -at,
            Self::Reflect => 2 * last - at,
        };
        // A reflection reaches no further than the other end.
        (0..length).contains(&source).then_some(source as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(border: Border) -> String {
        (-2..5).map(|at| border.source(at, 3).map_or('.', |index| "abc".as_bytes()[index] as char)).collect()
    }

    #[test]
    fn an_axis_goes_on_in_four_ways() {
        assert_eq!(line(Border::Constant), "..abc..");
        assert_eq!(line(Border::Reflect), "cbabcba");
        assert_eq!(line(Border::Replicate), "aaabccc");
        assert_eq!(line(Border::Circular), "bcabcab");
        assert_eq!(Border::Circular.source(1, 0), None);
        assert_eq!(Border::Reflect.source(-3, 3), None);
    }
}
