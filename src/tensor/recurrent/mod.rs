//! One time step of recurrent cells, for a batch of rows: from sums of inputs to states, and back. Products with the
//! weights are done before and after.

mod gru;
mod lstm;
mod rnn;
#[cfg(test)]
mod tests;

pub use gru::{Gru, gru};
pub use lstm::{Lstm, lstm};
pub use rnn::Nonlinearity;

use super::Real;

#[inline(always)]
fn sigmoid<T: Real>(x: T) -> T {
    T::one() / (T::one() + (-x).exp())
}

/// x = σ(x + bias) for each element.
#[inline(always)]
fn sigmoids<T: Real>(sums: &mut [T], bias: &[T]) {
    for (x, &bias) in sums.iter_mut().zip(bias) {
        *x = sigmoid(*x + bias);
    }
}

/// x = tanh(x + bias) for each element.
#[inline(always)]
fn tanhs<T: Real>(sums: &mut [T], bias: &[T]) {
    for (x, &bias) in sums.iter_mut().zip(bias) {
        *x = (*x + bias).tanh();
    }
}

/// The parts of a row that is `N` times as wide as a state.
#[inline(always)]
fn parts<T, const N: usize>(row: &[T], width: usize) -> [&[T]; N] {
    let mut rest = row;
    std::array::from_fn(|_| {
        let (part, others) = rest.split_at(width.min(rest.len()));
        rest = others;
        part
    })
}

#[inline(always)]
fn parts_mut<T, const N: usize>(row: &mut [T], width: usize) -> [&mut [T]; N] {
    let mut rest = row;
    std::array::from_fn(|_| {
        let middle = width.min(rest.len());
        let (part, others) = std::mem::take(&mut rest).split_at_mut(middle);
        rest = others;
        part
    })
}
