//! Sums and the greatest of elements that stand side by side. Each is made of a fixed number of partial ones, so that it
//! has the same bits with vectors of any width; partial sums are double precision.

use super::Real;
use super::simd::{self, Loop};

/// How many partial sums there are. What is left of a row goes to the first of them, one element each.
const LANES: usize = 16;
/// How many partial results the greatest is made of.
const WIDE: usize = 32;

/// The greatest element, NaN if there is one, -∞ of none.
#[inline(always)]
pub(super) fn greatest<T: Real>(x: &[T]) -> T {
    extreme::<T, false>(x)
}

/// The greater of two, or the smaller; NaN if either is.
#[inline(always)]
pub(super) fn farther<T: Real, const LEAST: bool>(a: T, b: T) -> T {
    if LEAST { a.minimum(b) } else { a.maximum(b) }
}

/// What is the greatest or the least of nothing.
#[inline(always)]
pub(super) fn nearest<T: Real, const LEAST: bool>() -> T {
    if LEAST { -T::NEG_INFINITY } else { T::NEG_INFINITY }
}

/// The greatest element, or the least.
#[inline(always)]
pub(super) fn extreme<T: Real, const LEAST: bool>(x: &[T]) -> T {
    let (chunks, rest) = x.as_chunks::<WIDE>();
    let mut lanes = [nearest::<T, LEAST>(); WIDE];
    for chunk in chunks {
        for (lane, &x) in lanes.iter_mut().zip(chunk) {
            *lane = farther::<T, LEAST>(*lane, x);
        }
    }
    for (lane, &x) in lanes.iter_mut().zip(rest) {
        *lane = farther::<T, LEAST>(*lane, x);
    }
    let mut count = WIDE;
    while count > 1 {
        count /= 2;
        let (low, high) = lanes.split_at_mut(count);
        for (low, &high) in low.iter_mut().zip(&*high) {
            *low = farther::<T, LEAST>(*low, high);
        }
    }
    lanes[0]
}

#[inline(always)]
pub(super) fn sum<T: Real>(x: &[T]) -> f64 {
    sum_of(
        x,
        #[inline(always)]
        |x| x,
    )
}

/// Σ f(x), each f(x) in the precision of the elements.
#[inline(always)]
fn sum_of<T: Real>(x: &[T], f: impl Fn(T) -> T) -> f64 {
    let (chunks, rest) = x.as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for chunk in chunks {
        for (lane, &x) in lanes.iter_mut().zip(chunk) {
            *lane += f(x).to_f64();
        }
    }
    for (lane, &x) in lanes.iter_mut().zip(rest) {
        *lane += f(x).to_f64();
    }
    total(lanes)
}

/// Σ x y, each product in the precision of the elements.
#[inline(always)]
pub(super) fn dot<T: Real>(x: &[T], y: &[T]) -> f64 {
    let ((x_chunks, x_rest), (y_chunks, y_rest)) = (x.as_chunks::<LANES>(), y.as_chunks::<LANES>());
    let mut lanes = [0.0; LANES];
    for (x, y) in x_chunks.iter().zip(y_chunks) {
        for (lane, (&x, &y)) in lanes.iter_mut().zip(x.iter().zip(y)) {
            *lane += (x * y).to_f64();
        }
    }
    for (lane, (&x, &y)) in lanes.iter_mut().zip(x_rest.iter().zip(y_rest)) {
        *lane += (x * y).to_f64();
    }
    total(lanes)
}

/// Σ (x - mean)², each square in the precision of the elements.
#[inline(always)]
pub(super) fn squares<T: Real>(x: &[T], mean: T) -> f64 {
    sum_of(
        x,
        #[inline(always)]
        |x| (x - mean) * (x - mean),
    )
}

/// The lanes are added in pairs.
#[inline(always)]
fn total(mut lanes: [f64; LANES]) -> f64 {
    let mut count = LANES;
    while count > 1 {
        count /= 2;
        let (low, high) = lanes.split_at_mut(count);
        for (low, &high) in low.iter_mut().zip(&*high) {
            *low += high;
        }
    }
    lanes[0]
}

/// y = e^(x - shift) for each element.
#[inline(always)]
pub(super) fn exponentials<T: Real>(x: &[T], shift: T, y: &mut [T]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y = (x - shift).exp();
    }
}

/// y += factor · x for each element.
pub fn add_scaled<T: Real>(y: &mut [T], factor: T, x: &[T]) {
    simd::run(AddScaled { y, factor, x });
}

struct AddScaled<'a, T> {
    y: &'a mut [T],
    factor: T,
    x: &'a [T],
}

impl<T: Real> Loop for AddScaled<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (y, &x) in self.y.iter_mut().zip(self.x) {
            *y += self.factor * x;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_all_lengths_are_complete() {
        for length in [0, 1, 7, 16, 31, 32, 33, 64, 100] {
            let x: Vec<f32> = (0..length).map(|at| (at * 7 % 31) as f32 - 11.0).collect();
            let y: Vec<f32> = (0..length).map(|at| (at * 5 % 13) as f32).collect();
            // Nothing is aligned behind the first element.
            for skip in 0..length.min(3) {
                let (x, y) = (&x[skip..], &y[skip..]);
                assert_eq!(greatest(x), x.iter().copied().fold(f32::NEG_INFINITY, f32::max), "{length}");
                assert_eq!(extreme::<f32, true>(x), x.iter().copied().fold(f32::INFINITY, f32::min), "{length}");
                assert_eq!(sum(x), x.iter().map(|x| f64::from(*x)).sum::<f64>(), "{length}");
                assert_eq!(dot(x, y), x.iter().zip(y).map(|(x, y)| f64::from(x * y)).sum::<f64>(), "{length}");
                assert_eq!(squares(x, 2.0), x.iter().map(|x| f64::from((x - 2.0) * (x - 2.0))).sum::<f64>());
            }
        }
        assert_eq!(greatest::<f64>(&[]), f64::NEG_INFINITY);
        assert_eq!(sum::<f64>(&[]), 0.0);
    }

    #[test]
    fn nan_is_the_greatest() {
        for at in [0, 5, 31, 32, 39] {
            let mut x = [1.0f32; 40];
            x[at] = f32::NAN;
            assert!(greatest(&x).is_nan(), "{at}");
        }
    }
}
