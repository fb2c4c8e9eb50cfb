//! Loops compiled once for each instruction set of the processor's family. The widest that the processor has runs.
//!
//! The compiler may use vectors of that set, but neither reorders sums nor joins a product and a sum that aren't joined
//! already, so that the results have the same bits with every set.

use super::Real;
use pulp::{Arch, NullaryFnOnce};

/// A loop and what it works on. `run` and all that it calls for each element, closures too, must be `#[inline(always)]`:
/// what isn't part of the loop's own code is compiled for the narrowest set alone.
pub trait Loop {
    type Output;

    fn run(self) -> Self::Output;
}

/// Runs a loop with the widest vectors that there are.
pub fn run<L: Loop>(of: L) -> L::Output {
    Arch::new().dispatch(Dispatched(of))
}

struct Dispatched<L>(L);

impl<L: Loop> NullaryFnOnce for Dispatched<L> {
    type Output = L::Output;

    #[inline(always)]
    fn call(self) -> L::Output {
        self.0.run()
    }
}

/// Adds to an element of a gradient, or writes it where that is `FRESH`: where it holds nothing yet.
#[inline(always)]
pub fn give<T: Real, const FRESH: bool>(out: &mut T, value: T) {
    *out = if FRESH { value } else { *out + value };
}

/// y = f(x) for each element, as far as both reach. `f` is an `#[inline(always)]` closure.
pub fn map<T: Copy, R>(x: &[T], y: &mut [R], f: impl Fn(T) -> R) {
    run(Map { x, y, f });
}

struct Map<'a, T, R, F> {
    x: &'a [T],
    y: &'a mut [R],
    f: F,
}

impl<T: Copy, R, F: Fn(T) -> R> Loop for Map<'_, T, R, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (y, &x) in self.y.iter_mut().zip(self.x) {
            *y = (self.f)(x);
        }
    }
}
