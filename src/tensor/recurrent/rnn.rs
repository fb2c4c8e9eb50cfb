//! One step of an RNN.

use super::tanhs;
use crate::tensor::Real;
use crate::tensor::simd::{self, Loop};

/// What an RNN applies to the sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nonlinearity {
    Tanh,
    Relu,
}

impl Nonlinearity {
    /// h = f(sums + bias), where the bias is as wide as a row; the sums become h too.
    pub fn forward<T: Real>(self, sums: &mut [T], bias: &[T], h: &mut [T]) {
        simd::run(RnnForward { function: self, sums, bias, h });
    }

    /// The gradients of the sums.
    pub fn backward<T: Real>(self, h: &[T], grad_h: &[T], grad_sums: &mut [T]) {
        simd::run(RnnBackward { function: self, h, grad_h, grad_sums });
    }
}

struct RnnForward<'a, T> {
    function: Nonlinearity,
    sums: &'a mut [T],
    bias: &'a [T],
    h: &'a mut [T],
}

impl<T: Real> Loop for RnnForward<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let width = self.bias.len().max(1);
        for (sums, h) in self.sums.chunks_exact_mut(width).zip(self.h.chunks_exact_mut(width)) {
            match self.function {
                Nonlinearity::Tanh => tanhs(sums, self.bias),
                Nonlinearity::Relu => {
                    for (x, &bias) in sums.iter_mut().zip(self.bias) {
                        *x = T::zero().maximum(*x + bias);
                    }
                }
            }
            h.copy_from_slice(sums);
        }
    }
}

struct RnnBackward<'a, T> {
    function: Nonlinearity,
    h: &'a [T],
    grad_h: &'a [T],
    grad_sums: &'a mut [T],
}

impl<T: Real> Loop for RnnBackward<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let each = self.grad_sums.iter_mut().zip(self.h).zip(self.grad_h);
        match self.function {
            Nonlinearity::Tanh => each.for_each(|((out, &h), &grad)| *out = grad * (T::one() - h * h)),
            Nonlinearity::Relu => {
                each.for_each(|((out, &h), &grad)| *out = if h > T::zero() { grad } else { T::zero() });
            }
        }
    }
}
