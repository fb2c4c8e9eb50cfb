//! What views see: their shapes, whose bounds may hang on sizes that aren't known, and whether two slots see some elements
//! in common and others not.

use super::Inference;
use super::errors::InferError;
use super::ties::owner_place;
use crate::diag::{label, primary};
use crate::ir::overlap::Overlap;
use crate::ir::{Query, SlotId, Storage, Target, View, ViewStep, sharing};
use crate::shape::{Dim, Shape};
use crate::span::Span;
use std::collections::HashSet;

impl Inference<'_> {
    /// The shape of what a view sees; `None`, and a report, if a step can't be taken.
    pub(super) fn seen(&mut self, storage: &Storage, view: &View, place: Span) -> Option<Shape> {
        let mut shape = storage.ty.shape.clone();
        for (index, step) in view.0.iter().enumerate() {
            let before = View(view.0.iter().take(index).cloned().collect());
            match self.step(&shape, step) {
                Ok(next) => shape = next,
                Err(why) => {
                    let name = format!("{}{before}", storage.path);
                    let mut labels = vec![primary(place, why)];
                    labels.push(label(
                        owner_place(self.places, self.graph, storage),
                        format!("`{}` is {}", storage.path, storage.ty),
                    ));
                    let message =
                        format!("`{name}`, which is {shape}, can't be seen as `{name}{}`", View(vec![step.clone()]));
                    self.diagnostics.push(InferError::TieShape { message, labels, help: None });
                    return None;
                }
            }
        }
        self.take_required(place);
        Some(shape)
    }

    fn step(&mut self, shape: &Shape, step: &ViewStep) -> Result<Shape, String> {
        match step {
            ViewStep::Transpose => match &**shape {
                [rows, columns] => Ok(Shape::from([columns.clone(), rows.clone()])),
                _ => Err("`.T` exchanges the two axes of a matrix".to_owned()),
            },
            ViewStep::Slice(ranges) => {
                if ranges.len() > shape.rank() {
                    return Err(format!("{} axes are sliced, and there are {}", ranges.len(), shape.rank()));
                }
                let mut sliced = shape.clone();
                for (axis, (range, dim)) in ranges.iter().zip(sliced.iter_mut()).enumerate() {
                    let Some((from, to)) = range else { continue };
                    if !self.facts.at_most(&Dim::ZERO, from) || !self.facts.at_most(from, to) {
                        return Err(format!("the range {from}:{to} of axis {axis} runs backwards"));
                    }
                    if !self.facts.at_most(to, dim) {
                        return Err(format!("the range {from}:{to} ends past axis {axis}, which is {dim}"));
                    }
                    *dim = to.sub(from);
                }
                Ok(sliced)
            }
            ViewStep::Reshape(new) => {
                let (before, after) = (shape.numel(), new.numel());
                if self.facts.equal(&after, &before) {
                    Ok(new.clone())
                } else {
                    Err(format!("{new} has {after} elements, and there are {before}"))
                }
            }
        }
    }

    /// Reports slots that see some elements in common and others not, unless an assertion says that they are shared.
    pub(super) fn overlaps(&mut self) {
        let mut meant: Option<HashSet<(SlotId, SlotId)>> = None;
        for (_, storage) in self.graph.storages.iter() {
            let sliced =
                |slot: &SlotId| self.graph.slots[*slot].view.0.iter().any(|step| matches!(step, ViewStep::Slice(_)));
            if storage.members.len() < 2 || !storage.members.iter().any(sliced) {
                continue;
            }
            let mut partial: Vec<(SlotId, SlotId, Overlap)> = Vec::new();
            sharing::meetings(self.graph, storage, &storage.members, &self.facts, &mut |a, b, found| {
                if found != Overlap::Nested {
                    partial.push((a, b, found));
                }
                false
            });
            let meant = meant.get_or_insert_with(|| self.asserted());
            for (a, b, found) in partial {
                if meant.contains(&(a, b)) || meant.contains(&(b, a)) {
                    continue;
                }
                let error = self.overlap_error(storage, a, b, found);
                self.diagnostics.push(error);
            }
        }
    }

    fn overlap_error(&self, storage: &Storage, a: SlotId, b: SlotId, found: Overlap) -> InferError {
        let (first, second) = (&self.graph.slots[a], &self.graph.slots[b]);
        let place = |slot| self.places.tie(slot).map_or(self.places.owner(slot), |tie| tie.target);
        let sees = |slot: &crate::ir::Slot| format!("`{}` sees `{}{}`", slot.path, storage.path, slot.view);
        let may = if found == Overlap::Unknown { "may share" } else { "share" };
        InferError::PartialOverlap {
            message: format!(
                "`{}` and `{}` {may} some elements of `{}`, and not others",
                first.path, second.path, storage.path
            ),
            labels: vec![
                primary(place(second), sees(second)),
                label(place(first), sees(first)),
                label(owner_place(self.places, self.graph, storage), format!("`{}` is {}", storage.path, storage.ty)),
            ],
            help: Some(format!(
                "let the slices meet nowhere, or say that it is meant: `assert shared({}, {})`",
                first.path, second.path
            )),
        }
    }

    /// The pairs of slots that assertions name as shared.
    fn asserted(&self) -> HashSet<(SlotId, SlotId)> {
        let mut pairs = HashSet::new();
        let mut open: Vec<&Query> = self.graph.asserts.iter().map(|assert| &assert.condition).collect();
        while let Some(query) = open.pop() {
            match query {
                Query::Shared(paths) => {
                    let parts: Vec<Vec<SlotId>> = paths
                        .iter()
                        .filter_map(|path| self.graph.find(path.as_str()))
                        .map(|target| match target {
                            Target::Slot(slot) => vec![slot],
                            target => sharing::storages_of(self.graph, target)
                                .into_iter()
                                .filter_map(|(_, slot)| slot)
                                .collect(),
                        })
                        .collect();
                    for (index, left) in parts.iter().enumerate() {
                        for right in parts.iter().skip(index + 1) {
                            pairs.extend(left.iter().flat_map(|a| right.iter().map(|b| (*a, *b))));
                        }
                    }
                }
                Query::Binary(_, pair) => open.extend([&pair.0, &pair.1]),
                _ => {}
            }
        }
        pairs
    }
}
