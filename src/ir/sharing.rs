//! What the graph says about sharing: which groups share, how often each is used, and how many parameters that saves.

use super::graph::{Graph, Layer, SlotId, SlotIds, SlotOf, Storage, StorageId, StorageKind, Target};
use super::overlap::{Overlap, overlap};
use super::view::View;
use crate::shape::{Dim, Facts};
use std::collections::{BTreeMap, HashMap, HashSet};

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
    for id in slots(graph, storage) {
        let slot = &graph.slots[id];
        let size = slot.shape.numel();
        naive = naive.add(&size);
        if let Some(layer) = slot.layer() {
            let calls = i64::try_from(graph.layers[layer].calls.max(1)).unwrap_or(i64::MAX);
            untied = untied.add(&size.mul(&Dim::from(calls)));
        }
    }
    untied = untied.add(as_value);
    let size = storage.ty.shape.numel();
    let or_own = |count: Dim| if count == Dim::ZERO { size.clone() } else { count };
    (or_own(naive), or_own(untied))
}

/// The members of a storage that would have storage of their own: a block's param that only passes on what it is tied to
/// is none.
pub(super) fn slots(graph: &Graph, storage: &Storage) -> SlotIds {
    let passed = |id: &SlotId| matches!(graph.slots[*id].of, SlotOf::Declaration(_));
    if !storage.members.iter().any(passed) {
        return storage.members.clone();
    }
    let targets: HashSet<&str> = storage
        .members
        .iter()
        .filter_map(|id| graph.slots[*id].tie.as_ref())
        .map(|tie| tie.target.path.as_str())
        .collect();
    storage
        .members
        .iter()
        .copied()
        .filter(|id| !passed(id) || !targets.contains(graph.slots[*id].path.as_str()))
        .collect()
}

/// Whether a storage is shared: two of its slots have an element in common, or it is used more than once.
#[must_use]
pub fn is_shared(graph: &Graph, storage: &Storage) -> bool {
    storage.use_count >= 2 || has_common_elements(graph, storage)
}

/// Whether a storage is used more than once only because slots without a common element see parts of it.
#[must_use]
pub fn is_only_divided(graph: &Graph, storage: &Storage) -> bool {
    let calls = |id: &SlotId| match graph.slots[*id].of {
        SlotOf::Layer(layer, _) => graph.layers[layer].calls,
        SlotOf::Declaration(_) => 0,
    };
    is_shared(graph, storage)
        && !has_common_elements(graph, storage)
        && storage.members.iter().all(|id| calls(id) <= 1)
        && storage.use_count == storage.members.iter().map(calls).sum::<u64>()
}

/// Whether two slots of a storage have an element in common.
pub(super) fn has_common_elements(graph: &Graph, storage: &Storage) -> bool {
    let slots = slots(graph, storage);
    meetings(graph, storage, &slots, &Facts::new(), &mut |_, _, found| found.meets())
}

/// Visits the pairs of slots of a storage that may have an element in common, until `visit` says that it is enough;
/// whether it did. Of slots that see the same, each is paired with the first.
pub fn meetings(
    graph: &Graph,
    storage: &Storage,
    slots: &[SlotId],
    facts: &Facts,
    visit: &mut dyn FnMut(SlotId, SlotId, Overlap) -> bool,
) -> bool {
    let mut views: Vec<(&View, SlotId)> = Vec::new();
    let mut known: HashMap<String, SlotId> = HashMap::new();
    for &id in slots {
        let view = &graph.slots[id].view;
        // Whole, turned and reshaped views see everything.
        let everything = view.0.iter().all(|step| !matches!(step, super::view::ViewStep::Slice(_)));
        let key = if everything { String::new() } else { view.to_string() };
        match known.get(&key) {
            Some(first) => {
                if visit(*first, id, Overlap::Nested) {
                    return true;
                }
            }
            None => {
                known.insert(key, id);
                views.push((view, id));
            }
        }
    }
    // Slices of rows in numbers are the common case, and then only neighbours can meet.
    let shape = &storage.ty.shape;
    if let Some(mut rows) = views.iter().map(|(view, id)| Some((rows(view)?, *id))).collect::<Option<Vec<_>>>() {
        rows.sort_unstable();
        let mut open: Vec<((i64, i64), SlotId)> = Vec::new();
        for (range, id) in rows {
            open.retain(|((_, end), _)| *end > range.0);
            for (_, other) in &open {
                let found = overlap(facts, shape, &graph.slots[*other].view, &graph.slots[id].view);
                if found.meets() && visit(*other, id, found) {
                    return true;
                }
            }
            open.push((range, id));
        }
        return false;
    }
    for (index, (a, first)) in views.iter().enumerate() {
        for (b, second) in views.iter().skip(index + 1) {
            let found = overlap(facts, shape, a, b);
            if found.meets() && visit(*first, *second, found) {
                return true;
            }
        }
    }
    false
}

/// The rows that a view sees whose first step is a slice of rows in numbers.
fn rows(view: &View) -> Option<(i64, i64)> {
    let super::view::ViewStep::Slice(ranges) = view.0.first()? else { return None };
    let (from, to) = ranges.first()?.as_ref()?;
    Some((from.as_const()?, to.as_const()?))
}

/// Whether two slots or storages have an element in common.
#[must_use]
pub fn meet(facts: &Facts, storage: &Storage, a: &View, b: &View) -> bool {
    overlap(facts, &storage.ty.shape, a, b).meets()
}

/// The elements of a layer, block, slot, param or buffer, each once, buffers left out.
#[must_use]
pub fn parameters(graph: &Graph, target: Target) -> Dim {
    count(graph, target, |storage| storage.kind != StorageKind::Buffer)
}

/// Those of them that are trained.
#[must_use]
pub fn trainable_parameters(graph: &Graph, target: Target) -> Dim {
    count(graph, target, |storage| storage.trainable)
}

fn count(graph: &Graph, target: Target, wanted: impl Fn(&Storage) -> bool) -> Dim {
    let mut seen: BTreeMap<StorageId, Vec<&View>> = BTreeMap::new();
    let whole: &View = &View::default();
    for (storage, slot) in storages_of(graph, target) {
        let view = slot.map_or(whole, |slot| &graph.slots[slot].view);
        let views = seen.entry(storage).or_default();
        if !views.contains(&view) {
            views.push(view);
        }
    }
    let mut sum = Dim::ZERO;
    for (id, views) in seen {
        let storage = &graph.storages[id];
        if !wanted(storage) {
            continue;
        }
        let slices = views.iter().all(|view| view.0.iter().any(|step| matches!(step, super::view::ViewStep::Slice(_))));
        let sizes = views.iter().map(|view| view.shape(&storage.ty.shape).map_or(Dim::ZERO, |shape| shape.numel()));
        let total = if slices { sizes.fold(Dim::ZERO, |sum, size| sum.add(&size)) } else { storage.ty.shape.numel() };
        sum = sum.add(&total);
    }
    sum
}

/// What a target reaches, and through which slots.
#[must_use]
pub fn storages_of(graph: &Graph, target: Target) -> Vec<(StorageId, Option<SlotId>)> {
    let of_layer = |layer: &Layer| -> Vec<(StorageId, Option<SlotId>)> {
        layer.slots.iter().map(|slot| (graph.slots[*slot].storage, Some(*slot))).collect()
    };
    match target {
        Target::Storage(storage) => vec![(storage, None)],
        Target::Slot(slot) => vec![(graph.slots[slot].storage, Some(slot))],
        Target::Layer(layer) => of_layer(&graph.layers[layer]),
        Target::Scope(scope) => {
            let Some(scope) = graph.scopes.get(scope) else { return Vec::new() };
            let mut found: Vec<(StorageId, Option<SlotId>)> = scope
                .layers
                .clone()
                .filter_map(|index| graph.layers.nth(index))
                .flat_map(|id| of_layer(&graph.layers[id]))
                .collect();
            let inside = |index: usize| scope.storages.contains(&index);
            let own = graph.storages.iter().filter(|(_, storage)| storage.declaration.is_some_and(inside));
            found.extend(own.map(|(id, _)| (id, None)));
            let tied =
                graph.slots.iter().filter(|(_, slot)| matches!(slot.of, SlotOf::Declaration(index) if inside(index)));
            found.extend(tied.map(|(id, slot)| (slot.storage, Some(id))));
            found
        }
    }
}

/// How often a layer or block is called, or a slot, param or buffer used. An array is called as often as one of its
/// elements.
#[must_use]
pub fn uses(graph: &Graph, target: Target) -> u64 {
    match target {
        Target::Storage(storage) => graph.storages[storage].use_count,
        Target::Slot(slot) => graph.storages[graph.slots[slot].storage].use_count,
        Target::Layer(layer) => graph.layers[layer].calls,
        Target::Scope(index) => {
            let Some(scope) = graph.scopes.get(index) else { return 0 };
            if scope.kind == super::ScopeKind::Block {
                return scope.calls;
            }
            let inner = graph.scopes.iter().filter(|inner| inner.parent == Some(index)).map(|inner| inner.calls);
            let layers = scope.layers.clone().filter_map(|index| graph.layers.nth(index)).map(|id| &graph.layers[id]);
            let layers = layers.filter(|layer| layer.scope == Some(index)).map(|layer| layer.calls);
            inner.chain(layers).chain([scope.calls]).max().unwrap_or(0)
        }
    }
}

/// The storages of a graph, sorted by their owners.
#[must_use]
pub fn sorted(graph: &Graph) -> Vec<StorageId> {
    let mut ids: Vec<StorageId> = graph.storages.ids().collect();
    ids.sort_by(|a, b| graph.storages[*a].path.cmp(&graph.storages[*b].path));
    ids
}
