//! Every tied slot against the storage that it reaches: the view must have exactly the shape that the layer wants.

use super::Inference;
use super::errors::InferError;
use crate::diag::{label, primary};
use crate::ir::{Graph, Places, Slot, Storage, View, ViewStep};
use crate::shape::{Element, Shape, TensorType};
use crate::span::Span;

impl Inference<'_> {
    pub(super) fn ties(&mut self) {
        for (_, slot) in self.graph.slots.iter() {
            let Some(tie) = &slot.tie else { continue };
            let layer = self.places.layers.get(slot.layer.index());
            let place = layer.and_then(|layer| layer.ties.get(tie.index)).copied().unwrap_or_default();
            let storage = &self.graph.storages[slot.storage];
            let Some(found) = slot.view.shape(&storage.ty.shape) else {
                let error = view_error(self.graph, self.places, storage, &slot.view, place.target);
                self.diagnostics.push(error);
                continue;
            };
            let fits = storage.ty.element == Element::Float
                && found.rank() == slot.shape.rank()
                && slot.shape.iter().zip(found.iter()).all(|(wanted, found)| self.facts.equal(wanted, found));
            if !fits {
                let error = self.tie_error(slot, storage, &found, place.target);
                self.diagnostics.push(error);
            }
            self.take_required(place.target);
        }
    }

    fn tie_error(&self, slot: &Slot, storage: &Storage, found: &Shape, place: Span) -> InferError {
        let wanted = &slot.shape;
        let found_type = TensorType { element: storage.ty.element, shape: found.clone() };
        let kind = self.graph.layers[slot.layer].operator.op.def().name;
        let layer = self.places.layers.get(slot.layer.index()).map_or(place, |layer| layer.kind);
        let name = slot_name(self.graph, slot);
        let owner = format!("{}{}", storage.path, slot.view);
        let labels = vec![
            primary(place, format!("`{owner}` is {found_type}")),
            label(owner_place(self.places, self.graph, storage), format!("`{}` is {}", storage.path, storage.ty)),
            label(layer, format!("this `{kind}` wants `{name}` {wanted}")),
        ];
        let flipped = View(smallvec::smallvec![ViewStep::Transpose]);
        let turned = flipped.shape(found).filter(|turned| turned == wanted);
        let help = if turned.is_some() {
            let view = slot.view.then(&flipped);
            Some(format!("`{name}=@{}{view}` has that shape", storage.path))
        } else if storage.ty.element == Element::Float {
            Some("one storage serves slots of one shape; give this layer its own weights".to_owned())
        } else {
            None
        };
        InferError::TieShape {
            message: format!("`{}` wants {wanted}, and `@{owner}` is {found_type}", slot.path),
            labels,
            help,
        }
    }
}

/// A view that can't be taken of its storage.
pub(super) fn view_error(graph: &Graph, places: &Places, storage: &Storage, view: &View, place: Span) -> InferError {
    InferError::TieShape {
        message: format!("`{}` can't be seen as `{}{view}`", storage.path, storage.path),
        labels: vec![
            primary(place, "`.T` exchanges the two axes of a matrix"),
            label(owner_place(places, graph, storage), format!("this is {}", storage.ty)),
        ],
        help: None,
    }
}

/// Where the owner of a storage is declared.
pub(super) fn owner_place(places: &Places, graph: &Graph, storage: &Storage) -> Span {
    if let Some(place) = storage.declaration.and_then(|index| places.storages.get(index)) {
        return place.name.to(place.ty);
    }
    let owner = storage.members.iter().map(|slot| &graph.slots[*slot]).find(|slot| slot.tie.is_none());
    owner.and_then(|slot| places.layers.get(slot.layer.index())).map_or(places.model, |layer| layer.name)
}

/// The name of a slot in its layer.
fn slot_name<'a>(graph: &Graph, slot: &'a Slot) -> &'a str {
    let prefix = graph.layers[slot.layer].path.as_str().len() + 1;
    slot.path.as_str().get(prefix..).unwrap_or("")
}
