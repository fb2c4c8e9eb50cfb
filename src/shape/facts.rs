//! What is known of the symbols so far. A relation between dimensions either holds for all values, or never, or becomes
//! a requirement, which is taken for granted from then on.

use super::dim::{Atom, Dim};
use super::quotients::joined;
use super::requirement::{Relation, Requirement, independent};
use super::symbol::{Symbol, SymbolKind};
use std::collections::{BTreeMap, BTreeSet};

/// The relations taken for granted, and the requirements that they come from.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    values: BTreeMap<Symbol, Dim>,
    /// Equations that could not be solved for a symbol, as differences, and what else was required.
    taken: BTreeSet<(Relation, Dim, Dim)>,
    required: Vec<Requirement>,
    /// Those by which a symbol got its value.
    solved: BTreeSet<Requirement>,
}

impl Facts {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes `expected == found` for granted; `false` if it can't hold for any values.
    pub fn equal(&mut self, expected: &Dim, found: &Dim) -> bool {
        if expected == found {
            return true;
        }
        let difference = self.reduce(expected).sub(&self.reduce(found));
        if difference.is_invalid() {
            return expected.is_invalid() || found.is_invalid();
        }
        let difference = difference.primitive();
        if difference == Dim::ZERO || self.taken.contains(&(Relation::Equal, difference.clone(), Dim::ZERO)) {
            return true;
        }
        if is_never_zero(&difference) {
            return false;
        }
        if let Some((divisor, dividend)) = difference.as_remainder() {
            return self.divides(&divisor, &dividend);
        }
        let requirement = self.simplest(Relation::Equal, expected, found);
        match self.solve(&difference) {
            Some(SymbolKind::Local) => {}
            Some(_) => {
                self.solved.insert(requirement.clone());
                self.required.push(requirement);
            }
            None => self.required.push(requirement),
        }
        true
    }

    /// Whether two dimensions are equal, without taking anything for granted.
    #[must_use]
    pub fn is_equal(&self, left: &Dim, right: &Dim) -> bool {
        left == right || self.reduce(left).sub(&self.reduce(right)) == Dim::ZERO
    }

    /// Whether two dimensions differ for all values.
    #[must_use]
    pub fn is_unequal(&self, left: &Dim, right: &Dim) -> bool {
        is_never_zero(&self.reduce(left).sub(&self.reduce(right)).primitive())
    }

    /// Whether `left <= right` for all values, or for none, without taking anything for granted.
    #[must_use]
    pub fn is_at_most(&self, left: &Dim, right: &Dim) -> Option<bool> {
        let slack = self.reduce(right).sub(&self.reduce(left)).primitive();
        if slack.is_at_least(0) {
            return Some(true);
        }
        slack.is_at_most(-1).then_some(false)
    }

    /// Takes `left <= right` for granted; `false` if it can't hold for any values.
    pub fn at_most(&mut self, left: &Dim, right: &Dim) -> bool {
        let (mut a, mut b) = (self.reduce(left), self.reduce(right));
        let (mut left, mut right) = (left.clone(), right.clone());
        loop {
            let slack = b.sub(&a).primitive();
            if slack.is_invalid() || slack.is_at_least(0) {
                return true;
            }
            if slack.is_at_most(-1) {
                return false;
            }
            let Some(bound) = slack.bound_of_dividend() else { break };
            (left, right) = bound.clone();
            (a, b) = bound;
        }
        if self.taken.insert((Relation::AtMost, a, b)) {
            self.required.push(self.simplest(Relation::AtMost, &left, &right));
        }
        true
    }

    /// Takes for granted that `divisor` divides `dividend`; `false` if it can't for any values.
    pub fn divides(&mut self, divisor: &Dim, dividend: &Dim) -> bool {
        let (a, b) = (self.reduce(divisor), self.reduce(dividend));
        if a.is_invalid() || b.is_invalid() || b.exact_div(&a).is_some() {
            return true;
        }
        if a.as_const().is_some() && b.as_const().is_some() {
            return false;
        }
        let rest = b.sub(&b.floor_div(&a).mul(&a)).primitive();
        if self.taken.insert((Relation::Divides, a, b)) {
            self.take_zero(&rest);
            self.required.push(self.simplest(Relation::Divides, divisor, dividend));
        }
        true
    }

    /// The dimension with everything put in that is known of its symbols.
    #[must_use]
    pub fn reduce(&self, dim: &Dim) -> Dim {
        self.replace(dim, &|_| true)
    }

    /// The requirements since the last call, in the order in which they arose.
    pub fn take_required(&mut self) -> Vec<Requirement> {
        std::mem::take(&mut self.required)
    }

    /// Whether a requirement can still hold, given all that was learnt after it.
    #[must_use]
    pub fn can_hold(&self, requirement: &Requirement) -> bool {
        let (left, right) = (self.reduce(&requirement.left), self.reduce(&requirement.right));
        match requirement.relation {
            Relation::Equal => !is_never_zero(&left.sub(&right).primitive()),
            Relation::AtMost => !right.sub(&left).primitive().is_at_most(-1),
            Relation::Divides => {
                right.exact_div(&left).is_some() || left.as_const().is_none() || right.as_const().is_none()
            }
        }
    }

    fn replace(&self, dim: &Dim, which: &impl Fn(&Symbol) -> bool) -> Dim {
        if dim.as_const().is_some() || self.values.is_empty() {
            return dim.clone();
        }
        let mut dim = dim.clone();
        // A value was reduced when it was recorded, but its own symbols may have got values since. None contains
        // itself, so this ends.
        while dim.symbols().iter().any(|symbol| which(symbol) && self.values.contains_key(symbol)) {
            dim = dim.substitute(&|symbol| if which(symbol) { self.values.get(symbol).cloned() } else { None });
        }
        dim
    }

    /// The requirements of a list that constrain something, given all that was learnt, that the others don't; `None` for
    /// each of the others.
    #[must_use]
    pub fn independent(&self, list: &[&Requirement]) -> Vec<Option<Requirement>> {
        let known = |requirement: &&Requirement| {
            if self.solved.contains(requirement) {
                return (*requirement).clone();
            }
            let Requirement { relation, left, right } = requirement;
            Requirement::new(*relation, &self.reduce(left), &self.reduce(right))
        };
        let mut reduced: Vec<Requirement> = list.iter().map(known).collect();
        let mut shown: Vec<Requirement> = list.iter().map(|requirement| (*requirement).clone()).collect();
        for ((joined, reduced), shown) in joined(&reduced).into_iter().zip(&mut reduced).zip(&mut shown) {
            if let Some(joined) = joined {
                reduced.clone_from(&joined);
                *shown = joined;
            }
        }
        let keep = independent(&reduced);
        shown.into_iter().zip(keep).map(|(shown, keep)| keep.then_some(shown)).collect()
    }

    /// Records a difference that must be zero, solved for a symbol where it can be: the kind of that symbol. Of a local
    /// one nobody needs to be told.
    fn solve(&mut self, difference: &Dim) -> Option<SymbolKind> {
        let mut candidates: Vec<(Symbol, Dim)> = Vec::new();
        for (monomial, coefficient) in difference.to_poly().unwrap_or_default().terms {
            let [(Atom::Symbol(symbol), 1)] = monomial.as_slice() else { continue };
            if coefficient.unsigned_abs() != 1 {
                continue;
            }
            let alone = Dim::symbol(symbol.clone());
            let rest = if coefficient == 1 { alone.sub(difference) } else { alone.add(difference) };
            if !rest.symbols().contains(symbol) {
                candidates.push((symbol.clone(), rest));
            }
        }
        // What was introduced last gives way, local symbols before all others.
        let best = candidates.into_iter().max_by_key(|(symbol, _)| (symbol.kind == SymbolKind::Local, symbol.id));
        if let Some((symbol, value)) = best {
            let kind = symbol.kind;
            self.values.insert(symbol, value);
            return Some(kind);
        }
        self.take_zero(difference);
        None
    }

    /// Takes for granted that a difference is zero, of which nothing can be learnt about a single symbol.
    fn take_zero(&mut self, difference: &Dim) {
        self.taken.insert((Relation::Equal, difference.clone(), Dim::ZERO));
        self.taken.insert((Relation::Equal, difference.neg(), Dim::ZERO));
    }

    /// A relation as it is read: with what is known put in where that leaves fewer symbols.
    fn simplest(&self, relation: Relation, left: &Dim, right: &Dim) -> Requirement {
        let local = |symbol: &Symbol| symbol.kind == SymbolKind::Local;
        let written = Requirement::new(relation, &self.replace(left, &local), &self.replace(right, &local));
        let reduced = Requirement::new(relation, &self.reduce(left), &self.reduce(right));
        // What leaves the range of numbers as it is written may be within it when more is known.
        if written.is_certain() || reduced.n_symbols() < written.n_symbols() { reduced } else { written }
    }
}

fn is_never_zero(difference: &Dim) -> bool {
    difference.is_at_least(1) || difference.is_at_most(-1) || difference.is_never_zero_by_divisor()
}
