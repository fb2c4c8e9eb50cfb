//! Every use of a storage: calls of the layers whose slots reach it, and places where it is a value. Those at one place,
//! which repeats and calls of blocks make, are counted together.

use crate::arena::Table;
use crate::ir::{Graph, Layer, LayerId, Places, StorageId, Use, UseKind, UseSite, ValueOf};
use crate::span::Span;
use foldhash::{HashMap, HashMapExt};

pub(super) fn count(places: &Places, graph: &mut Graph) {
    // Most layers are called at one place.
    let mut uses: Vec<Use> = Vec::with_capacity(graph.slots.len());
    let mut first: Table<Layer, Option<(Span, usize)>> = Table::filled(&graph.layers, None);
    let mut others: HashMap<(LayerId, Span), usize> = HashMap::new();
    for (id, node) in graph.nodes.iter() {
        let Some(layer_id) = node.layer else { continue };
        let layer = &graph.layers[layer_id];
        let place = places.calls.get(id.index()).map_or(Span::default(), |place| place.whole);
        let next = uses.len();
        let known = match first[layer_id].get_or_insert((place, next)) {
            (known, at) if *known == place => *at,
            _ => *others.entry((layer_id, place)).or_insert(next),
        };
        if known < next {
            for site in uses.iter_mut().skip(known).take(layer.slots.len()) {
                site.count += 1;
            }
            continue;
        }
        for slot in &layer.slots {
            let slot = &graph.slots[*slot];
            uses.push(Use {
                storage: slot.storage,
                path: layer.path.clone(),
                via: slot.path.clone(),
                kind: UseKind::Call,
                count: 1,
                at: UseSite::Node(id),
            });
        }
    }
    let mut values: HashMap<(StorageId, Span), usize> = HashMap::new();
    for (id, storage, _) in &graph.value_storages {
        let ValueOf::Storage(reference) = &graph.values[*id].of else { continue };
        let place = places.values.get(id.index()).copied().unwrap_or_default();
        if let Some(site) = values.get(&(*storage, place)).and_then(|first| uses.get_mut(*first)) {
            site.count += 1;
            continue;
        }
        values.insert((*storage, place), uses.len());
        uses.push(Use {
            storage: *storage,
            path: reference.path.clone(),
            via: reference.path.clone(),
            kind: UseKind::Value,
            count: 1,
            at: UseSite::Value(*id),
        });
    }
    for site in &uses {
        graph.storages[site.storage].use_count += site.count;
    }
    graph.uses = uses;
}
