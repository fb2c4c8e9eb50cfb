//! Exponentials, logarithms and the error function without branches, so that loops over them use vectors. The same
//! bits with every instruction set: where a product is joined with a sum, they are rounded once, on processors without that
//! instruction by a slow function.
//!
//! The largest errors found, in units in the last place, over every third number in f32 and ten million in f64:
//!
//! | | exp | `exp_m1` | ln | `ln_1p` | tanh | erf |
//! |---|---|---|---|---|---|---|
//! | f32 | 1.1 | 1.7 | 0.9 | 0.9 | 2.5 | 1.2 |
//! | f64 | 1.0 | 2.0 | 1.0 | 1.0 | 4.0 | 2.0 |
//!
//! The polynomials come from `tests/reference/math/fit.py`. The reductions to the intervals where they hold are those of
//! W. J. Cody and W. Waite, *Software Manual for the Elementary Functions*, 1980, and of FDLIBM's logarithm.

#![allow(clippy::excessive_precision, reason = "nine digits name a float, whether it has a shorter name or not")]

use super::Real;

/// The constants of a float type, and what hangs on its bits.
pub(super) trait Parts: Real {
    /// 1.5 · 2^(bits of the mantissa): a sum with it rounds to a whole number, which stands in the lowest bits.
    const MAGIC: Self;
    const LOG2_E: Self;
    /// ln 2 in two parts. The products of the first with exponents are exact.
    const LN_2: [Self; 2];
    /// Below the first e^x is 0, above the second infinite.
    const EXP_RANGE: [Self; 2];
    /// Below this e^x - 1 is -1.
    const EXP_M1_LEAST: Self;
    /// From here on erf(x) is 1.
    const ERF_END: Self;
    /// From here on tanh(x) is 1.
    const TANH_END: Self;

    /// (e^r - 1 - r) / r², |r| ≤ ln 2 / 2
    fn exp_rest(r: Self) -> Self;
    /// (ln((1 + s) / (1 - s)) / s - 2) / z, z = s², (1 + s) / (1 - s) between √½ and √2
    fn ln_rest(z: Self) -> Self;
    /// erf(x) / x - 1 in x², |x| ≤ 0.9375
    fn erf_near(z: Self) -> Self;
    /// ln(1 - erf(x)) / x, 0.9375 ≤ x ≤ `ERF_END`
    fn erf_far(x: Self) -> Self;
    /// 2^n, where `magic` is n + `MAGIC` and 2^n is normal.
    fn power_of_two(magic: Self) -> Self;
    /// (m, k) with x = m · 2^k and √½ ≤ m < √2, for positive finite x.
    fn split(self) -> (Self, Self);
    fn copysign(self, sign: Self) -> Self;
    /// self · b + c, rounded once.
    fn mul_add(self, b: Self, c: Self) -> Self;
}

/// The polynomial in `x` with these coefficients, the lowest first.
macro_rules! polynomial {
    ($x:ident; $last:expr) => { Self::from($last) };
    ($x:ident; $first:expr, $($rest:expr),+) => { polynomial!($x; $($rest),+).mul_add($x, $first) };
}

/// The same, its even and its odd powers added up apart: half as many steps wait for one another. Errors may be larger.
macro_rules! in_halves {
    ($x:ident; $first:expr, $($rest:expr),+) => {{
        let square = $x * $x;
        every_second!(square; $($rest),+).mul_add($x, every_second!(square; $first, $($rest),+))
    }};
}

/// The polynomial with the first coefficient, the third, the fifth, …
macro_rules! every_second {
    ($x:ident; $last:expr $(, $odd:expr)?) => { Self::from($last) };
    ($x:ident; $first:expr, $odd:expr, $($rest:expr),+) => { every_second!($x; $($rest),+).mul_add($x, $first) };
}

macro_rules! bits {
    ($float:ty, $uint:ty, mantissa: $mantissa:literal, bias: $bias:literal) => {
        #[inline(always)]
        fn power_of_two(magic: Self) -> Self {
            Self::from_bits(magic.to_bits().wrapping_add($bias) << $mantissa)
        }

        #[inline(always)]
        fn split(self) -> (Self, Self) {
            const ONE: $uint = (1.0 as $float).to_bits();
            const SQRT_HALF: $uint = (std::f64::consts::FRAC_1_SQRT_2 as $float).to_bits();
            // Two to the number of mantissa bits: a number below it is the last bits of a float of its size.
            const UNIT: $float = (1u64 << $mantissa) as $float;
            let subnormal = self < Self::MIN_POSITIVE;
            let x = if subnormal { self * UNIT } else { self };
            let bits = x.to_bits().wrapping_add(ONE - SQRT_HALF);
            let exponent = Self::from_bits(bits >> $mantissa | UNIT.to_bits()) - UNIT - $bias as $float;
            let m = Self::from_bits((bits & ((1 << $mantissa) - 1)) + SQRT_HALF);
            (m, if subnormal { exponent - $mantissa as $float } else { exponent })
        }

        #[inline(always)]
        fn copysign(self, sign: Self) -> Self {
            self.copysign(sign)
        }

        #[inline(always)]
        fn mul_add(self, b: Self, c: Self) -> Self {
            self.mul_add(b, c)
        }
    };
}

impl Parts for f32 {
    const MAGIC: Self = 12_582_912.0;
    const LOG2_E: Self = std::f32::consts::LOG2_E;
    const LN_2: [Self; 2] = [0.693_138_123, 9.058_000_6e-6];
    const EXP_RANGE: [Self; 2] = [-104.0, 89.0];
    const EXP_M1_LEAST: Self = -18.0;
    const ERF_END: Self = 4.0;
    const TANH_END: Self = 10.0;

    #[inline(always)]
    fn exp_rest(r: Self) -> Self {
        polynomial!(r; 0.5, 0.166_665_77, 0.041_666_554_7, 0.008_363_173_07, 0.001_392_617_61)
    }

    #[inline(always)]
    fn ln_rest(z: Self) -> Self {
        polynomial!(z; 0.666_666_666, 0.400_001_218, 0.285_508_208, 0.233_304_672)
    }

    #[inline(always)]
    fn erf_near(z: Self) -> Self {
        polynomial!(
            z; 0.128_379_167, -0.376_126_33, 0.112_836_837, -0.026_858_722_7, 0.005_199_318_2, -0.000_812_296_089,
            8.285_826_55e-5
        )
    }

    #[inline(always)]
    fn erf_far(x: Self) -> Self {
        in_halves!(
            x; -1.128_504_73, -0.635_751_062, -0.105_218_443, 0.022_861_977_8, -0.003_206_180_81, 0.000_212_915_217
        )
    }

    bits!(f32, u32, mantissa: 23, bias: 127);
}

impl Parts for f64 {
    const MAGIC: Self = 6_755_399_441_055_744.0;
    const LOG2_E: Self = std::f64::consts::LOG2_E;
    const LN_2: [Self; 2] = [6.931_471_803_691_238e-1, 1.908_214_929_270_587_7e-10];
    const EXP_RANGE: [Self; 2] = [-746.0, 710.0];
    const EXP_M1_LEAST: Self = -38.0;
    const ERF_END: Self = 6.0;
    const TANH_END: Self = 20.0;

    #[inline(always)]
    fn exp_rest(r: Self) -> Self {
        in_halves!(
            r; 0.500_000_000_000_000_1, 0.166_666_666_666_666_66, 0.041_666_666_666_624_164,
            0.008_333_333_333_330_065, 0.001_388_888_891_719_671_9, 0.000_198_412_698_630_405_45,
            2.480_152_132_236_869_2e-5, 2.755_726_848_031_003e-6, 2.762_007_587_998_336_7e-7,
            2.510_037_583_256_123_4e-8
        )
    }

    #[inline(always)]
    fn ln_rest(z: Self) -> Self {
        in_halves!(
            z; 0.666_666_666_666_666_6, 0.400_000_000_000_008_8, 0.285_714_285_708_036_14, 0.222_222_223_917_139_17,
            0.181_817_956_401_329_06, 0.153_862_397_028_146_58, 0.132_687_731_386_568_86, 0.130_866_261_478_401_02
        )
    }

    #[inline(always)]
    fn erf_near(z: Self) -> Self {
        in_halves!(
            z; 0.128_379_167_095_512_56, -0.376_126_389_031_837_5, 0.112_837_916_709_550_64,
            -0.026_866_170_645_115_49, 0.005_223_977_625_236_705, -0.000_854_832_700_749_598_5,
            0.000_120_553_321_857_417_2, -1.492_562_370_291_989_8e-5, 1.646_150_200_372_959_8e-6,
            -1.635_614_863_074_125_4e-7, 1.470_280_492_091_14e-8, -1.155_499_180_486_963_8e-9,
            6.294_341_254_228_048e-11
        )
    }

    #[inline(always)]
    fn erf_far(x: Self) -> Self {
        in_halves!(
            x; -1.128_378_974_619_322_5, -0.636_621_601_011_705_51, -0.102_764_645_541_689_07,
            0.019_107_531_927_719_065, 0.000_245_901_933_401_239_9, -0.001_740_694_177_023_903_2,
            0.000_626_331_030_640_474_9, -4.194_290_959_808_940_1e-5, -6.759_459_675_651_748_3e-5,
            4.177_457_602_784_008_8e-5, -1.461_136_722_688_705_5e-5, 3.577_976_835_109_635_1e-6,
            -6.383_500_513_107_010_8e-7, 8.204_711_841_926_936_9e-8, -7.234_346_793_424_766_3e-9,
            3.926_290_848_454_656_8e-10, -9.898_576_997_343_782_8e-12
        )
    }

    bits!(f64, u64, mantissa: 52, bias: 1023);
}

#[inline(always)]
fn constant<T: Parts>(value: f64) -> T {
    T::from_f64(value)
}

/// (e^r - 1, n + `MAGIC`) with x = n ln 2 + r and |r| ≤ ln 2 / 2.
#[inline(always)]
fn reduced_exp<T: Parts>(x: T) -> (T, T) {
    let magic = x.mul_add(T::LOG2_E, T::MAGIC);
    let n = magic - T::MAGIC;
    let [high, low] = T::LN_2;
    let r = (-n).mul_add(low, (-n).mul_add(high, x));
    ((r * r).mul_add(T::exp_rest(r), r), magic)
}

/// x, or the end of a range that it is beyond; NaN stays.
#[inline(always)]
fn clamp<T: Parts>(x: T, least: T, most: T) -> T {
    let x = if x < least { least } else { x };
    if x > most { most } else { x }
}

#[inline(always)]
pub(super) fn exp<T: Parts>(x: T) -> T {
    let [least, most] = T::EXP_RANGE;
    let (p, magic) = reduced_exp(clamp(x, least, most));
    // 2^n may not be normal, its two factors are.
    let n = magic - T::MAGIC;
    let half = n.mul_add(constant(0.5), T::MAGIC);
    let rest = n - (half - T::MAGIC) + T::MAGIC;
    (T::one() + p) * T::power_of_two(half) * T::power_of_two(rest)
}

#[inline(always)]
pub(super) fn exp_m1<T: Parts>(x: T) -> T {
    let half = constant::<T>(0.5);
    let (p, magic) = reduced_exp(clamp(x, T::EXP_M1_LEAST, T::EXP_RANGE[1]));
    // Half of 2^n, since 2^n itself may be infinite.
    let scale = T::power_of_two(magic - T::one());
    let y = scale.mul_add(p, scale - half);
    if x == T::zero() { x } else { y + y }
}

#[inline(always)]
pub(super) fn tanh<T: Parts>(x: T) -> T {
    let two = constant::<T>(2.0);
    let most = T::TANH_END;
    let t = exp_m1(two * clamp(x.abs(), T::zero(), most));
    (t / (t + two)).copysign(x)
}

/// ln(m 2^k) + c for small c.
#[inline(always)]
fn ln_of<T: Parts>(m: T, k: T, c: T) -> T {
    let f = m - T::one();
    let s = f / (f + constant(2.0));
    let z = s * s;
    let half_square = constant::<T>(0.5) * f * f;
    let [high, low] = T::LN_2;
    let rest = s.mul_add(z.mul_add(T::ln_rest(z), half_square), k.mul_add(low, c));
    k.mul_add(high, f - (half_square - rest))
}

#[inline(always)]
pub(super) fn ln<T: Parts>(x: T) -> T {
    let (m, k) = x.split();
    let y = ln_of(m, k, T::zero());
    at_ends(x, y)
}

#[inline(always)]
pub(super) fn ln_1p<T: Parts>(x: T) -> T {
    let u = x + T::one();
    let (m, k) = u.split();
    // What the sum lost.
    let c = (x - (u - T::one())) / u;
    let y = ln_of(m, k, c);
    if x == T::zero() { x } else { at_ends(u, y) }
}

/// ln(x), if it is y for positive finite x.
#[inline(always)]
fn at_ends<T: Parts>(x: T, y: T) -> T {
    let y = if x == -T::NEG_INFINITY { x } else { y };
    let y = if x == T::zero() { T::NEG_INFINITY } else { y };
    if x >= T::zero() { y } else { T::zero() / T::zero() }
}

#[inline(always)]
pub(super) fn erf<T: Parts>(x: T) -> T {
    let near = x.mul_add(T::erf_near(x * x), x);
    let a = if x.abs() > T::ERF_END { T::ERF_END } else { x.abs() };
    let (p, magic) = reduced_exp(a * T::erf_far(a));
    let scale = T::power_of_two(magic);
    let far = (-scale).mul_add(p, T::one() - scale).copysign(x);
    if x.abs() < constant(0.9375) { near } else { far }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::simd::{self, Loop};

    /// Numbers of all sizes and both signs, and what is at the ends.
    fn f32s() -> impl Iterator<Item = f32> {
        let special = [0.0, -0.0, 1.0, f32::MIN_POSITIVE, f32::MAX, f32::INFINITY, f32::NEG_INFINITY, f32::NAN];
        (0..=u32::MAX).step_by(4_099).map(f32::from_bits).chain(special)
    }

    fn f64s() -> impl Iterator<Item = f64> {
        // Exponents from 2^-40 to 2^11.
        let step = u64::MAX / 997 / 64;
        let plain = (0..600_000u64).map(move |at| {
            let bits = at.wrapping_mul(step);
            let exponent = 1023 - 40 + at % 51;
            f64::from_bits(bits & 0x800f_ffff_ffff_ffff | exponent << 52)
        });
        plain.chain([0.0, -0.0, 1.0, f64::MIN_POSITIVE, f64::MAX, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 5e-324])
    }

    /// The distance in units in the last place of `wanted`.
    fn distance32(found: f32, wanted: f64) -> f64 {
        let nearest = wanted as f32;
        if found.is_nan() || nearest.is_nan() || nearest.is_infinite() || found.is_infinite() {
            let same = found == nearest || found.is_nan() && nearest.is_nan();
            // Just below the greatest number either is right.
            let at_the_end = found.is_infinite() && f64::from(f32::MAX) < wanted.abs() * (1.0 + 2e-7);
            return if same || at_the_end { 0.0 } else { f64::INFINITY };
        }
        let unit = f64::from(nearest.abs().next_up() - nearest.abs());
        (f64::from(found) - wanted).abs() / unit
    }

    fn distance64(found: f64, wanted: f64) -> f64 {
        if found.is_nan() || wanted.is_nan() || wanted.is_infinite() || found.is_infinite() {
            return if found == wanted || found.is_nan() && wanted.is_nan() { 0.0 } else { f64::INFINITY };
        }
        (found - wanted).abs() / (wanted.abs().next_up() - wanted.abs())
    }

    fn check(name: &str, bounds: [f64; 2], found: [fn(f64) -> f64; 2], wanted: fn(f64) -> f64) {
        // `found` is the function in f32, given and giving numbers of f64, and the function in f64.
        let far = |x: &f32| (distance32(found[0](f64::from(*x)) as f32, wanted(f64::from(*x))), *x);
        let (worst, at) = f32s().map(|x| far(&x)).fold((0.0, 0.0), |a, b| if b.0 > a.0 { b } else { a });
        assert!(worst <= bounds[0], "{name} of {at:e} in f32 is {worst} units away");
        let far = |x: f64| (distance64(found[1](x), wanted(x)), x);
        let (worst, at) = f64s().map(far).fold((0.0, 0.0), |a, b| if b.0 > a.0 { b } else { a });
        assert!(worst <= bounds[1], "{name} of {at:e} in f64 is {worst} units away");
    }

    macro_rules! both {
        ($function:ident) => {
            [|x: f64| f64::from($function(x as f32)), |x: f64| $function(x)]
        };
    }

    #[test]
    fn errors_are_within_the_stated_bounds() {
        check("exp", [1.1, 1.0], both!(exp), f64::exp);
        check("exp_m1", [1.7, 2.0], both!(exp_m1), f64::exp_m1);
        check("ln", [0.9, 1.0], both!(ln), f64::ln);
        check("ln_1p", [0.9, 1.0], both!(ln_1p), f64::ln_1p);
        check("tanh", [2.5, 4.0], both!(tanh), f64::tanh);
        check("erf", [1.2, 2.0], both!(erf), libm::erf);
    }

    #[test]
    fn zeros_keep_their_sign() {
        for function in [exp_m1::<f32>, ln_1p, tanh, erf] {
            assert_eq!(function(-0.0).to_bits(), (-0.0f32).to_bits());
            assert_eq!(function(0.0).to_bits(), 0);
        }
    }

    #[test]
    fn every_instruction_set_gives_the_same_bits() {
        struct All<'a>(&'a [f32], &'a mut [[f32; 6]]);

        impl Loop for All<'_> {
            type Output = ();

            #[inline(always)]
            fn run(self) {
                for (y, &x) in self.1.iter_mut().zip(self.0) {
                    *y = [exp(x), exp_m1(x), ln(x), ln_1p(x), tanh(x), erf(x)];
                }
            }
        }

        let x: Vec<f32> = f32s().collect();
        let [mut wide, mut narrow] = [vec![[0.0; 6]; x.len()], vec![[0.0; 6]; x.len()]];
        simd::run(All(&x, &mut wide));
        All(&x, &mut narrow).run();
        for (index, x) in x.iter().enumerate() {
            for (wide, narrow) in wide[index].iter().zip(narrow[index]) {
                assert!(narrow.to_bits() == wide.to_bits() || narrow.is_nan() && wide.is_nan(), "{x:e}");
            }
        }
    }
}
