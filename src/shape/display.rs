//! How dimensions are written: as in a `.wnet` file, terms of higher degree first.

use super::dim::{Atom, Dim, Monomial};
use std::fmt;

impl fmt::Display for Dim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(poly) = self.to_poly() else { return f.write_str("?") };
        if poly.terms.is_empty() {
            return f.write_str("0");
        }
        let mut terms: Vec<_> = poly.terms.iter().collect();
        terms.sort_by(|a, b| degree(&b.0).cmp(&degree(&a.0)).then_with(|| a.0.cmp(&b.0)));
        // `1 - n` reads better than `-n + 1`.
        if let Some(first) = terms.iter().position(|(_, value)| *value > 0) {
            let first = terms.remove(first);
            terms.insert(0, first);
        }
        for (index, (monomial, value)) in terms.into_iter().enumerate() {
            match (index, *value < 0) {
                (0, false) => {}
                (0, true) => f.write_str("-")?,
                (_, false) => f.write_str(" + ")?,
                (_, true) => f.write_str(" - ")?,
            }
            term(monomial, value.unsigned_abs(), f)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Dim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn degree(monomial: &Monomial) -> u64 {
    monomial.iter().map(|(_, power)| u64::from(*power)).sum()
}

fn term(monomial: &Monomial, value: u128, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut first = true;
    if value != 1 || monomial.is_empty() {
        write!(f, "{value}")?;
        first = false;
    }
    for (atom, power) in monomial {
        if !first {
            f.write_str("*")?;
        }
        first = false;
        match atom {
            Atom::Symbol(symbol) => f.write_str(&symbol.name)?,
            Atom::FloorDivide(pair) => infix(pair, "//", f)?,
            Atom::Remainder(pair) => infix(pair, "%", f)?,
        }
        if *power > 1 {
            write!(f, "**{power}")?;
        }
    }
    Ok(())
}

fn infix((left, right): &(Dim, Dim), operator: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("(")?;
    operand(left, f)?;
    write!(f, " {operator} ")?;
    operand(right, f)?;
    f.write_str(")")
}

/// A single symbol needs no parentheses, and a single division has them.
fn operand(dim: &Dim, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if dim.as_const().is_some() || dim.as_atom().is_some() { write!(f, "{dim}") } else { write!(f, "({dim})") }
}
