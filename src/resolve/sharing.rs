//! What the graph says about sharing: which groups share, how often each is used, how many parameters that saves, and
//! the answer in one sentence.

use crate::ir::{Graph, LayerId, Storage, StorageId, StorageKind, ViewStep};
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

/// Counts the parameters of a graph.
#[must_use]
pub fn counts(graph: &Graph) -> Counts {
    let zero = || Dim::ZERO;
    let mut counts = Counts { unique: zero(), naive: zero(), untied: zero(), trainable: zero(), buffers: zero() };
    let mut as_values: HashMap<StorageId, Dim> = HashMap::new();
    for (_, id, view) in &graph.value_storages {
        let size = view.shape(&graph.storages[*id].ty.shape).map_or(Dim::ZERO, |shape| shape.numel());
        let total = as_values.entry(*id).or_insert(Dim::ZERO);
        *total = total.add(&size);
    }
    for (id, storage) in graph.storages.iter() {
        let size = storage.ty.shape.numel();
        if storage.kind == StorageKind::Buffer {
            counts.buffers = counts.buffers.add(&size);
            continue;
        }
        counts.unique = counts.unique.add(&size);
        if storage.trainable {
            counts.trainable = counts.trainable.add(&size);
        }
        let (naive, untied) = separate(graph, storage, as_values.get(&id).unwrap_or(&Dim::ZERO));
        counts.naive = counts.naive.add(&naive);
        counts.untied = counts.untied.add(&untied);
    }
    counts
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
    let whole =
        |slot: &&crate::ir::SlotId| !graph.slots[**slot].view.0.iter().any(|step| matches!(step, ViewStep::Slice(_)));
    // Any two slots meet if one of them sees everything.
    storage.members.len() >= 2 && storage.members.iter().any(|slot| whole(&slot))
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
