//! The float types that a model can run in.

use super::math;
use super::vector::Vectors;
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use ndarray::LinalgScalar;
use std::fmt::{Debug, Display};
use std::iter::Sum;
use std::ops::{AddAssign, MulAssign, Neg, SubAssign};

/// `f32` or `f64`.
pub trait Real:
    LinalgScalar
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + PartialOrd
    + Sum
    + Default
    + Debug
    + Display
    + Send
    + Sync
    + Vectors
    + sealed::Sealed
{
    /// As in `--dtype`.
    const NAME: &'static str;
    const NEG_INFINITY: Self;
    /// The distance from 1 to the next number.
    const EPSILON: Self;

    fn from_f64(value: f64) -> Self;
    fn to_f64(self) -> f64;
    fn exp(self) -> Self;
    /// e^x - 1, exact for small x.
    fn exp_m1(self) -> Self;
    fn ln(self) -> Self;
    /// ln(1 + x), exact for small x.
    fn ln_1p(self) -> Self;
    fn sqrt(self) -> Self;
    fn sin(self) -> Self;
    fn cos(self) -> Self;
    fn tanh(self) -> Self;
    fn powf(self, exponent: Self) -> Self;
    fn abs(self) -> Self;
    fn floor(self) -> Self;
    fn ceil(self) -> Self;
    /// Rounded towards 0.
    fn trunc(self) -> Self;
    /// The nearest whole number; of two, the even one.
    fn round(self) -> Self;
    /// The remainder of the division by `divisor`, with the sign of `self`.
    fn fmod(self, divisor: Self) -> Self;
    /// The error function, 2/√π ∫₀ˣ e^(-t²) dt.
    fn erf(self) -> Self;
    fn is_nan(self) -> bool;
    /// out = a · b or out += a · b, on this thread.
    fn product(a: MatRef<'_, Self>, b: MatRef<'_, Self>, accum: Accum, out: MatMut<'_, Self>);

    /// The greater; NaN if either is NaN, as in PyTorch.
    #[must_use]
    #[inline(always)]
    fn maximum(self, other: Self) -> Self {
        if self > other || self.is_nan() { self } else { other }
    }

    /// The smaller; NaN if either is NaN, as in PyTorch.
    #[must_use]
    #[inline(always)]
    fn minimum(self, other: Self) -> Self {
        if self < other || self.is_nan() { self } else { other }
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

impl Real for f32 {
    const NAME: &'static str = "f32";
    const NEG_INFINITY: Self = Self::NEG_INFINITY;
    const EPSILON: Self = Self::EPSILON;

    #[inline(always)]
    fn from_f64(value: f64) -> Self {
        value as Self
    }
    #[inline(always)]
    fn to_f64(self) -> f64 {
        f64::from(self)
    }
    #[inline(always)]
    fn exp(self) -> Self {
        math::exp(self)
    }
    #[inline(always)]
    fn exp_m1(self) -> Self {
        math::exp_m1(self)
    }
    #[inline(always)]
    fn ln(self) -> Self {
        math::ln(self)
    }
    #[inline(always)]
    fn ln_1p(self) -> Self {
        math::ln_1p(self)
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        self.sqrt()
    }
    #[inline(always)]
    fn sin(self) -> Self {
        self.sin()
    }
    #[inline(always)]
    fn cos(self) -> Self {
        self.cos()
    }
    #[inline(always)]
    fn tanh(self) -> Self {
        math::tanh(self)
    }
    #[inline(always)]
    fn powf(self, exponent: Self) -> Self {
        self.powf(exponent)
    }
    #[inline(always)]
    fn abs(self) -> Self {
        self.abs()
    }
    #[inline(always)]
    fn floor(self) -> Self {
        self.floor()
    }
    #[inline(always)]
    fn ceil(self) -> Self {
        self.ceil()
    }
    #[inline(always)]
    fn trunc(self) -> Self {
        self.trunc()
    }
    #[inline(always)]
    fn round(self) -> Self {
        self.round_ties_even()
    }
    #[inline(always)]
    fn fmod(self, divisor: Self) -> Self {
        self % divisor
    }
    #[inline(always)]
    fn erf(self) -> Self {
        math::erf(self)
    }
    #[inline(always)]
    fn is_nan(self) -> bool {
        self.is_nan()
    }
    fn product(a: MatRef<'_, Self>, b: MatRef<'_, Self>, accum: Accum, out: MatMut<'_, Self>) {
        matmul(out, accum, a, b, 1.0, Par::Seq);
    }
}

impl Real for f64 {
    const NAME: &'static str = "f64";
    const NEG_INFINITY: Self = Self::NEG_INFINITY;
    const EPSILON: Self = Self::EPSILON;

    #[inline(always)]
    fn from_f64(value: f64) -> Self {
        value
    }
    #[inline(always)]
    fn to_f64(self) -> f64 {
        self
    }
    #[inline(always)]
    fn exp(self) -> Self {
        math::exp(self)
    }
    #[inline(always)]
    fn exp_m1(self) -> Self {
        math::exp_m1(self)
    }
    #[inline(always)]
    fn ln(self) -> Self {
        math::ln(self)
    }
    #[inline(always)]
    fn ln_1p(self) -> Self {
        math::ln_1p(self)
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        self.sqrt()
    }
    #[inline(always)]
    fn sin(self) -> Self {
        self.sin()
    }
    #[inline(always)]
    fn cos(self) -> Self {
        self.cos()
    }
    #[inline(always)]
    fn tanh(self) -> Self {
        math::tanh(self)
    }
    #[inline(always)]
    fn powf(self, exponent: Self) -> Self {
        self.powf(exponent)
    }
    #[inline(always)]
    fn abs(self) -> Self {
        self.abs()
    }
    #[inline(always)]
    fn floor(self) -> Self {
        self.floor()
    }
    #[inline(always)]
    fn ceil(self) -> Self {
        self.ceil()
    }
    #[inline(always)]
    fn trunc(self) -> Self {
        self.trunc()
    }
    #[inline(always)]
    fn round(self) -> Self {
        self.round_ties_even()
    }
    #[inline(always)]
    fn fmod(self, divisor: Self) -> Self {
        self % divisor
    }
    #[inline(always)]
    fn erf(self) -> Self {
        math::erf(self)
    }
    #[inline(always)]
    fn is_nan(self) -> bool {
        self.is_nan()
    }
    fn product(a: MatRef<'_, Self>, b: MatRef<'_, Self>, accum: Accum, out: MatMut<'_, Self>) {
        matmul(out, accum, a, b, 1.0, Par::Seq);
    }
}
