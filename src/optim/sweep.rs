//! One pass over the elements of a storage, its gradient and its states.

/// The rule for elements without a state.
pub(super) fn with_none<T: Copy>(param: &mut [T], grad: &[T], mut rule: impl FnMut(&mut T, T)) {
    for (p, g) in param.iter_mut().zip(grad) {
        rule(p, *g);
    }
}

/// The rule for elements with one state.
pub(super) fn with_one<T: Copy>(param: &mut [T], grad: &[T], a: &mut [T], mut rule: impl FnMut(&mut T, T, &mut T)) {
    for ((p, g), a) in param.iter_mut().zip(grad).zip(a) {
        rule(p, *g, a);
    }
}

/// The rule for elements with two states.
pub(super) fn with_two<T: Copy>(
    param: &mut [T],
    grad: &[T],
    [a, b]: [&mut [T]; 2],
    mut rule: impl FnMut(&mut T, T, &mut T, &mut T),
) {
    for (((p, g), a), b) in param.iter_mut().zip(grad).zip(a).zip(b) {
        rule(p, *g, a, b);
    }
}

/// The rule for elements with three states.
pub(super) fn with_three<T: Copy>(
    param: &mut [T],
    grad: &[T],
    [a, b, c]: [&mut [T]; 3],
    mut rule: impl FnMut(&mut T, T, [&mut T; 3]),
) {
    for ((((p, g), a), b), c) in param.iter_mut().zip(grad).zip(a).zip(b).zip(c) {
        rule(p, *g, [a, b, c]);
    }
}
