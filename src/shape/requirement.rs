//! Relations between dimensions that must hold, in the form in which they are read: nothing stands on both sides, no
//! common factor is left, and what is asked of a symbol stands behind it.

use super::dim::{Dim, Poly};
use super::quotients::divisor;
use std::collections::{HashMap, HashSet};
use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// `left == right`
    Equal,
    /// `left <= right`
    AtMost,
    /// `left` divides `right`
    Divides,
}

/// A relation that must hold between values that aren't known yet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Requirement {
    pub relation: Relation,
    pub left: Dim,
    pub right: Dim,
}

/// With how many requirements of the same divisor, or dividend, one that divides is compared.
const MAX_DIVISIONS: usize = 100;

impl Requirement {
    /// The relation in its simplest form.
    pub(super) fn new(relation: Relation, left: &Dim, right: &Dim) -> Self {
        let (left, right) = match relation {
            Relation::Equal | Relation::AtMost => {
                let (left, right) = left.sub(right).primitive().sides();
                let lone = right.as_symbol().is_some() && left.as_symbol().is_none();
                let turned = relation == Relation::Equal && (left.as_const().is_some() || lone);
                if turned { (right, left) } else { (left, right) }
            }
            Relation::Divides => {
                let shared = left.common_content(right);
                match (left.exact_div(&shared), right.exact_div(&shared)) {
                    (Some(left), Some(right)) => (left, right),
                    _ => (left.clone(), right.clone()),
                }
            }
        };
        Self { relation, left, right }
    }

    /// How many symbols it speaks of.
    pub(super) fn n_symbols(&self) -> usize {
        let mut symbols = self.left.symbols();
        symbols.extend(self.right.symbols());
        symbols.sort_unstable();
        symbols.dedup();
        symbols.len()
    }

    /// It holds for all values.
    pub(super) fn is_certain(&self) -> bool {
        match self.relation {
            Relation::Equal => self.left == self.right,
            Relation::AtMost => self.right.sub(&self.left).is_at_least(0),
            Relation::Divides => self.right.exact_div(&self.left).is_some(),
        }
    }

    /// Of two that divide: if `a` divides `b`, a divisor of `a` divides a multiple of `b`.
    fn follows_from(&self, other: &Self) -> bool {
        other.left.exact_div(&self.left).is_some() && self.right.exact_div(&other.right).is_some()
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { left, right, .. } = self;
        match self.relation {
            Relation::Equal => write!(f, "{left} == {right}"),
            Relation::AtMost => write!(f, "{left} <= {right}"),
            Relation::Divides => write!(f, "{left} divides {right}"),
        }
    }
}

/// Which requirements say something that the others don't.
pub(super) fn independent(list: &[Requirement]) -> Vec<bool> {
    let mut keep = vec![true; list.len()];
    // A size of at least 1 that is divided by a number is at least as large.
    let mut smallest: HashMap<&Dim, i64> = HashMap::new();
    let divisions = list.iter().filter_map(|requirement| Some((&requirement.right, divisor(requirement)?)));
    for (dim, divisor) in divisions.filter(|(dim, _)| dim.is_at_least(1)) {
        let known = smallest.entry(dim).or_insert(divisor);
        *known = divisor.max(*known);
    }
    let follows = |least: &Dim, dim: &Dim| {
        least.as_const().zip(smallest.get(dim)).is_some_and(|(least, smallest)| least <= *smallest)
    };
    let mut seen: HashSet<(Relation, &Dim, &Dim)> = HashSet::new();
    let mut least: HashMap<Dim, (i64, usize)> = HashMap::new();
    let mut divisions: HashMap<(bool, &Dim), Vec<usize>> = HashMap::new();
    for (index, requirement) in list.iter().enumerate() {
        let Requirement { relation, left, right } = requirement;
        let mut dropped = Vec::new();
        let sides = if *relation == Relation::Equal { (left.min(right), left.max(right)) } else { (left, right) };
        match relation {
            _ if requirement.is_certain() || !seen.insert((*relation, sides.0, sides.1)) => dropped.push(index),
            Relation::Equal => {}
            Relation::AtMost if follows(left, right) => dropped.push(index),
            Relation::AtMost => {
                let (open, slack) = right.sub(left).without_constant();
                match least.get_mut(&open) {
                    Some((known, _)) if slack >= *known => dropped.push(index),
                    Some(known) => dropped.push(std::mem::replace(known, (slack, index)).1),
                    None => _ = least.insert(open, (slack, index)),
                }
            }
            Relation::Divides => {
                for key in [(true, left), (false, right)] {
                    let known = divisions.entry(key).or_default();
                    let kept = known.iter().filter(|other| keep.get(**other).copied().unwrap_or(false));
                    let beside = || kept.clone().filter_map(|other| Some((*other, list.get(*other)?)));
                    if beside().any(|(_, other)| requirement.follows_from(other)) {
                        dropped.push(index);
                    }
                    dropped.extend(beside().filter(|(_, other)| other.follows_from(requirement)).map(|(at, _)| at));
                    if known.len() < MAX_DIVISIONS {
                        known.push(index);
                    }
                }
            }
        }
        for index in dropped {
            if let Some(keep) = keep.get_mut(index) {
                *keep = false;
            }
        }
    }
    keep
}

impl Dim {
    /// `(a, b)` with `self == a - b` and no negative term in either.
    fn sides(&self) -> (Self, Self) {
        let terms = self.to_poly().unwrap_or_default().terms;
        let (more, less): (Vec<_>, Vec<_>) = terms.into_iter().partition(|(_, value)| *value > 0);
        let less = less.into_iter().map(|(monomial, value)| (monomial, -value)).collect();
        (Self::from_poly(Poly { terms: more }), Self::from_poly(Poly { terms: less }))
    }

    /// Its terms with symbols, and its constant.
    fn without_constant(&self) -> (Self, i64) {
        let terms = self.to_poly().unwrap_or_default().terms;
        let constant = terms.iter().find(|(monomial, _)| monomial.is_empty());
        let constant = constant.and_then(|(_, value)| i64::try_from(*value).ok()).unwrap_or(0);
        (self.sub(&Self::from(constant)), constant)
    }
}
