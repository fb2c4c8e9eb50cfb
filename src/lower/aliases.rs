//! Layers that are second names of others: what each stands for, looked up when all names of the body are known.

use super::body::Lowering;
use super::errors::LowerError;
use super::scope::Unit;
use crate::diag::{label, primary};
use crate::syntax::ast;
use std::collections::HashSet;

/// A layer that is a second name of another, to be looked up when all are known.
pub(super) struct Alias<'a> {
    pub(super) name: &'a ast::Name,
    pub(super) reference: &'a ast::Reference,
}

impl<'a> Lowering<'a> {
    /// Looks up what second names stand for. One may stand for another.
    pub(super) fn aliases(&mut self, aliases: &[Alias<'a>]) {
        let mut open: Vec<&Alias<'a>> = aliases.iter().collect();
        loop {
            let before = open.len();
            let mut later = Vec::new();
            for alias in open {
                if self.waits(&alias.reference.expr) {
                    later.push(alias);
                    continue;
                }
                let unit = self.alias(alias);
                self.fixed().aliases.remove(&alias.name.text);
                if matches!(unit, Unit::Broken) {
                    self.fixed().broken.entry(alias.name.text.clone()).or_insert(alias.name.span);
                }
                self.fixed().units.insert(alias.name.text.clone(), unit);
            }
            if later.is_empty() {
                break;
            }
            if later.len() == before {
                for cycle in cycles(&later) {
                    let link = |alias: &&Alias| {
                        let text =
                            format!("`{}` is `{}`", alias.name.text, super::reference::root(&alias.reference.expr));
                        (alias.reference.span, text)
                    };
                    let mut links = cycle.iter().map(link);
                    let first = links.next().map(|(span, text)| primary(span, text));
                    let labels = first.into_iter().chain(links.map(|(span, text)| label(span, text))).collect();
                    let name = cycle.first().map_or_else(String::new, |alias| alias.name.text.clone());
                    self.report(LowerError::AliasCycle { name, labels });
                }
                for alias in later {
                    self.fixed().aliases.remove(&alias.name.text);
                    self.fixed().broken.entry(alias.name.text.clone()).or_insert(alias.name.span);
                }
                break;
            }
            open = later;
        }
        for alias in aliases {
            self.fixed().aliases.insert(alias.name.text.clone());
        }
    }

    /// Whether a reference begins with a second name that isn't known yet.
    fn waits(&self, expr: &ast::Expr) -> bool {
        self.scope.fixed.aliases.contains(super::reference::root(expr))
    }

    fn alias(&mut self, alias: &Alias<'a>) -> Unit {
        match self.place(&alias.reference.expr) {
            Some(super::reference::Place::Unit(unit)) => unit,
            Some(_) => {
                let name = &alias.name.text;
                self.report(LowerError::ReferenceForm {
                    message: format!("`{name}` is declared as a layer, and this is no layer"),
                    labels: vec![primary(alias.reference.span, "a param, buffer or slot")],
                    help: Some("a second name stands for a whole layer; a slot is tied: `weight=@…`".to_owned()),
                });
                Unit::Broken
            }
            None => Unit::Broken,
        }
    }
}

/// The circles among second names, each from the one that is declared first.
fn cycles<'e, 'a>(aliases: &[&'e Alias<'a>]) -> Vec<Vec<&'e Alias<'a>>> {
    let find = |name: &str| aliases.iter().copied().find(|alias| alias.name.text == name);
    let mut seen: HashSet<&str> = HashSet::new();
    let mut found = Vec::new();
    for start in aliases {
        let mut path: Vec<&Alias> = Vec::new();
        let mut at = Some(*start);
        while let Some(alias) = at {
            if let Some(first) = path.iter().position(|other| std::ptr::eq(*other, alias)) {
                found.push(path.split_off(first));
                break;
            }
            if !seen.insert(&alias.name.text) {
                break;
            }
            path.push(alias);
            at = find(super::reference::root(&alias.reference.expr));
        }
    }
    found
}
