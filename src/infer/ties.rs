//! Every tied slot against the storage that it reaches: the view must have exactly the shape that is wanted.

use super::Inference;
use super::errors::InferError;
use crate::diag::{label, primary};
use crate::ir::{Graph, Places, Slot, SlotOf, Storage, View, ViewStep};
use crate::shape::{Element, Shape, TensorType};
use crate::span::Span;

impl Inference<'_> {
    pub(super) fn ties(&mut self) {
        for (_, slot) in self.graph.slots.iter() {
            let Some(place) = self.places.tie(slot) else { continue };
            let storage = &self.graph.storages[slot.storage];
            let Some(found) = self.seen(storage, &slot.view, place.target) else { continue };
            let element = match slot.of {
                SlotOf::Layer(..) => Element::Float,
                SlotOf::Declaration(_) => storage.ty.element,
            };
            let fits = storage.ty.element == element
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
        let (wants, at, scope) = match slot.of {
            SlotOf::Layer(id, _) => {
                let layer = &self.graph.layers[id];
                let kind = layer.operator.op.def().name;
                let at = self.places.layers.get(id.index()).map_or(place, |layer| layer.kind);
                (format!("this `{kind}` wants `{}` {wanted}", slot_name(slot, layer.path.as_str())), at, layer.scope)
            }
            SlotOf::Declaration(index) => {
                let at = self.places.storages.get(index).map_or(place, |storage| storage.ty);
                (format!("it is declared as {wanted}"), at, None)
            }
        };
        let owner = format!("{}{}", storage.path, slot.view);
        let mut labels = vec![
            primary(place, format!("`{owner}` is {found_type}")),
            label(owner_place(self.places, self.graph, storage), format!("`{}` is {}", storage.path, storage.ty)),
            label(at, wants),
        ];
        labels.extend(self.declared_in(scope));
        let flipped = View(vec![ViewStep::Transpose]);
        let turned = flipped.shape(found).filter(|turned| turned == wanted);
        let help = if turned.is_some() {
            let view = slot.view.then(&flipped);
            let name = slot.path.as_str().rsplit('.').next().unwrap_or_default();
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

/// Where the owner of a storage is declared.
pub(super) fn owner_place(places: &Places, graph: &Graph, storage: &Storage) -> Span {
    if let Some(place) = storage.declaration.and_then(|index| places.storages.get(index)) {
        return place.name.to(place.ty);
    }
    let owner = storage.members.iter().map(|slot| &graph.slots[*slot]).find(|slot| slot.tie.is_none());
    owner.map_or(places.model, |slot| places.owner(slot))
}

/// The name of a slot in its layer.
fn slot_name<'a>(slot: &'a Slot, layer: &str) -> &'a str {
    slot.path.as_str().get(layer.len() + 1..).unwrap_or("")
}
