//! The answer to "are weights shared across layers?", in one sentence.

use super::graph::{Graph, LayerId, SlotId, SlotOf, StorageId};
use super::model::Scope;
use super::path::Path;
use super::sharing::{has_common_elements, is_shared, slots};
use indexmap::IndexMap;
use std::collections::{HashMap, HashSet};

/// How many names a sentence lists of one kind.
const MAX_NAMES: usize = 8;

/// Whether weights are shared, and which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub shared: bool,
    pub sentence: String,
}

/// Which storages are shared between slots or used several times.
#[must_use]
pub fn answer(graph: &Graph) -> Answer {
    let mut clauses = clauses(graph);
    let more = clauses.len().saturating_sub(MAX_NAMES);
    clauses.truncate(MAX_NAMES);
    if more > 0 {
        clauses.push(format!("and {more} more"));
    }
    if clauses.is_empty() {
        return Answer { shared: false, sentence: "No weights are shared.".to_owned() };
    }
    Answer { shared: true, sentence: format!("Yes: {}.", clauses.join("; ")) }
}

/// What is shared, each in a clause of the sentence.
fn clauses(graph: &Graph) -> Vec<String> {
    let wholes = Wholes::new(graph);
    let mut clauses = Vec::new();
    for (names, units) in &wholes.groups {
        clauses.push(format!("{} share all their slots ({})", list(units), shortened(names)));
    }
    for (_, storage) in graph.storages.iter() {
        let slots = slots(graph, storage);
        if !wholes.tell(&slots) && has_common_elements(graph, storage) {
            let members: Vec<&str> = slots.iter().map(|slot| graph.slots[*slot].path.as_str()).collect();
            clauses.push(format!("{} are one storage ({})", list(&members), storage.path));
        }
    }
    for (index, scope) in graph.scopes.iter().enumerate() {
        let outer = scope.parent.and_then(|parent| graph.scopes.get(parent)).map_or(1, |parent| parent.calls.max(1));
        if scope.calls >= 2 && scope.calls > outer {
            let names = scope_slots(graph, index);
            if !names.is_empty() {
                clauses.push(format!("{} is used {} times ({})", scope.path, scope.calls, shortened(&names)));
            }
        }
    }
    for (id, layer) in graph.layers.iter() {
        let outer = layer.scope.and_then(|scope| graph.scopes.get(scope)).map_or(1, |scope| scope.calls.max(1));
        if layer.calls >= 2 && layer.calls > outer && !layer.slots.is_empty() {
            clauses.push(format!("{} is used {} times ({})", layer.path, layer.calls, slot_names(graph, id)));
        }
    }
    let as_value: HashSet<StorageId> = graph.value_storages.iter().map(|(_, storage, _)| *storage).collect();
    for (id, storage) in graph.storages.iter() {
        if as_value.contains(&id) && storage.use_count >= 2 && !wholes.holds(id) && !has_common_elements(graph, storage)
        {
            clauses.push(format!("{} is used {} times", storage.path, storage.use_count));
        }
    }
    clauses
}

/// A slot, param or buffer of a layer or block.
struct Held<'g> {
    /// Its name in the layer or block.
    name: &'g str,
    storage: StorageId,
    slot: Option<SlotId>,
}

/// The name of each slot in a layer or block, its storage, and what it sees of it.
type Contents<'g> = Vec<(&'g str, StorageId, String)>;

/// Params and buffers by their declarations: the path, the storage, and the slot if it is tied.
type Declared<'g> = HashMap<usize, (&'g Path, StorageId, Option<SlotId>)>;

/// Layers, blocks and arrays that have all their slots in common, at least two.
#[derive(Default)]
struct Wholes<'g> {
    /// The names of the slots, and the paths of those that have them.
    groups: Vec<(Vec<&'g str>, Vec<&'g str>)>,
    /// The group that tells of a slot, and the slot's place in it.
    slots: HashMap<SlotId, (usize, usize)>,
    storages: HashSet<StorageId>,
}

impl<'g> Wholes<'g> {
    fn new(graph: &'g Graph) -> Self {
        let mut found: IndexMap<Contents<'g>, Vec<(&'g str, Vec<Held<'g>>)>> = IndexMap::new();
        let declared = declared(graph);
        let scopes =
            graph.scopes.iter().filter_map(|scope| Some((&scope.path, held_by_scope(graph, &declared, scope)?)));
        let layers = graph.layers.iter().map(|(_, layer)| layer);
        let layers =
            layers.filter_map(|layer| Some((&layer.path, held(graph, &layer.path, layer.slots.iter().copied())?)));
        let shared = |held: &Held| is_shared(graph, &graph.storages[held.storage]);
        for (path, held) in scopes.chain(layers).filter(|(_, held)| held.len() >= 2 && held.iter().any(shared)) {
            let view = |held: &Held| held.slot.map_or_else(String::new, |slot| graph.slots[slot].view.to_string());
            let key = held.iter().map(|held| (held.name, held.storage, view(held))).collect();
            found.entry(key).or_default().push((path.as_str(), held));
        }
        let mut wholes = Self::default();
        for (key, units) in found.into_iter().filter(|(_, units)| units.len() >= 2) {
            // What lies in blocks that have everything in common was told with them.
            let group = |held: &Held| held.slot.and_then(|slot| wholes.slots.get(&slot)).map(|(group, _)| *group);
            let first = units.first().and_then(|(_, held)| group(held.first()?));
            if first.is_some() && units.iter().flat_map(|(_, held)| held).all(|held| group(held) == first) {
                continue;
            }
            let index = wholes.groups.len();
            for (_, held) in &units {
                wholes.storages.extend(held.iter().map(|held| held.storage));
                let slots = held.iter().enumerate().filter_map(|(at, held)| Some((held.slot?, (index, at))));
                wholes.slots.extend(slots);
            }
            let names = key.iter().map(|(name, ..)| *name).collect();
            wholes.groups.push((names, units.into_iter().map(|(path, _)| path).collect()));
        }
        wholes
    }

    /// Whether a group says that these slots are one storage.
    fn tell(&self, slots: &[SlotId]) -> bool {
        let first = slots.first().and_then(|slot| self.slots.get(slot));
        first.is_some() && slots.iter().all(|slot| self.slots.get(slot) == first)
    }

    fn holds(&self, storage: StorageId) -> bool {
        self.storages.contains(&storage)
    }
}

/// What a block, array or composite layer holds; `None` if something in it isn't shared.
fn held_by_scope<'g>(graph: &'g Graph, declared: &Declared<'g>, scope: &'g Scope) -> Option<Vec<Held<'g>>> {
    let layers = scope.layers.clone().filter_map(|index| graph.layers.nth(index));
    let mut all = held(graph, &scope.path, layers.flat_map(|id| graph.layers[id].slots.iter().copied()))?;
    for (path, storage, slot) in scope.storages.clone().filter_map(|index| declared.get(&index)) {
        let name = inner_name(path, &scope.path);
        all.push(is_shareable(graph, *storage).then_some(Held { name, storage: *storage, slot: *slot })?);
    }
    Some(all)
}

/// The slots of what has a path; `None` if one of them isn't shared.
fn held<'g>(graph: &'g Graph, path: &Path, mut slots: impl Iterator<Item = SlotId>) -> Option<Vec<Held<'g>>> {
    slots.try_fold(Vec::new(), |mut all, id| {
        let slot = &graph.slots[id];
        let held = Held { name: inner_name(&slot.path, path), storage: slot.storage, slot: Some(id) };
        all.push(is_shareable(graph, slot.storage).then_some(held)?);
        Some(all)
    })
}

/// Whether several could have the storage.
fn is_shareable(graph: &Graph, storage: StorageId) -> bool {
    let storage = &graph.storages[storage];
    storage.members.len() + usize::from(storage.declaration.is_some()) >= 2
}

/// The path of a slot inside of what has a path.
fn inner_name<'g>(slot: &'g Path, path: &Path) -> &'g str {
    let rest = slot.as_str().strip_prefix(path.as_str()).unwrap_or(slot.as_str());
    rest.strip_prefix('.').unwrap_or(rest)
}

/// The params and buffers by the indices of their declarations, those that are tied and those that own.
fn declared(graph: &Graph) -> Declared<'_> {
    let owners =
        graph.storages.iter().filter_map(|(id, storage)| Some((storage.declaration?, (&storage.path, id, None))));
    let tied = graph.slots.iter().filter_map(|(id, slot)| match slot.of {
        SlotOf::Declaration(index) => Some((index, (&slot.path, slot.storage, Some(id)))),
        SlotOf::Layer(..) => None,
    });
    owners.chain(tied).collect()
}

/// The names of the slots in a block, array or composite layer.
fn scope_slots(graph: &Graph, index: usize) -> Vec<&str> {
    let Some(scope) = graph.scopes.get(index) else { return Vec::new() };
    let layers = scope.layers.clone().filter_map(|index| graph.layers.nth(index)).map(|id| &graph.layers[id]);
    layers
        .flat_map(|layer| &layer.slots)
        .filter_map(|slot| graph.slots[*slot].path.as_str().strip_prefix(scope.path.as_str()))
        .map(|name| name.strip_prefix('.').unwrap_or(name))
        .collect()
}

fn slot_names(graph: &Graph, layer: LayerId) -> String {
    let layer = &graph.layers[layer];
    let prefix = layer.path.as_str().len() + 1;
    let names: Vec<&str> =
        layer.slots.iter().filter_map(|slot| graph.slots[*slot].path.as_str().get(prefix..)).collect();
    shortened(&names)
}

fn shortened(names: &[&str]) -> String {
    match names.get(..MAX_NAMES) {
        Some(first) if names.len() > MAX_NAMES => format!("{} and {} more", first.join(", "), names.len() - MAX_NAMES),
        _ => names.join(", "),
    }
}

/// `a, b and c`
fn list(items: &[&str]) -> String {
    if items.len() > MAX_NAMES {
        return shortened(items);
    }
    match items {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
