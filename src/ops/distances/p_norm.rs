//! The p-norm of a vector, (Σ |xᵢ|^p)^(1/p), and its derivative. All is computed in double precision.

/// Which norm; at infinity the greatest size, at minus infinity the smallest, at 0 the number of elements that aren't 0.
#[derive(Clone, Copy, Debug)]
pub(in crate::ops) struct PNorm(pub(in crate::ops) f64);

/// A norm, and how many elements share the greatest size where the norm is that.
#[derive(Clone, Copy, Debug)]
pub(in crate::ops) struct Norm {
    pub(in crate::ops) value: f64,
    ties: f64,
}

impl PNorm {
    /// Of `value(0)` … `value(length - 1)`.
    pub(in crate::ops) fn of(self, length: usize, value: impl Fn(usize) -> f64) -> Norm {
        let sizes = || (0..length).map(|index| value(index).abs());
        let sum = |term: &dyn Fn(f64) -> f64| sizes().map(term).sum::<f64>();
        let of = |value: f64| Norm { value, ties: 1.0 };
        match self.0 {
            0.0 => of(sum(&|size| if size == 0.0 { 0.0 } else { 1.0 })),
            1.0 => of(sum(&|size| size)),
            2.0 => of(sum(&|size| size * size).sqrt()),
            p if p.is_infinite() => {
                let further = |a: f64, b: f64| a.is_nan() || (if p > 0.0 { a > b } else { a < b });
                let value = sizes().reduce(|a, b| if further(a, b) { a } else { b }).unwrap_or(0.0);
                Norm { value, ties: sum(&|size| if size == value { 1.0 } else { 0.0 }) }
            }
            p => of(sum(&|size| size.powf(p)).powf(1.0 / p)),
        }
    }

    /// The derivative by an element x; 0 where there is none.
    pub(in crate::ops) fn slope(self, x: f64, norm: Norm) -> f64 {
        let sign = if x == 0.0 { 0.0 } else { x.signum() };
        match self.0 {
            0.0 => 0.0,
            1.0 => sign,
            _ if norm.value == 0.0 => 0.0,
            2.0 => x / norm.value,
            p if p.is_infinite() => {
                if x.abs() == norm.value {
                    sign / norm.ties
                } else {
                    0.0
                }
            }
            _ if x == 0.0 => 0.0,
            p => sign * (x.abs() / norm.value).powf(p - 1.0),
        }
    }
}
