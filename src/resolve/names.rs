//! Paths of params, buffers, layers and slots to numbers. Storages come first, then the slots of every layer in order.

use crate::diag::Diagnostics;
use crate::ir::{Model, Path, ScopeKind};
use crate::ops::{SlotKind, SlotSpec};
use foldhash::{HashMap, HashMapExt};

/// What a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entity {
    /// A param or buffer, or a slot, by its number.
    Storage(usize),
    /// A layer, by its index in the model.
    Layer(usize),
    /// A block, array or composite layer, by its index.
    Scope(usize),
}

/// An array with a slot that is tied to itself.
pub(super) struct InArray {
    pub(super) path: Path,
    /// What can be written so that all elements share the slot.
    pub(super) remedy: String,
}

pub(super) struct Names {
    by_path: HashMap<Path, Entity>,
    specs: Vec<Vec<SlotSpec>>,
    /// The number of the first slot of each layer.
    first: Vec<usize>,
    total: usize,
}

impl Names {
    pub(super) fn new(model: &Model) -> Self {
        let mut by_path = HashMap::with_capacity(model.storages.len() + model.layers.len());
        for (index, storage) in model.storages.iter().enumerate() {
            by_path.insert(storage.path.clone(), Entity::Storage(index));
        }
        let mut next = model.storages.len();
        let mut first = Vec::with_capacity(model.layers.len());
        let mut specs = Vec::with_capacity(model.layers.len());
        for (index, layer) in model.layers.iter().enumerate() {
            by_path.insert(layer.path.clone(), Entity::Layer(index));
            let slots = layer.operator.op.slots();
            first.push(next);
            next += slots.len();
            specs.push(slots);
        }
        for (index, scope) in model.scopes.iter().enumerate() {
            by_path.insert(scope.path.clone(), Entity::Scope(index));
        }
        Self { by_path, specs, first, total: next }
    }

    /// How many params, buffers and slots there are.
    pub(super) fn total(&self) -> usize {
        self.total
    }

    pub(super) fn slots(&self, layer: usize) -> &[SlotSpec] {
        self.specs.get(layer).map_or(&[], Vec::as_slice)
    }

    /// The number of a slot of a layer.
    pub(super) fn slot(&self, layer: usize, name: &str) -> Option<usize> {
        let position = self.slots(layer).iter().position(|spec| spec.name == name)?;
        Some(self.first.get(layer)? + position)
    }

    /// The layer and the position in it of a slot, by its number.
    pub(super) fn owner(&self, entity: usize) -> Option<(usize, usize)> {
        // The last layer whose first slot is not behind; layers without slots share a number with the next.
        let layer = self.first.partition_point(|first| *first <= entity).checked_sub(1)?;
        let position = entity.checked_sub(*self.first.get(layer)?)?;
        (position < self.slots(layer).len()).then_some((layer, position))
    }

    /// The array in which a slot of a layer lies, if it lies in one.
    pub(super) fn array(&self, entity: usize, model: &Model) -> Option<InArray> {
        let (layer, position) = self.owner(entity)?;
        let slot = self.slots(layer).get(position)?;
        let decl = model.layers.get(layer)?;
        let mut scope = model.scopes.get(decl.scope?)?;
        while scope.kind != ScopeKind::Array {
            scope = model.scopes.get(scope.parent?)?;
        }
        let path = decl.path.join(&slot.name);
        // Behind the array's own path and an index.
        let (_, inner) = path.as_str().strip_prefix(scope.path.as_str())?.split_once("].")?;
        let array = scope.path.as_str().rsplit('.').next().unwrap_or_default();
        let param = format!("{array}_{inner}").replace(['.', '[', ']'], "_");
        let word = if slot.kind == SlotKind::Param { "param" } else { "buffer" };
        let remedy = format!(
            "then no element has storage of its own: write `{word} {param}: {}`, and tie all to it, `{inner}=@{param}`",
            slot.shape
        );
        Some(InArray { path: scope.path.clone(), remedy })
    }

    pub(super) fn find(&self, path: &Path) -> Option<Entity> {
        if let Some(entity) = self.by_path.get(path) {
            return Some(*entity);
        }
        let text = path.as_str();
        text.match_indices('.').find_map(|(dot, _)| {
            let Some(Entity::Layer(layer)) = self.by_path.get(text.get(..dot)?) else { return None };
            self.slot(*layer, text.get(dot + 1..)?).map(Entity::Storage)
        })
    }

    /// The path nearest to one that leads nowhere.
    pub(super) fn nearest(&self, path: &Path, model: &Model, diagnostics: &mut Diagnostics) -> Option<String> {
        let storages = model.storages.iter().map(|storage| storage.path.to_string());
        let slots = model
            .layers
            .iter()
            .zip(&self.specs)
            .flat_map(|(layer, slots)| slots.iter().map(|slot| format!("{}.{}", layer.path, slot.name)));
        diagnostics.nearest(path.as_str(), storages.chain(slots))
    }
}
