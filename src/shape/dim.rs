//! A dimension: an integer, or a polynomial with integer coefficients over symbols, floor divisions and remainders.
//! It is kept in a normal form, so two dimensions are equal for all values of their symbols if (and, but for the
//! divisions, only if) they compare equal.

use super::symbol::Symbol;
use std::sync::Arc;

/// An integer expression in normal form.
///
/// Arithmetic never fails: what leaves 64 bits or grows past `MAX_TERMS` terms becomes the invalid dimension, which
/// absorbs everything and is reported where it is first seen.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dim(Repr);

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Repr {
    Const(i64),
    /// Never a constant.
    Poly(Arc<Poly>),
    Invalid,
}

/// A sum of terms, in the order of their monomials, none with the coefficient 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Poly {
    pub(super) terms: Vec<(Monomial, i128)>,
}

/// A product of powers, in the order of the atoms. The empty product is 1.
pub(super) type Monomial = Vec<(Atom, u32)>;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Atom {
    Symbol(Symbol),
    /// `left // right`, rounded down.
    FloorDivide(Box<(Dim, Dim)>),
    /// `left % right`, with the sign of the right.
    Remainder(Box<(Dim, Dim)>),
}

/// The largest number of terms; a bound on time and memory, far above what a network has.
const MAX_TERMS: usize = 256;

impl Dim {
    pub const ZERO: Self = Self(Repr::Const(0));
    pub const ONE: Self = Self(Repr::Const(1));
    pub const INVALID: Self = Self(Repr::Invalid);

    #[must_use]
    pub fn symbol(symbol: Symbol) -> Self {
        Self::from_poly(Poly { terms: vec![(vec![(Atom::Symbol(symbol), 1)], 1)] })
    }

    /// The number, if it is one.
    #[must_use]
    pub fn as_const(&self) -> Option<i64> {
        match self.0 {
            Repr::Const(value) => Some(value),
            _ => None,
        }
    }

    /// The symbol, if it is a single one.
    #[must_use]
    pub fn as_symbol(&self) -> Option<&Symbol> {
        match self.as_atom()? {
            Atom::Symbol(symbol) => Some(symbol),
            _ => None,
        }
    }

    /// The operands of `left // right`, if it is that and no more.
    pub(super) fn as_quotient(&self) -> Option<&(Self, Self)> {
        match self.as_atom()? {
            Atom::FloorDivide(pair) => Some(pair),
            _ => None,
        }
    }

    pub(super) fn as_atom(&self) -> Option<&Atom> {
        let Repr::Poly(poly) = &self.0 else { return None };
        match poly.terms.as_slice() {
            [(monomial, 1)] => match monomial.as_slice() {
                [(atom, 1)] => Some(atom),
                _ => None,
            },
            _ => None,
        }
    }

    /// It left the range of numbers, or was divided by zero.
    #[must_use]
    pub fn is_invalid(&self) -> bool {
        matches!(self.0, Repr::Invalid)
    }

    #[must_use]
    pub fn add(&self, other: &Self) -> Self {
        match (&self.0, &other.0) {
            (Repr::Const(0), _) => other.clone(),
            (_, Repr::Const(0)) => self.clone(),
            (Repr::Const(a), Repr::Const(b)) => a.checked_add(*b).map_or(Self::INVALID, Self::from),
            _ => self.combine(other, 1),
        }
    }

    #[must_use]
    pub fn sub(&self, other: &Self) -> Self {
        match (&self.0, &other.0) {
            (_, Repr::Const(0)) => self.clone(),
            (Repr::Const(a), Repr::Const(b)) => a.checked_sub(*b).map_or(Self::INVALID, Self::from),
            _ => self.combine(other, -1),
        }
    }

    #[must_use]
    pub fn neg(&self) -> Self {
        Self::ZERO.sub(self)
    }

    #[must_use]
    pub fn mul(&self, other: &Self) -> Self {
        match (&self.0, &other.0) {
            (Repr::Const(1), _) => other.clone(),
            (_, Repr::Const(1)) => self.clone(),
            (Repr::Const(a), Repr::Const(b)) => a.checked_mul(*b).map_or(Self::INVALID, Self::from),
            _ => self.product(other).unwrap_or(Self::INVALID),
        }
    }

    /// `self ** exponent`.
    #[must_use]
    pub fn pow(&self, exponent: u32) -> Self {
        let (mut power, mut square, mut rest) = (Self::ONE, self.clone(), exponent);
        while rest > 0 {
            if rest % 2 == 1 {
                power = power.mul(&square);
            }
            rest /= 2;
            if rest > 0 {
                square = square.mul(&square);
            }
        }
        power
    }

    /// Every symbol in it, those inside divisions too; one that occurs several times may come several times.
    #[must_use]
    pub fn symbols(&self) -> Vec<Symbol> {
        let mut found = Vec::new();
        self.collect_symbols(&mut found);
        found
    }

    fn collect_symbols(&self, found: &mut Vec<Symbol>) {
        let Repr::Poly(poly) = &self.0 else { return };
        for (atom, _) in poly.terms.iter().flat_map(|(monomial, _)| monomial) {
            match atom {
                Atom::Symbol(symbol) => found.push(symbol.clone()),
                Atom::FloorDivide(pair) | Atom::Remainder(pair) => {
                    pair.0.collect_symbols(found);
                    pair.1.collect_symbols(found);
                }
            }
        }
    }

    /// The symbol stands in it only as itself or times something else, so its value can be computed from the whole.
    #[must_use]
    pub fn is_linear_in(&self, symbol: &Symbol) -> bool {
        let Repr::Poly(poly) = &self.0 else { return false };
        let within = |atom: &Atom| match atom {
            Atom::Symbol(other) => other == symbol,
            Atom::FloorDivide(pair) | Atom::Remainder(pair) => {
                pair.0.symbols().contains(symbol) || pair.1.symbols().contains(symbol)
            }
        };
        let mut found = false;
        for (monomial, _) in &poly.terms {
            for (atom, power) in monomial.iter().filter(|(atom, _)| within(atom)) {
                if *power != 1 || !matches!(atom, Atom::Symbol(_)) {
                    return false;
                }
                found = true;
            }
        }
        found
    }

    /// The dimension with every symbol for which `value` has one replaced by it.
    #[must_use]
    pub fn substitute(&self, value: &impl Fn(&Symbol) -> Option<Self>) -> Self {
        let Repr::Poly(poly) = &self.0 else { return self.clone() };
        let mut sum = Self::ZERO;
        for (monomial, coefficient) in &poly.terms {
            let mut product = i64::try_from(*coefficient).map_or(Self::INVALID, Self::from);
            for (atom, power) in monomial {
                let base = match atom {
                    Atom::Symbol(symbol) => value(symbol).unwrap_or_else(|| Self::symbol(symbol.clone())),
                    Atom::FloorDivide(pair) => pair.0.substitute(value).floor_div(&pair.1.substitute(value)),
                    Atom::Remainder(pair) => pair.0.substitute(value).modulo(&pair.1.substitute(value)),
                };
                product = product.mul(&base.pow(*power));
            }
            sum = sum.add(&product);
        }
        sum
    }

    pub(super) fn from_atom(atom: Atom) -> Self {
        Self::from_poly(Poly { terms: vec![(vec![(atom, 1)], 1)] })
    }

    /// Brings terms that are sorted and have no zero among them into a dimension.
    pub(super) fn from_poly(poly: Poly) -> Self {
        match poly.terms.as_slice() {
            [] => Self::ZERO,
            [(monomial, value)] if monomial.is_empty() => i64::try_from(*value).map_or(Self::INVALID, Self::from),
            terms if terms.len() > MAX_TERMS => Self::INVALID,
            terms if terms.iter().any(|(_, value)| i64::try_from(*value).is_err()) => Self::INVALID,
            _ => Self(Repr::Poly(Arc::new(poly))),
        }
    }

    /// The terms; an invalid dimension has none to show.
    pub(super) fn to_poly(&self) -> Option<Poly> {
        match &self.0 {
            Repr::Const(0) => Some(Poly::default()),
            Repr::Const(value) => Some(Poly { terms: vec![(Monomial::new(), i128::from(*value))] }),
            Repr::Poly(poly) => Some(Poly::clone(poly)),
            Repr::Invalid => None,
        }
    }

    fn combine(&self, other: &Self, sign: i128) -> Self {
        let (Some(left), Some(right)) = (self.to_poly(), other.to_poly()) else { return Self::INVALID };
        let right = right.terms.into_iter().map(|(monomial, value)| (monomial, sign * value));
        Self::from_poly(Poly::collect(left.terms.into_iter().chain(right)))
    }

    fn product(&self, other: &Self) -> Option<Self> {
        let (left, right) = (self.to_poly()?, other.to_poly()?);
        if left.terms.len().saturating_mul(right.terms.len()) > MAX_TERMS * MAX_TERMS {
            return None;
        }
        let mut terms = Vec::new();
        for (a, x) in &left.terms {
            for (b, y) in &right.terms {
                terms.push((multiply(a, b)?, x.checked_mul(*y)?));
            }
        }
        Some(Self::from_poly(Poly::collect(terms.into_iter())))
    }
}

impl From<i64> for Dim {
    fn from(value: i64) -> Self {
        Self(Repr::Const(value))
    }
}

impl From<usize> for Dim {
    fn from(value: usize) -> Self {
        i64::try_from(value).map_or(Self::INVALID, Self::from)
    }
}

impl Poly {
    fn collect(terms: impl Iterator<Item = (Monomial, i128)>) -> Self {
        let mut terms: Vec<_> = terms.collect();
        terms.sort_by(|a, b| a.0.cmp(&b.0));
        let mut sum: Vec<(Monomial, i128)> = Vec::with_capacity(terms.len());
        for (monomial, value) in terms {
            match sum.last_mut() {
                Some((last, total)) if *last == monomial => *total = total.saturating_add(value),
                _ => sum.push((monomial, value)),
            }
        }
        sum.retain(|(_, value)| *value != 0);
        Self { terms: sum }
    }
}

fn multiply(left: &Monomial, right: &Monomial) -> Option<Monomial> {
    let mut product = left.clone();
    for (atom, power) in right {
        match product.binary_search_by(|(other, _)| other.cmp(atom)) {
            Ok(at) => {
                let (_, total) = product.get_mut(at)?;
                *total = total.checked_add(*power)?;
            }
            Err(at) => product.insert(at, (atom.clone(), *power)),
        }
    }
    Some(product)
}
