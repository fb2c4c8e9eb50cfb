//! Elementwise functions of two tensors that broadcast.

#![allow(clippy::indexing_slicing, reason = "a nest of loops stays inside the tensors that it was made of")]

use super::nest::{Nest, broadcast_steps, dense_steps};
use super::{Real, Slice};

/// Elements that are read by their index.
pub trait Read<E>: Copy {
    fn at(self, index: usize) -> E;

    /// Those from `start` on; `at` counts from there.
    #[must_use]
    fn window(self, start: usize, length: usize) -> Self;
}

impl<E: Copy> Read<E> for &[E] {
    #[inline(always)]
    fn at(self, index: usize) -> E {
        self[index]
    }

    #[inline(always)]
    fn window(self, start: usize, length: usize) -> Self {
        &self[start..start + length]
    }
}

/// Elements that nobody needs.
impl<E: Default> Read<E> for () {
    #[inline(always)]
    fn at(self, _: usize) -> E {
        E::default()
    }

    #[inline(always)]
    fn window(self, _: usize, _: usize) -> Self {}
}

/// Elements of any type as floats.
impl<T: Real> Read<T> for Slice<'_, T> {
    #[inline(always)]
    fn at(self, index: usize) -> T {
        match self {
            Self::Float(data) => data[index],
            Self::Int(data) => T::from_f64(data[index] as f64),
            Self::Bool(data) => T::from_f64(f64::from(u8::from(data[index]))),
        }
    }

    #[inline(always)]
    fn window(self, start: usize, length: usize) -> Self {
        slice(&self, start, length)
    }
}

/// Ints and bools as ints.
impl<T: Real> Read<i64> for Slice<'_, T> {
    #[inline(always)]
    fn at(self, index: usize) -> i64 {
        match self {
            Self::Float(data) => data[index].to_f64() as i64,
            Self::Int(data) => data[index],
            Self::Bool(data) => i64::from(data[index]),
        }
    }

    #[inline(always)]
    fn window(self, start: usize, length: usize) -> Self {
        slice(&self, start, length)
    }
}

/// Whether elements of any type differ from 0; NaN does.
impl<T: Real> Read<bool> for Slice<'_, T> {
    #[inline(always)]
    fn at(self, index: usize) -> bool {
        match self {
            Self::Float(data) => data[index] != T::zero(),
            Self::Int(data) => data[index] != 0,
            Self::Bool(data) => data[index],
        }
    }

    #[inline(always)]
    fn window(self, start: usize, length: usize) -> Self {
        slice(&self, start, length)
    }
}

fn slice<'a, T>(all: &Slice<'a, T>, start: usize, length: usize) -> Slice<'a, T> {
    let range = start..start + length;
    match *all {
        Slice::Float(data) => Slice::Float(&data[range]),
        Slice::Int(data) => Slice::Int(&data[range]),
        Slice::Bool(data) => Slice::Bool(&data[range]),
    }
}

/// The loops over two tensors that are broadcast to the shape of a third.
#[must_use]
pub fn broadcast(a: &[usize], b: &[usize], to: &[usize]) -> Nest<3> {
    Nest::new(to, [&broadcast_steps(a, to), &broadcast_steps(b, to), &dense_steps(to)])
}

/// `write(out, a, b, c)` for each element of the third tensor of the nest: `out` and `c` have its shape, `a` and `b`
/// are the other two.
pub fn zip<A, B, C, O>(
    nest: &Nest<3>,
    (a, b, c): (impl Read<A>, impl Read<B>, impl Read<C>),
    out: &mut [O],
    write: impl Fn(&mut O, A, B, C),
) where
    A: Copy,
    B: Copy,
{
    nest.for_each_run(|[i, j, k], length, [step_a, step_b, _]| {
        let out = &mut out[k..k + length];
        let c = c.window(k, length);
        if step_a == 0 {
            let (x, b) = (a.at(i), b.window(j, length));
            for (index, out) in out.iter_mut().enumerate() {
                write(out, x, b.at(index), c.at(index));
            }
        } else if step_b == 0 {
            let (a, y) = (a.window(i, length), b.at(j));
            for (index, out) in out.iter_mut().enumerate() {
                write(out, a.at(index), y, c.at(index));
            }
        } else {
            let (a, b) = (a.window(i, length), b.window(j, length));
            for (index, out) in out.iter_mut().enumerate() {
                write(out, a.at(index), b.at(index), c.at(index));
            }
        }
    });
}
