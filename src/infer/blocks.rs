//! Nodes in their order, and what blocks want of their inputs. Where a block gets something else, nothing more is said of
//! its body.

use super::Inference;
use super::errors::InferError;
use crate::diag::{label, primary};
use crate::ir::{Check, CheckPlace, Leading};
use crate::shape::{Dim, Shape};
use crate::span::Span;
use miette::LabeledSpan;

/// How many calls of blocks are shown around a mistake.
const MAX_CALLS: usize = 2;

impl Inference<'_> {
    pub(super) fn nodes(&mut self) {
        let graph = self.graph;
        let mut checks = graph.checks.iter().zip(&self.places.checks).peekable();
        let mut silent = 0;
        for id in graph.nodes.ids() {
            while let Some((check, place)) = checks.next_if(|(check, _)| check.calls.start <= id.index()) {
                if check.calls.start >= silent && !self.input(check, place) {
                    silent = check.calls.end;
                }
            }
            if id.index() >= silent {
                self.node(id);
            }
        }
        for (check, place) in checks {
            if check.calls.start >= silent {
                self.input(check, place);
            }
        }
    }

    /// Whether a block gets what it wants; a report if not.
    fn input(&mut self, check: &Check, place: &CheckPlace) -> bool {
        let Some(found) = self.types[check.value].clone() else { return true };
        let fits = if found.element == check.element {
            self.fits(check, place, &found.shape)
        } else {
            let message = format!("`{}` is {}, and gets {found}", check.input, wanted(check));
            let labels =
                vec![primary(place.operand, format!("this is {found}")), label(place.input.ty, "the block wants this")];
            Err(InferError::Element { message, labels, help: None })
        };
        let fits = match fits {
            Ok(()) => true,
            Err(mut error) => {
                error.extend(self.context(self.outer(place.frame), place.operand));
                self.diagnostics.push(error);
                false
            }
        };
        self.take_required(place.operand);
        fits
    }

    fn fits(&mut self, check: &Check, place: &CheckPlace, found: &Shape) -> Result<(), InferError> {
        let message = format!("`{}` is {}, and gets {found}", check.input, wanted(check));
        let declared = label(place.input.ty, "the block wants this");
        let rank = check.dims.rank();
        let front = match (found.rank().checked_sub(rank), check.leading) {
            (Some(front), Some(_)) => front,
            (Some(0), None) => 0,
            _ => {
                let labels = vec![primary(place.operand, format!("this has {}", axes(found.rank()))), declared];
                let help = (found.rank() == rank + 1 && check.leading.is_none())
                    .then(|| format!("`[..., {}]` would take any axes in front", list(&check.dims)));
                return Err(InferError::Rank { message, labels, help });
            }
        };
        if let Some(Leading::As(first, behind)) = check.leading
            && let Some(first) = self.types[first].clone()
        {
            let wanted: Vec<Dim> =
                first.shape.iter().take(first.shape.rank().saturating_sub(behind)).cloned().collect();
            let same = wanted.len() == front && wanted.iter().zip(found.iter()).all(|(a, b)| self.facts.equal(a, b));
            if !same {
                let labels = vec![
                    primary(place.operand, format!("here `...` is [{}]", list(found.get(..front).unwrap_or_default()))),
                    declared,
                ];
                let help = Some(format!("`...` stands for [{}], as in the first input that has it", list(&wanted)));
                return Err(InferError::Mismatch { message, labels, help });
            }
        }
        for (index, (wanted, found_dim)) in check.dims.iter().zip(found.iter().skip(front)).enumerate() {
            if self.facts.equal(wanted, found_dim) {
                continue;
            }
            let span = place.input.dims.get(index).copied().unwrap_or(place.input.ty);
            let mut labels = vec![
                primary(place.operand, format!("axis {} is {found_dim}", front + index)),
                label(span, format!("the block wants {}", self.facts.reduce(wanted))),
            ];
            let origin = self.origin(check.value, front + index).filter(|origin| origin.place != place.operand);
            labels.extend(origin.map(|origin| label(origin.place, origin.text)));
            return Err(InferError::Mismatch { message, labels, help: None });
        }
        Ok(())
    }

    /// The frame from which the call of a frame's block comes.
    fn outer(&self, frame: usize) -> usize {
        frame.checked_sub(1).and_then(|index| self.places.frames.get(index)).map_or(0, |frame| frame.parent)
    }

    /// The calls of blocks around a place: the nearest, and the first of all.
    pub(super) fn context(&self, frame: usize, place: Span) -> Vec<LabeledSpan> {
        let calls: Vec<_> = self.places.calls_to(frame).filter(|call| call.call != place).collect();
        let mut shown: Vec<_> = calls.iter().take(1).collect();
        if calls.len() >= MAX_CALLS {
            shown.extend(calls.last());
        }
        shown.into_iter().map(|call| label(call.call, format!("in this call of `{}`", call.path))).collect()
    }

    /// Where the block stands in whose body a layer or param is declared.
    pub(super) fn declared_in(&self, scope: Option<usize>) -> Vec<LabeledSpan> {
        let mut at = scope;
        let mut found = Vec::new();
        while let Some((index, scope)) = at.and_then(|index| Some((index, self.graph.scopes.get(index)?))) {
            if scope.kind == crate::ir::ScopeKind::Block {
                let place = self.places.scopes.get(index).map_or(Span::default(), |place| place.name);
                found.push(label(place, format!("`{}` is declared here", scope.path)));
                break;
            }
            at = scope.parent;
        }
        found
    }
}

fn wanted(check: &Check) -> String {
    let front = if check.leading.is_some() { "..." } else { "" };
    let between = if check.leading.is_some() && check.dims.rank() > 0 { ", " } else { "" };
    let element = match check.element {
        crate::shape::Element::Float => "",
        other => other.name(),
    };
    format!("{element}[{front}{between}{}]", list(&check.dims))
}

fn list(dims: &[Dim]) -> String {
    dims.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn axes(count: usize) -> String {
    match count {
        0 => "no axes".to_owned(),
        1 => "1 axis".to_owned(),
        _ => format!("{count} axes"),
    }
}
