//! Alias groups by union–find: every tie joins a slot to what it refers to, and the root of a group is its owner. Each
//! edge carries the view through which the slot sees its target, so that finding the owner also composes the views.

use super::errors::{self, ResolveError};
use super::names::{Entity, Names};
use crate::diag::{Diagnostics, label, primary};
use crate::ir::{Model, Path, Places, TieDecl, TiePlace, View};

/// An edge towards the owner: the number of the target, and what is seen of it.
type Edge = (usize, View);

/// A slot with one of its ties.
struct Bound<'a> {
    entity: usize,
    path: &'a Path,
    /// The index of the tie among those of its layer or declaration.
    tie: (usize, &'a TieDecl),
    places: &'a [TiePlace],
}

pub(super) struct Groups {
    /// Compressed: every edge leads straight to the owner.
    edges: Vec<Option<Edge>>,
    ties: Vec<Option<usize>>,
}

impl Groups {
    /// Follows every tie of a model. Those that lead nowhere, meet another tie or close a cycle are reported.
    pub(super) fn new(model: &Model, places: &Places, names: &Names, diagnostics: &mut Diagnostics) -> Self {
        let mut groups = Self { edges: vec![None; names.total()], ties: vec![None; names.total()] };
        for (index, (decl, place)) in model.storages.iter().zip(&places.storages).enumerate() {
            for (tie, tied) in decl.ties.iter().enumerate() {
                let bound = Bound { entity: index, path: &decl.path, tie: (tie, tied), places: &place.ties };
                groups.follow(&bound, model, names, diagnostics);
            }
        }
        for (layer, (decl, place)) in model.layers.iter().zip(&places.layers).enumerate() {
            for (index, tie) in decl.ties.iter().enumerate() {
                let Some(slot) = names.slot(layer, &tie.slot) else { continue };
                let path = decl.path.join(&tie.slot);
                let bound = Bound { entity: slot, path: &path, tie: (index, tie), places: &place.ties };
                groups.follow(&bound, model, names, diagnostics);
            }
        }
        groups.compress(model, places, names, diagnostics);
        groups
    }

    fn follow(&mut self, bound: &Bound<'_>, model: &Model, names: &Names, diagnostics: &mut Diagnostics) {
        let (index, tie) = bound.tie;
        let place = bound.places.get(index).copied().unwrap_or_default();
        if let Some(Some(first)) = self.ties.get(bound.entity) {
            let first = bound.places.get(*first).map_or(place.whole, |first| first.whole);
            diagnostics.push(ResolveError::TiedTwice {
                slot: bound.path.to_string(),
                labels: vec![primary(place.whole, "tied again here"), label(first, "first tied here")],
            });
            return;
        }
        match names.find(&tie.target.path) {
            Some(Entity::Storage(target)) => {
                if let (Some(edge), Some(at)) = (self.edges.get_mut(bound.entity), self.ties.get_mut(bound.entity)) {
                    *edge = Some((target, tie.target.view.clone()));
                    *at = Some(index);
                }
            }
            Some(Entity::Layer(target)) => {
                diagnostics.push(errors::to_a_layer(&tie.target, place.target, names.slots(target)));
            }
            Some(Entity::Scope(_)) => diagnostics.push(errors::to_a_layer(&tie.target, place.target, &[])),
            None => {
                let near = names.nearest(&tie.target.path, model, diagnostics);
                diagnostics.push(errors::unknown(&tie.target, place.target, near));
            }
        }
    }

    /// The number of the owner, and what is seen of its storage.
    pub(super) fn find(&self, entity: usize) -> Edge {
        match self.edges.get(entity) {
            Some(Some(edge)) => edge.clone(),
            _ => (entity, View::default()),
        }
    }

    /// The index of the tie that binds a slot, among those of its layer.
    pub(super) fn tie(&self, entity: usize) -> Option<usize> {
        self.ties.get(entity).copied().flatten()
    }

    /// Makes every edge lead straight to the owner, and breaks cycles.
    fn compress(&mut self, model: &Model, places: &Places, names: &Names, diagnostics: &mut Diagnostics) {
        let mut done = vec![false; self.edges.len()];
        let mut on_path = vec![false; self.edges.len()];
        for start in 0..self.edges.len() {
            let mut path = Vec::new();
            let mut at = start;
            while let Some(Some((next, _))) = self.edges.get(at)
                && !done.get(at).copied().unwrap_or(true)
            {
                if on_path.get(at).copied().unwrap_or(false) {
                    let members: Vec<usize> = path.iter().copied().skip_while(|other| *other != at).collect();
                    diagnostics.push(self.cycle(&members, model, places, names));
                    for member in members {
                        self.cut(member);
                    }
                    break;
                }
                if let Some(mark) = on_path.get_mut(at) {
                    *mark = true;
                }
                path.push(at);
                at = *next;
            }
            // From the owner back, so that each edge is extended by one that is complete.
            for &entity in path.iter().rev() {
                if let Some(Some((target, view))) = self.edges.get(entity).cloned() {
                    let (root, above) = self.find(target);
                    if let Some(edge) = self.edges.get_mut(entity) {
                        *edge = Some((root, above.then(&view)));
                    }
                }
                for marks in [(&mut done, true), (&mut on_path, false)] {
                    if let Some(mark) = marks.0.get_mut(entity) {
                        *mark = marks.1;
                    }
                }
            }
        }
    }

    fn cut(&mut self, entity: usize) {
        if let (Some(edge), Some(tie)) = (self.edges.get_mut(entity), self.ties.get_mut(entity)) {
            *edge = None;
            *tie = None;
        }
    }

    fn cycle(&self, members: &[usize], model: &Model, places: &Places, names: &Names) -> ResolveError {
        let mut paths = Vec::new();
        let mut spans = Vec::new();
        for &member in members {
            let ties = if let (Some(decl), Some(place)) = (model.storages.get(member), places.storages.get(member)) {
                paths.push(decl.path.to_string());
                &place.ties
            } else {
                let Some((layer, position)) = names.owner(member) else { continue };
                let (Some(decl), Some(place)) = (model.layers.get(layer), places.layers.get(layer)) else { continue };
                let Some(spec) = names.slots(layer).get(position) else { continue };
                paths.push(format!("{}.{}", decl.path, spec.name));
                &place.ties
            };
            spans.extend(self.tie(member).and_then(|tie| ties.get(tie)).map(|tie| tie.whole));
        }
        let start = paths.first().cloned().unwrap_or_default();
        let mut labels = Vec::new();
        if let ([place, rest @ ..], Some(array)) =
            (spans.as_slice(), members.first().and_then(|first| names.array(*first, model)))
            && rest.iter().all(|other| other == place)
        {
            labels.push(primary(*place, format!("every element of `{}` has this tie, `{start}` too", array.path)));
            return ResolveError::Cycle { slot: start, labels, help: Some(array.remedy) };
        }
        for (index, (span, path)) in spans.iter().zip(&paths).enumerate() {
            let next = paths.get(index + 1).unwrap_or(&start);
            let text = format!("`{path}` refers to `{next}`");
            labels.push(if index == 0 { primary(*span, text) } else { label(*span, text) });
        }
        let alone = "it must have storage of its own: remove this tie";
        let several = "one of them must have storage of its own: remove its tie, or tie all of them to a `param`";
        let help = if labels.len() == 1 { alone } else { several };
        ResolveError::Cycle { slot: start, labels, help: Some(help.to_owned()) }
    }
}
