//! What the graph says about sharing: which groups share, how often each is used, how many parameters that saves, and
//! the answer in one sentence.

use super::graph::{Graph, LayerId, Storage, StorageId, StorageKind, Target};
use super::view::View;
use crate::shape::Dim;
use std::collections::{HashMap, HashSet};

/// How many elements there are, counted in several ways. Buffers count only as such.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    /// The elements of all storages.
    pub unique: Dim,
    /// As if every slot had storage of its own.
    pub naive: Dim,
    /// As if every slot had its own at every call.
    pub untied: Dim,
    pub trainable: Dim,
    pub buffers: Dim,
}

impl Counts {
    const fn none() -> Self {
        Self { unique: Dim::ZERO, naive: Dim::ZERO, untied: Dim::ZERO, trainable: Dim::ZERO, buffers: Dim::ZERO }
    }

    fn add(self, other: &Self) -> Self {
        Self {
            unique: self.unique.add(&other.unique),
            naive: self.naive.add(&other.naive),
            untied: self.untied.add(&other.untied),
            trainable: self.trainable.add(&other.trainable),
            buffers: self.buffers.add(&other.buffers),
        }
    }

    /// The counts with something put in for their symbols.
    #[must_use]
    pub fn map(&self, change: impl Fn(&Dim) -> Dim) -> Self {
        Self {
            unique: change(&self.unique),
            naive: change(&self.naive),
            untied: change(&self.untied),
            trainable: change(&self.trainable),
            buffers: change(&self.buffers),
        }
    }
}

/// Counts the parameters of a graph.
#[must_use]
pub fn counts(graph: &Graph) -> Counts {
    counts_by_storage(graph).iter().fold(Counts::none(), Counts::add)
}

/// The counts of each storage, in the order of the storages.
#[must_use]
pub fn counts_by_storage(graph: &Graph) -> Vec<Counts> {
    let mut as_values: HashMap<StorageId, Dim> = HashMap::new();
    for (_, id, view) in &graph.value_storages {
        let size = view.shape(&graph.storages[*id].ty.shape).map_or(Dim::ZERO, |shape| shape.numel());
        let total = as_values.entry(*id).or_insert(Dim::ZERO);
        *total = total.add(&size);
    }
    let count = |(id, storage): (StorageId, &Storage)| {
        let size = storage.ty.shape.numel();
        if storage.kind == StorageKind::Buffer {
            return Counts { buffers: size, ..Counts::none() };
        }
        let (naive, untied) = separate(graph, storage, as_values.get(&id).unwrap_or(&Dim::ZERO));
        let trainable = if storage.trainable { size.clone() } else { Dim::ZERO };
        Counts { unique: size, naive, untied, trainable, buffers: Dim::ZERO }
    };
    graph.storages.iter().map(count).collect()
}

/// The elements that a storage would take without sharing: once for each slot, and once for each slot and call and each
/// use as a value.
fn separate(graph: &Graph, storage: &Storage, as_value: &Dim) -> (Dim, Dim) {
    let mut naive = Dim::ZERO;
    let mut untied = Dim::ZERO;
    for slot in &storage.members {
        let slot = &graph.slots[*slot];
        let size = slot.shape.numel();
        let calls = i64::try_from(graph.layers[slot.layer].calls.max(1)).unwrap_or(i64::MAX);
        naive = naive.add(&size);
        untied = untied.add(&size.mul(&Dim::from(calls)));
    }
    untied = untied.add(as_value);
    let size = storage.ty.shape.numel();
    let or_own = |count: Dim| if count == Dim::ZERO { size.clone() } else { count };
    (or_own(naive), or_own(untied))
}

/// Whether a storage is shared: two of its slots have an element in common, or it is used more than once.
#[must_use]
pub fn is_shared(graph: &Graph, storage: &Storage) -> bool {
    storage.use_count >= 2 || has_common_elements(graph, storage)
}

/// Whether two slots of a storage have an element in common.
fn has_common_elements(graph: &Graph, storage: &Storage) -> bool {
    let mut views: Vec<&View> = storage.members.iter().map(|slot| &graph.slots[*slot].view).collect();
    let all = views.len();
    views.dedup();
    // Equal neighbours are the common case; a storage with many different views is rare.
    views.len() < all || views.iter().enumerate().any(|(index, a)| views.iter().skip(index + 1).any(|b| meet(a, b)))
}

/// Whether two views of one storage have an element in common. Without slices each sees every element.
#[must_use]
pub fn meet(_: &View, _: &View) -> bool {
    true
}

/// The elements of a layer, slot, param or buffer, each once, buffers left out.
#[must_use]
pub fn parameters(graph: &Graph, target: Target) -> Dim {
    let count = |storages: &[StorageId]| {
        let mut seen = HashSet::new();
        let mut sum = Dim::ZERO;
        for id in storages {
            let storage = &graph.storages[*id];
            if storage.kind != StorageKind::Buffer && seen.insert(*id) {
                sum = sum.add(&storage.ty.shape.numel());
            }
        }
        sum
    };
    match target {
        Target::Storage(storage) => count(&[storage]),
        Target::Slot(slot) => graph.slots[slot].shape.numel(),
        Target::Layer(layer) => {
            let storages: Vec<StorageId> =
                graph.layers[layer].slots.iter().map(|slot| graph.slots[*slot].storage).collect();
            count(&storages)
        }
    }
}

/// How often a layer is called, or a slot, param or buffer used.
#[must_use]
pub fn uses(graph: &Graph, target: Target) -> u64 {
    match target {
        Target::Storage(storage) => graph.storages[storage].use_count,
        Target::Slot(slot) => graph.storages[graph.slots[slot].storage].use_count,
        Target::Layer(layer) => graph.layers[layer].calls,
    }
}

/// The storages of a graph, sorted by their owners.
#[must_use]
pub fn sorted(graph: &Graph) -> Vec<StorageId> {
    let mut ids: Vec<StorageId> = graph.storages.ids().collect();
    ids.sort_by(|a, b| graph.storages[*a].path.cmp(&graph.storages[*b].path));
    ids
}

/// The answer to "are weights shared across layers?"
#[must_use]
pub fn sentence(graph: &Graph) -> String {
    let mut clauses = Vec::new();
    for (_, storage) in graph.storages.iter() {
        if has_common_elements(graph, storage) {
            let members: Vec<&str> = storage.members.iter().map(|slot| graph.slots[*slot].path.as_str()).collect();
            clauses.push(format!("{} are one storage ({})", list(&members), storage.path));
        }
    }
    for (id, layer) in graph.layers.iter() {
        if layer.calls >= 2 && !layer.slots.is_empty() {
            clauses.push(format!("{} is used {} times ({})", layer.path, layer.calls, slot_names(graph, id)));
        }
    }
    let as_value: HashSet<StorageId> = graph.value_storages.iter().map(|(_, storage, _)| *storage).collect();
    for (id, storage) in graph.storages.iter() {
        if as_value.contains(&id) && storage.use_count >= 2 && !has_common_elements(graph, storage) {
            clauses.push(format!("{} is used {} times", storage.path, storage.use_count));
        }
    }
    if clauses.is_empty() { "No weights are shared.".to_owned() } else { format!("Yes: {}.", clauses.join("; ")) }
}

fn slot_names(graph: &Graph, layer: LayerId) -> String {
    let layer = &graph.layers[layer];
    let prefix = layer.path.as_str().len() + 1;
    let names: Vec<&str> =
        layer.slots.iter().filter_map(|slot| graph.slots[*slot].path.as_str().get(prefix..)).collect();
    names.join(", ")
}

/// `a, b and c`
fn list(items: &[&str]) -> String {
    match items {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
