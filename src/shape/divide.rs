//! Division of dimensions: exact, rounded down, and the remainder.

use super::dim::{Atom, Dim, Monomial, Poly};

impl Dim {
    /// `self / other`, if it comes out even for all values of the symbols.
    #[must_use]
    pub fn exact_div(&self, other: &Self) -> Option<Self> {
        if let (Some(a), Some(b)) = (self.as_const(), other.as_const()) {
            return (b != 0 && a.checked_rem(b) == Some(0)).then(|| Self::from(a / b));
        }
        if *other == Self::ONE {
            return Some(self.clone());
        }
        // Long division by the last term, which is the leading one: the order of monomials is kept by products as far
        // as networks need; where it isn't, a division that would come out even is not found.
        let divisor = other.to_poly()?;
        let (lead, lead_value) = divisor.terms.last()?;
        let mut rest = self.clone();
        let mut quotient = Self::ZERO;
        let steps = self.to_poly()?.terms.len() + divisor.terms.len();
        for _ in 0..=steps {
            if rest == Self::ZERO {
                return Some(quotient);
            }
            let poly = rest.to_poly()?;
            let (monomial, value) = poly
                .terms
                .iter()
                .rev()
                .find(|(monomial, value)| value % lead_value == 0 && quotient_of(monomial, lead).is_some())?;
            let term = Poly { terms: vec![(quotient_of(monomial, lead)?, value / lead_value)] };
            let term = Self::from_poly(term);
            rest = rest.sub(&term.mul(other));
            quotient = quotient.add(&term);
        }
        None
    }

    /// `self // other`, rounded down. Division by 0 is invalid.
    #[must_use]
    pub fn floor_div(&self, other: &Self) -> Self {
        if *other == Self::ZERO || self.is_invalid() || other.is_invalid() {
            return Self::INVALID;
        }
        if let Some(even) = self.exact_div(other) {
            return even;
        }
        if let (Some(a), Some(b)) = (self.as_const(), other.as_const()) {
            return Self::from(floor(a, b));
        }
        let (whole, rest) = self.split(other);
        match (rest.as_const(), other.as_const()) {
            (Some(a), Some(b)) => whole.add(&Self::from(floor(a, b))),
            _ => {
                let divided = rest.divided_twice(other);
                whole.add(
                    &divided.unwrap_or_else(|| Self::from_atom(Atom::FloorDivide(Box::new((rest, other.clone()))))),
                )
            }
        }
    }

    /// `(a // b) // c` is `a // (b * c)` for numbers `b` and `c` above 0.
    fn divided_twice(&self, other: &Self) -> Option<Self> {
        let (dividend, divisor) = self.as_quotient()?;
        let (first, second) = (divisor.as_const()?, other.as_const()?);
        let both = first.checked_mul(second).filter(|_| first > 0 && second > 0)?;
        Some(dividend.floor_div(&Self::from(both)))
    }

    /// What `0 <= self` says of the operand of the only division in it: `0 <= m * (a // b) - k` is `ceil(k / m) * b <= a`
    /// for numbers above 0. The number and the operand.
    pub(super) fn bound_of_dividend(&self) -> Option<(Self, Self)> {
        let poly = self.to_poly()?;
        let [(constant, value), (monomial, factor)] = poly.terms.as_slice() else { return None };
        let [(Atom::FloorDivide(pair), 1)] = monomial.as_slice() else { return None };
        let divisor = i128::from(pair.1.as_const()?);
        if !constant.is_empty() || *factor <= 0 || *value > 0 || divisor <= 0 {
            return None;
        }
        let least = (-value + factor - 1) / factor;
        let bound = i64::try_from(least.checked_mul(divisor)?).ok()?;
        Some((Self::from(bound), pair.0.clone()))
    }

    /// `(b, a)` if it is `a - b * (a // b)` or the negative of that, which is zero if `b` divides `a`.
    pub(super) fn as_remainder(&self) -> Option<(Self, Self)> {
        [self.clone(), self.neg()].into_iter().find_map(|difference| {
            difference.to_poly()?.terms.into_iter().find_map(|(mut monomial, value)| {
                let at =
                    monomial.iter().position(|(atom, power)| matches!(atom, Atom::FloorDivide(_)) && *power == 1)?;
                let quotient = Self::from_atom(monomial.remove(at).0);
                let divisor = Self::from_poly(Poly { terms: vec![(monomial, value.checked_neg()?)] });
                let dividend = difference.add(&divisor.mul(&quotient));
                let is_one = value < 0 && dividend.floor_div(&divisor) == quotient;
                is_one.then_some((divisor, dividend))
            })
        })
    }

    /// `self % other`, with the sign of `other`. A remainder of division by 0 is invalid.
    #[must_use]
    pub fn modulo(&self, other: &Self) -> Self {
        if *other == Self::ZERO || self.is_invalid() || other.is_invalid() {
            return Self::INVALID;
        }
        let (_, rest) = self.split(other);
        match (rest.as_const(), other.as_const()) {
            (Some(0), _) => Self::ZERO,
            (Some(a), Some(b)) => Self::from(a.saturating_sub(floor(a, b).saturating_mul(b))),
            _ => Self::from_atom(Atom::Remainder(Box::new((rest, other.clone())))),
        }
    }

    /// `(whole, rest)` with `self == whole * other + rest`: the terms that `other` divides, and the others.
    fn split(&self, other: &Self) -> (Self, Self) {
        let mut whole = Self::ZERO;
        let mut rest = Self::ZERO;
        for term in self.to_poly().unwrap_or_default().terms {
            let term = Self::from_poly(Poly { terms: vec![term] });
            match term.exact_div(other) {
                Some(even) => whole = whole.add(&even),
                None => rest = rest.add(&term),
            }
        }
        (whole, rest)
    }

    /// The largest constant and product of symbols that divide every term; at least 1 for what isn't zero.
    pub(super) fn content(&self) -> Self {
        let Some(poly) = self.to_poly() else { return Self::ONE };
        let mut terms = poly.terms.into_iter();
        let Some((mut monomial, value)) = terms.next() else { return Self::ONE };
        let mut divisor = value.unsigned_abs();
        for (other, value) in terms {
            divisor = gcd(divisor, value.unsigned_abs());
            monomial = common(&monomial, &other);
        }
        // Only symbols are known not to be zero.
        monomial.retain(|(atom, _)| matches!(atom, Atom::Symbol(_)));
        Self::from_poly(Poly { terms: vec![(monomial, i128::try_from(divisor).unwrap_or(1))] })
    }

    /// The largest constant and product of symbols that divide all terms of both.
    pub(super) fn common_content(&self, other: &Self) -> Self {
        let (Some(left), Some(right)) = (self.content().to_poly(), other.content().to_poly()) else {
            return Self::ONE;
        };
        let ([(a, x)], [(b, y)]) = (left.terms.as_slice(), right.terms.as_slice()) else { return Self::ONE };
        let divisor = gcd(x.unsigned_abs(), y.unsigned_abs());
        Self::from_poly(Poly { terms: vec![(common(a, b), i128::try_from(divisor).unwrap_or(1))] })
    }

    /// `self` divided by its content.
    pub(super) fn primitive(&self) -> Self {
        self.exact_div(&self.content()).unwrap_or_else(|| self.clone())
    }

    /// No integers make it zero: all coefficients but the constant have a divisor that the constant hasn't.
    pub(super) fn is_never_zero_by_divisor(&self) -> bool {
        let Some(poly) = self.to_poly() else { return false };
        let mut divisor = 0;
        let mut constant = 0;
        for (monomial, value) in &poly.terms {
            if monomial.is_empty() {
                constant = value.unsigned_abs();
            } else {
                divisor = gcd(divisor, value.unsigned_abs());
            }
        }
        divisor != 0 && constant % divisor != 0
    }
}

fn quotient_of(monomial: &Monomial, by: &Monomial) -> Option<Monomial> {
    let mut rest = monomial.clone();
    for (atom, power) in by {
        let at = rest.binary_search_by(|(other, _)| other.cmp(atom)).ok()?;
        let (_, have) = rest.get_mut(at)?;
        *have = have.checked_sub(*power)?;
    }
    rest.retain(|(_, power)| *power > 0);
    Some(rest)
}

fn common(left: &Monomial, right: &Monomial) -> Monomial {
    let mut shared = Monomial::new();
    for (atom, power) in left {
        if let Some((_, other)) = right.iter().find(|(other, _)| other == atom) {
            shared.push((atom.clone(), *power.min(other)));
        }
    }
    shared
}

/// Rounded towards minus infinity; `b` is not 0.
fn floor(a: i64, b: i64) -> i64 {
    let quotient = a.checked_div(b).unwrap_or(i64::MAX);
    let inexact = a.checked_rem(b).is_some_and(|rest| rest != 0 && (rest < 0) != (b < 0));
    quotient - i64::from(inexact)
}

fn gcd(a: u128, b: u128) -> u128 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
