//! What values a dimension can take, given that every symbol is at least 1.

use super::dim::{Atom, Dim, Monomial};

/// The least and the greatest value; `None` where there is no bound or none is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) least: Option<i128>,
    pub(super) greatest: Option<i128>,
}

const UNKNOWN: Bounds = Bounds { least: None, greatest: None };

impl Dim {
    pub(super) fn bounds(&self) -> Bounds {
        let Some(poly) = self.to_poly() else { return UNKNOWN };
        let mut sum = Bounds { least: Some(0), greatest: Some(0) };
        for (monomial, value) in &poly.terms {
            let term = product(monomial).scaled(*value);
            sum = Bounds { least: plus(sum.least, term.least), greatest: plus(sum.greatest, term.greatest) };
        }
        sum
    }

    /// It is at least `value` for all values of its symbols, as far as bounds can show.
    pub(super) fn is_at_least(&self, value: i128) -> bool {
        self.bounds().least.is_some_and(|least| least >= value)
    }

    pub(super) fn is_at_most(&self, value: i128) -> bool {
        self.bounds().greatest.is_some_and(|greatest| greatest <= value)
    }
}

impl Bounds {
    fn scaled(self, by: i128) -> Self {
        let times = |bound: Option<i128>| bound.and_then(|bound| bound.checked_mul(by));
        if by >= 0 {
            Self { least: times(self.least), greatest: times(self.greatest) }
        } else {
            Self { least: times(self.greatest), greatest: times(self.least) }
        }
    }
}

fn product(monomial: &Monomial) -> Bounds {
    let mut total = Bounds { least: Some(1), greatest: Some(1) };
    for (atom, power) in monomial {
        let base = atom_bounds(atom);
        if base.least.is_none_or(|least| least < 0) {
            return UNKNOWN;
        }
        for _ in 0..*power {
            total = Bounds { least: times(total.least, base.least), greatest: times(total.greatest, base.greatest) };
        }
    }
    total
}

fn atom_bounds(atom: &Atom) -> Bounds {
    match atom {
        Atom::Symbol(_) => Bounds { least: Some(1), greatest: None },
        Atom::FloorDivide(pair) => {
            let (top, bottom) = (pair.0.bounds(), pair.1.bounds());
            let nonnegative = top.least.is_some_and(|least| least >= 0) && bottom.least.is_some_and(|least| least >= 1);
            if !nonnegative {
                return UNKNOWN;
            }
            let divide = |a: Option<i128>, b: Option<i128>| a.zip(b).and_then(|(a, b)| a.checked_div(b));
            let least = if bottom.greatest.is_some() { divide(top.least, bottom.greatest) } else { Some(0) };
            Bounds { least, greatest: divide(top.greatest, bottom.least) }
        }
        Atom::Remainder(pair) => match pair.1.bounds() {
            Bounds { least: Some(1..), greatest } => {
                Bounds { least: Some(0), greatest: greatest.and_then(|greatest| greatest.checked_sub(1)) }
            }
            _ => UNKNOWN,
        },
    }
}

fn plus(a: Option<i128>, b: Option<i128>) -> Option<i128> {
    a.zip(b).and_then(|(a, b)| a.checked_add(b))
}

fn times(a: Option<i128>, b: Option<i128>) -> Option<i128> {
    a.zip(b).and_then(|(a, b)| a.checked_mul(b))
}
