//! Requirements with the places that needed them. Each is kept once, however often it is needed.

use super::Inference;
use super::errors::InferError;
use crate::diag::{label, primary};
use crate::shape::{Facts, Relation, Requirement, Symbol, SymbolKind};
use crate::span::Span;

/// How many of the places that contradict one are shown.
const MAX_OTHERS: usize = 3;

/// What the sizes must satisfy, and where that was needed first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Required {
    pub requirement: Requirement,
    pub at: Span,
}

#[derive(Debug, Default)]
pub(super) struct Requirements {
    list: Vec<Required>,
}

impl Requirements {
    pub(super) fn push(&mut self, requirement: Requirement, at: Span) {
        self.list.push(Required { requirement, at });
    }

    /// Those that constrain something, each once.
    pub(super) fn into_list(self, facts: &Facts) -> Vec<Required> {
        let kept = facts.independent(&self.list.iter().map(|required| &required.requirement).collect::<Vec<_>>());
        let kept = self.list.into_iter().zip(kept);
        kept.filter_map(|(required, kept)| kept.map(|requirement| Required { requirement, ..required })).collect()
    }
}

impl Inference<'_> {
    /// Reports the requirements that what was learnt later has made impossible.
    pub(super) fn check_requirements(&mut self) {
        for required in &self.required.list {
            if !self.facts.can_hold(&required.requirement) {
                let symbols = symbols(&required.requirement);
                let others = self.required.list.iter().filter(|other| {
                    other.at != required.at && self::symbols(&other.requirement).iter().any(|one| symbols.contains(one))
                });
                let mut labels = vec![primary(required.at, "needed here")];
                labels.extend(
                    others
                        .take(MAX_OTHERS)
                        .map(|other| label(other.at, format!("`{}` is needed here", other.requirement))),
                );
                self.diagnostics.push(InferError::Impossible {
                    requirement: required.requirement.to_string(),
                    labels,
                    help: Some("other places of the model need sizes that contradict it".to_owned()),
                });
            }
        }
    }
}

fn symbols(requirement: &Requirement) -> Vec<Symbol> {
    requirement.left.symbols().into_iter().chain(requirement.right.symbols()).collect()
}

/// The symbol of an input and the number that a requirement makes it be.
pub(super) fn fixed(requirement: &Requirement) -> Option<(Symbol, i64)> {
    if requirement.relation != Relation::Equal {
        return None;
    }
    let symbol = requirement.left.as_symbol().filter(|symbol| symbol.kind == SymbolKind::Input)?;
    Some((symbol.clone(), requirement.right.as_const()?))
}
