//! The order of elements. NaN is above all, so that it comes last when elements are sorted and is the greatest; it is the
//! least too where the least is looked for.

#![allow(clippy::indexing_slicing, reason = "a lane stays inside the tensor that it was made of")]

use super::Real;
use super::lane::Lane;
use std::cmp::Ordering;

/// Elements that have an order.
pub trait Order: Copy {
    /// The order in which they are sorted.
    fn order(self, other: Self) -> Ordering;

    fn is_nan(self) -> bool {
        false
    }

    /// It is greater, or NaN where the other isn't.
    fn is_above(self, other: Self) -> bool {
        self.order(other) == Ordering::Greater
    }

    /// It is less, or NaN where the other isn't.
    fn is_below(self, other: Self) -> bool {
        if other.is_nan() { false } else { self.is_nan() || self.order(other) == Ordering::Less }
    }
}

impl Order for i64 {
    fn order(self, other: Self) -> Ordering {
        self.cmp(&other)
    }
}

impl Order for bool {
    fn order(self, other: Self) -> Ordering {
        self.cmp(&other)
    }
}

impl<T: Real> Order for T {
    fn order(self, other: Self) -> Ordering {
        self.partial_cmp(&other).unwrap_or_else(|| Real::is_nan(self).cmp(&Real::is_nan(other)))
    }

    fn is_nan(self) -> bool {
        Real::is_nan(self)
    }
}

/// The index in its lane of the first element that no other `beats`; `None` in an empty lane.
pub fn first<E: Order>(x: &[E], lane: Lane, beats: impl Fn(E, E) -> bool) -> Option<usize> {
    let better = |best: usize, index: usize| if beats(x[lane.at(index)], x[lane.at(best)]) { index } else { best };
    (0..lane.length).reduce(better)
}

/// Writes the indices of a lane into `order`, which has its length: first those of the `count` elements that come first
/// when it is sorted, in that order. Equal elements keep theirs.
pub fn sort<E: Order>(x: &[E], lane: Lane, descending: bool, count: usize, order: &mut [i64]) {
    order.iter_mut().zip(0..).for_each(|(place, index)| *place = index);
    let compare = |a: &i64, b: &i64| {
        let (x, y) = (x[lane.at(*a as usize)], x[lane.at(*b as usize)]);
        let found = if descending { y.order(x) } else { x.order(y) };
        found.then(a.cmp(b))
    };
    if let Some(last) = count.checked_sub(1)
        && count < order.len()
    {
        order.select_nth_unstable_by(last, compare);
    }
    let count = count.min(order.len());
    order[..count].sort_unstable_by(compare);
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAN: f64 = f64::NAN;

    #[test]
    fn nan_is_found_whichever_end_is_looked_for() {
        let x = [1.0, NAN, 5.0, NAN];
        let lane = Lane { start: 0, step: 1, length: 4 };
        assert_eq!(first(&x, lane, Order::is_above), Some(1));
        assert_eq!(first(&x, lane, Order::is_below), Some(1));
        assert_eq!(first(&[3i64, 7, 7, 3], lane, Order::is_above), Some(1));
        assert_eq!(first(&[3i64, 7, 7, 3], lane, Order::is_below), Some(0));
        assert_eq!(first(&x, Lane { length: 0, ..lane }, Order::is_above), None);
    }

    #[test]
    fn equal_elements_keep_their_order() {
        let x = [2i64, 1, 2, 0, 1, 2];
        let lane = Lane { start: 0, step: 1, length: 6 };
        let sorted = |descending, count| {
            let mut order = [9; 6];
            sort(&x, lane, descending, count, &mut order);
            order[..count].to_vec()
        };
        assert_eq!(sorted(false, 6), [3, 1, 4, 0, 2, 5]);
        assert_eq!(sorted(true, 6), [0, 2, 5, 1, 4, 3]);
        assert_eq!(sorted(true, 2), [0, 2]);
        assert_eq!(sorted(false, 3), [3, 1, 4]);
        assert_eq!(sorted(false, 0), [0i64; 0]);
        let mut order = [0; 3];
        sort(&[NAN, 1.0, f64::INFINITY], Lane { length: 3, ..lane }, false, 3, &mut order);
        assert_eq!(order, [1, 2, 0]);
    }
}
