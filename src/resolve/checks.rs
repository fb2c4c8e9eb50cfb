//! Warnings: what is declared and never used, sharing that isn't one, initial values of a scale that won't train.

use super::errors::ResolveError;
use crate::diag::{Diagnostics, label, primary};
use crate::ir::{Graph, Model, Places, StorageKind, ValueOf};
use crate::span::Span;
use std::collections::HashSet;

/// How many times the scale of the default an initializer may have.
const MAX_SCALE: f64 = 4.0;

pub(super) fn warn(model: &Model, places: &Places, graph: &Graph, diagnostics: &mut Diagnostics) {
    if !model.partial {
        unused_params(places, graph, diagnostics);
        unused_layers(model, places, graph, diagnostics);
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
            [only] if !as_value.contains(&id) && storage.kind == StorageKind::Param => {
                let slot = &graph.slots[*only];
                let layer = places.layers.get(slot.layer.index());
                let tie = layer.and_then(|layer| slot.tie.as_ref().and_then(|tie| layer.ties.get(tie.index)));
                let mut labels = vec![primary(place.name, "the param")];
                labels.extend(tie.map(|tie| label(tie.whole, "its only slot")));
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
    for layer in &model.layers {
        read.extend(layer.ties.iter().map(|tie| tie.target.path.as_str()));
    }
    for (_, value) in graph.values.iter() {
        if let ValueOf::Storage(reference) = &value.of {
            read.insert(reference.path.as_str());
        }
    }
    for (id, layer) in graph.layers.iter() {
        let owned = layer.slots.iter().any(|slot| read.contains(graph.slots[*slot].path.as_str()));
        if layer.calls > 0 || owned {
            continue;
        }
        let place = places.layers.get(id.index()).map_or(Span::default(), |place| place.name);
        diagnostics.push(ResolveError::Unused {
            what: "the layer",
            path: layer.path.to_string(),
            labels: vec![primary(place, "it is never called")],
            help: Some(format!("call it, `{}(x)`, or remove it", layer.path)),
        });
    }
}

fn scales(model: &Model, places: &Places, graph: &Graph, diagnostics: &mut Diagnostics) {
    for (_, storage) in graph.storages.iter() {
        let Some(std) = storage.init.std(&storage.ty.shape) else { continue };
        for slot in &storage.members {
            let slot = &graph.slots[*slot];
            let layer = &graph.layers[slot.layer];
            let Some(decl) = model.layers.get(slot.layer.index()) else { continue };
            let written = decl.inits.iter().position(|(name, _)| slot.path.as_str().ends_with(name.as_str()));
            // Defaults are what they are.
            if storage.declaration.is_none() && written.is_none() {
                continue;
            }
            let specs = layer.operator.op.slots();
            let Some(spec) = specs.get(slot.index).filter(|spec| spec.scaled) else { continue };
            let Some(usual) = spec.init.std(&slot.shape).filter(|usual| *usual > 0.0) else { continue };
            let ratio = std / usual;
            if ratio <= MAX_SCALE {
                continue;
            }
            let layer_place = places.layers.get(slot.layer.index());
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
                let tie = layer_place.and_then(|place| slot.tie.as_ref().and_then(|tie| place.ties.get(tie.index)));
                labels.extend(tie.map(|tie| label(tie.whole, format!("`{kind}` starts with {}", short(usual)))));
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
