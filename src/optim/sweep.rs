//! One pass over the elements of a storage, its gradient and its states.

use crate::tensor::simd::{self, Loop};

struct Each<I, F> {
    elements: I,
    rule: F,
}

impl<I: Iterator, F: FnMut(I::Item)> Loop for Each<I, F> {
    type Output = ();

    #[inline(always)]
    fn run(mut self) {
        for element in self.elements {
            (self.rule)(element);
        }
    }
}

fn each<I: Iterator>(elements: I, rule: impl FnMut(I::Item)) {
    simd::run(Each { elements, rule });
}

/// The rule for elements without a state.
pub(super) fn with_none<T: Copy>(param: &mut [T], grad: &[T], mut rule: impl FnMut(&mut T, T)) {
    each(param.iter_mut().zip(grad), |(p, g)| rule(p, *g));
}

/// The rule for elements with one state.
pub(super) fn with_one<T: Copy>(param: &mut [T], grad: &[T], a: &mut [T], mut rule: impl FnMut(&mut T, T, &mut T)) {
    each(param.iter_mut().zip(grad).zip(a), |((p, g), a)| rule(p, *g, a));
}

/// The rule for elements with two states.
pub(super) fn with_two<T: Copy>(
    param: &mut [T],
    grad: &[T],
    [a, b]: [&mut [T]; 2],
    mut rule: impl FnMut(&mut T, T, &mut T, &mut T),
) {
    each(param.iter_mut().zip(grad).zip(a).zip(b), |(((p, g), a), b)| rule(p, *g, a, b));
}

/// The rule for elements with three states.
pub(super) fn with_three<T: Copy>(
    param: &mut [T],
    grad: &[T],
    [a, b, c]: [&mut [T]; 3],
    mut rule: impl FnMut(&mut T, T, [&mut T; 3]),
) {
    each(param.iter_mut().zip(grad).zip(a).zip(b).zip(c), |((((p, g), a), b), c)| rule(p, *g, [a, b, c]));
}
