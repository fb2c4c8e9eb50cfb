//! Distributions, and how numbers are compared with one: the share of them below each place, and what may not occur.

use crate::tensor::Real;
use std::f64::consts::SQRT_2;

#[derive(Clone, Copy, Debug)]
pub(super) enum Law {
    Constant(f64),
    /// From the first number to the second.
    Uniform(f64, f64),
    /// Mean and standard deviation.
    Normal(f64, f64),
    /// The first number with this probability, else the second.
    Either(f64, f64, f64),
}

impl Law {
    pub(super) fn within(bound: f64) -> Self {
        Self::Uniform(-bound, bound)
    }

    /// Bounds and numbers as single precision has them.
    pub(super) fn in_single(self) -> Self {
        let single = |x: f64| f64::from(x as f32);
        match self {
            Self::Constant(value) => Self::Constant(single(value)),
            Self::Uniform(low, high) => Self::Uniform(single(low), single(high)),
            Self::Normal(..) => self,
            Self::Either(a, p, b) => Self::Either(single(a), p, single(b)),
        }
    }

    fn mean_and_deviation(self) -> (f64, f64) {
        match self {
            Self::Constant(value) => (value, 0.0),
            Self::Uniform(low, high) => (f64::midpoint(low, high), (high - low) / f64::sqrt(12.0)),
            Self::Normal(mean, std) => (mean, std),
            Self::Either(a, p, b) => (p * a + (1.0 - p) * b, (a - b).abs() * (p * (1.0 - p)).sqrt()),
        }
    }

    /// The share of the distribution below.
    fn below(self, x: f64) -> f64 {
        match self {
            Self::Uniform(low, high) => (x - low) / (high - low),
            Self::Normal(mean, std) => 0.5 * (1.0 + Real::erf((x - mean) / (SQRT_2 * std))),
            Self::Constant(_) | Self::Either(..) => f64::NAN,
        }
    }
}

pub(super) fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, (values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n).sqrt())
}

/// What is wrong with independent numbers that should come from a distribution. By chance alone, something is in one of
/// hundred thousand trials.
pub(super) fn differs(values: &[f64], law: Law) -> Option<String> {
    let n = values.len() as f64;
    let strange = values.iter().find(|x| match law {
        Law::Constant(value) => **x != value,
        Law::Uniform(low, high) => !(low..=high).contains(*x),
        Law::Normal(..) => !x.is_finite(),
        Law::Either(a, _, b) => **x != a && **x != b,
    });
    if let Some(strange) = strange {
        return Some(format!("{strange} isn't of {law:?}"));
    }
    let ((mean, std), (wanted, wanted_std)) = (mean_and_deviation(values), law.mean_and_deviation());
    // Five times what the mean of so many numbers varies by, and the standard deviation of those with the widest tails.
    if (mean - wanted).abs() > 5.0 * wanted_std / n.sqrt() || (std - wanted_std).abs() > 5.0 * wanted_std / n.sqrt() {
        return Some(format!("mean {mean} and deviation {std}, not {wanted} and {wanted_std} as of {law:?}"));
    }
    if matches!(law, Law::Constant(_) | Law::Either(..)) {
        return None;
    }
    if let Law::Uniform(low, high) = law {
        let room = 12.0 / n * (high - low);
        if values.iter().all(|x| *x > low + room) || values.iter().all(|x| *x < high - room) {
            return Some(format!("the bounds of {law:?} aren't reached"));
        }
    }
    // The greatest distance of Kolmogorov and Smirnov between the shares, which exceeds 2.5 / √n with probability 7e-6.
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let shares = sorted.iter().enumerate().map(|(index, x)| (index as f64 / n, law.below(*x)));
    let distance = shares.map(|(found, wanted)| f64::max((found - wanted).abs(), (found + 1.0 / n - wanted).abs()));
    let greatest = distance.fold(0.0, f64::max);
    (greatest > 2.5 / n.sqrt()).then(|| format!("the shares of {law:?} differ by {greatest}"))
}

#[test]
fn other_distributions_are_told_apart() {
    let mut stream = crate::tensor::random::Stream::new(0, "law");
    let uniform: Vec<f64> = (0..40_000).map(|_| stream.uniform()).collect();
    let normal: Vec<f64> = (0..40_000).map(|_| stream.normal()).collect();
    let (mean, std) = (0.5, 1.0 / f64::sqrt(12.0));
    assert_eq!(differs(&uniform, Law::Uniform(0.0, 1.0)), None);
    assert_eq!(differs(&normal, Law::Normal(0.0, 1.0)), None);
    // The same mean and deviation, and nothing out of bounds.
    let scaled: Vec<f64> = normal.iter().map(|x| mean + std * x).collect();
    assert!(differs(&uniform, Law::Normal(mean, std)).is_some());
    assert!(differs(&scaled, Law::Uniform(0.0, 1.0)).is_some());
    for wrong in [Law::Uniform(-0.02, 1.0), Law::Uniform(0.0, 1.05), Law::Uniform(0.0, 0.99), Law::Constant(0.5)] {
        assert!(differs(&uniform, wrong).is_some(), "{wrong:?}");
    }
    for wrong in [Law::Normal(0.06, 1.0), Law::Normal(0.0, 1.06), Law::within(1.0)] {
        assert!(differs(&normal, wrong).is_some(), "{wrong:?}");
    }
    let coins: Vec<f64> = uniform.iter().map(|x| if *x < 0.3 { 0.0 } else { 2.0 }).collect();
    assert_eq!(differs(&coins, Law::Either(0.0, 0.3, 2.0)), None);
    assert!(differs(&coins, Law::Either(0.0, 0.33, 2.0)).is_some());
    assert!(differs(&coins, Law::Either(0.0, 0.3, 1.9)).is_some());
}
