//! Warnings: what is declared and never used, sharing that isn't one, initial values of a scale that won't train.

use super::errors::ResolveError;
use crate::diag::{Diagnostics, label, primary};
use crate::ir::{Graph, LayerId, Model, Places, SlotOf, StorageKind, ValueOf};
use crate::ops::SlotKind;
use crate::span::Span;
use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

/// How many times the scale of the default an initializer may have.
const MAX_SCALE: f64 = 4.0;

pub(super) fn warn(model: &Model, places: &Places, graph: &Graph, diagnostics: &mut Diagnostics) {
    if !model.partial {
        unused_params(places, graph, diagnostics);
        unused_layers(model, places, graph, diagnostics);
        statistics(places, graph, diagnostics);
    }
    scales(model, places, graph, diagnostics);
}

fn unused_params(places: &Places, graph: &Graph, diagnostics: &mut Diagnostics) {
    let as_value: HashSet<_> = graph.value_storages.iter().map(|(_, storage, _)| *storage).collect();
    for (id, storage) in graph.storages.iter() {
        let Some(place) = storage.declaration.and_then(|index| places.storages.get(index)) else { continue };
        let what = if storage.kind == StorageKind::Buffer { "the buffer" } else { "the param" };
        match storage.members.as_slice() {
            [] if !as_value.contains(&id) => diagnostics.push(ResolveError::Unused {
                what,
                path: storage.path.to_string(),
                labels: vec![primary(place.name, "no slot is tied to it, and no expression reads it")],
                help: Some(format!("tie a slot to it, `weight=@{}`, or remove it", storage.path)),
            }),
            // A block's own param may be there to be tied from outside.
            [only]
                if !as_value.contains(&id)
                    && storage.kind == StorageKind::Param
                    && !storage.path.as_str().contains(['.', '[']) =>
            {
                let slot = &graph.slots[*only];
                let mut labels = vec![primary(place.name, "the param")];
                labels.extend(places.tie(slot).map(|tie| label(tie.whole, "its only slot")));
                diagnostics.push(ResolveError::NothingShared {
                    param: storage.path.to_string(),
                    labels,
                    help: Some(format!(
                        "tie another slot to it, `weight=@{}`, or let the layer have its own",
                        storage.path
                    )),
                });
            }
            _ => {}
        }
    }
}

fn unused_layers(model: &Model, places: &Places, graph: &Graph, diagnostics: &mut Diagnostics) {
    // A layer that isn't called is used all the same if another layer or an expression reads its storage.
    let mut read: HashSet<&str> = HashSet::new();
    let ties = model.layers.iter().map(|layer| &layer.ties).chain(model.storages.iter().map(|storage| &storage.ties));
    read.extend(ties.flatten().map(|tie| tie.target.path.as_str()));
    for (_, value) in graph.values.iter() {
        if let ValueOf::Storage(reference) = &value.of {
            read.insert(reference.path.as_str());
        }
    }
    let used = |id: LayerId| {
        let layer = &graph.layers[id];
        layer.calls > 0 || layer.slots.iter().any(|slot| read.contains(graph.slots[*slot].path.as_str()))
    };
    // How many of the first layers are used, so that a scope is known to be unused at a glance.
    let mut before = vec![0usize];
    for id in graph.layers.ids() {
        before.push(before.last().copied().unwrap_or(0) + usize::from(used(id)));
    }
    let idle = |layers: &std::ops::Range<usize>| before.get(layers.start) == before.get(layers.end);
    let mut reported: HashSet<usize> = HashSet::new();
    for (id, layer) in graph.layers.iter() {
        if used(id) {
            continue;
        }
        // The outermost block or array of which nothing is used has the blame.
        let mut outermost = None;
        let mut scope = layer.scope;
        while let Some((index, found)) = scope.and_then(|index| Some((index, graph.scopes.get(index)?))) {
            if found.calls == 0 && idle(&found.layers) {
                outermost = Some((index, found));
            }
            scope = found.parent;
        }
        if outermost.is_some_and(|(index, _)| !reported.insert(index)) {
            continue;
        }
        let (path, place) = match outermost {
            Some((index, scope)) => (&scope.path, places.scopes.get(index).map(|place| place.name)),
            None => (&layer.path, places.layers.get(id.index()).map(|place| place.name)),
        };
        diagnostics.push(ResolveError::Unused {
            what: "the layer",
            path: path.to_string(),
            labels: vec![primary(place.unwrap_or_default(), "it is never called")],
            help: Some(format!("call it, `{path}(x)`, or remove it")),
        });
    }
}

/// Layers whose running statistics several calls change.
fn statistics(places: &Places, graph: &Graph, diagnostics: &mut Diagnostics) {
    let stateful = |id: LayerId| {
        let layer = &graph.layers[id];
        layer.calls > 1 && layer.slots.iter().any(|slot| graph.slots[*slot].kind == SlotKind::Buffer)
    };
    if !graph.layers.ids().any(stateful) {
        return;
    }
    let mut calls: HashMap<LayerId, Vec<Span>> = HashMap::new();
    for (id, node) in graph.nodes.iter() {
        if let Some(layer) = node.layer.filter(|layer| stateful(*layer)) {
            let spans = calls.entry(layer).or_default();
            let span = places.calls.get(id.index()).map_or(Span::default(), |place| place.whole);
            if spans.len() < 3 && !spans.contains(&span) {
                spans.push(span);
            }
        }
    }
    for id in graph.layers.ids().filter(|id| stateful(*id)) {
        let layer = &graph.layers[id];
        let place = places.layers.get(id.index()).map_or(Span::default(), |place| place.name);
        let mut labels = vec![primary(place, "every call in training changes its statistics")];
        labels.extend(calls.remove(&id).unwrap_or_default().into_iter().map(|span| label(span, "called here")));
        diagnostics.push(ResolveError::SharedStatistics {
            path: layer.path.to_string(),
            calls: layer.calls,
            labels,
            help: Some(apart(layer.path.as_str())),
        });
    }
}

/// How each call gets statistics of its own. A layer inside another has no name that could stand beside it.
fn apart(path: &str) -> String {
    if path.contains(['.', '[']) {
        return "give each call an instance of its own, and tie what is meant to be shared: the weights, not the \
                statistics"
            .to_owned();
    }
    format!(
        "give each call a layer of its own, `layer {path}_2 = …`, and tie what is meant to be shared: \
         `weight=@{path}.weight bias=@{path}.bias`"
    )
}

fn scales(model: &Model, places: &Places, graph: &Graph, diagnostics: &mut Diagnostics) {
    for (_, storage) in graph.storages.iter() {
        let Some(std) = storage.init.std(&storage.ty.shape) else { continue };
        for slot in &storage.members {
            let slot = &graph.slots[*slot];
            let SlotOf::Layer(layer_id, index) = slot.of else { continue };
            let layer = &graph.layers[layer_id];
            let Some(decl) = model.layers.get(layer_id.index()) else { continue };
            let written = decl.inits.iter().position(|(name, _)| slot.path.as_str().ends_with(name.as_str()));
            // Defaults are what they are.
            if storage.declaration.is_none() && written.is_none() {
                continue;
            }
            let specs = layer.operator.op.slots();
            let Some(spec) = specs.get(index).filter(|spec| spec.scaled) else { continue };
            let Some(usual) = spec.init.std(&slot.shape).filter(|usual| *usual > 0.0) else { continue };
            let ratio = std / usual;
            if ratio <= MAX_SCALE {
                continue;
            }
            let layer_place = places.layers.get(layer_id.index());
            let declared = storage.declaration.and_then(|index| places.storages.get(index));
            let at = match (declared, written) {
                (Some(place), _) => place.init.unwrap_or(place.name),
                (None, Some(written)) => {
                    layer_place.and_then(|place| place.inits.get(written)).copied().unwrap_or_default()
                }
                (None, None) => continue,
            };
            let kind = layer.operator.op.def().name;
            let mut labels = vec![primary(at, format!("standard deviation {}", short(std)))];
            if declared.is_some() {
                labels.extend(
                    places.tie(slot).map(|tie| label(tie.whole, format!("`{kind}` starts with {}", short(usual)))),
                );
            }
            diagnostics.push(ResolveError::InitializerScale {
                path: storage.path.to_string(),
                kind,
                ratio: short(ratio),
                labels,
                help: Some(format!("`normal(std={})` has the scale of `{kind}`'s own", short(usual))),
            });
            break;
        }
    }
}

/// Two significant digits.
fn short(value: f64) -> String {
    let digits = if value >= 1.0 || value <= 0.0 { 1 } else { 1 + (-value.log10()).ceil() as usize };
    let text = format!("{value:.digits$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
