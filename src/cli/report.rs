//! `wnet.check/1`: what `wnetc check --format json` says of a file.

use super::render::json;
use super::render::places::Places;
use super::sharing::place;
use crate::CheckedModel;
use crate::diag::{Diagnostic, Severity};
use crate::infer::relation_name;
use crate::ir::sharing::{counts, is_shared, sorted};
use crate::ir::{SlotId, StorageId, Use, UseKind, arguments_json, dim_json, sentence, shape_json};
use crate::span::SourceMap;
use serde_json::{Value as Json, json};
use std::collections::HashMap;

pub(super) fn check(file: &str, map: &SourceMap, found: &[Diagnostic], models: &[CheckedModel]) -> Json {
    let count = |severity| found.iter().filter(|found| found.severity == severity).count();
    let mut places = Places::new(map);
    json!({
        "schema": "wnet.check/1",
        "file": file,
        "errors": count(Severity::Error),
        "warnings": count(Severity::Warning),
        "models": models.iter().map(|model| describe(model, &mut places)).collect::<Vec<_>>(),
        "diagnostics": json::diagnostics(map, found),
    })
}

fn describe(model: &CheckedModel, places: &mut Places<'_>) -> Json {
    let graph = &model.graph;
    let counts = counts(graph).map(|dim| model.types.dim(dim));
    let mut uses: HashMap<StorageId, Vec<Json>> = HashMap::new();
    for site in &graph.uses {
        uses.entry(site.storage).or_default().push(use_json(model, site, places));
    }
    let shared = graph.storages.iter().any(|(_, storage)| is_shared(graph, storage));
    let groups: Vec<Json> = sorted(graph)
        .into_iter()
        .map(|id| group(model, id, uses.get(&id).map_or(&[], Vec::as_slice), places))
        .collect();
    let requires: Vec<Json> = model
        .types
        .required
        .iter()
        .map(|required| {
            json!({
                "text": required.requirement.to_string(),
                "kind": relation_name(required.requirement.relation),
                "at": places.at(required.at),
            })
        })
        .collect();
    json!({
        "name": graph.name,
        "args": arguments_json(&graph.arguments),
        "sharing": {"shared": shared, "sentence": sentence(graph)},
        "params": {
            "unique": dim_json(&counts.unique),
            "naive": dim_json(&counts.naive),
            "untied": dim_json(&counts.untied),
            "trainable": dim_json(&counts.trainable),
            "buffers": dim_json(&counts.buffers),
        },
        "groups": groups,
        "requires": requires,
    })
}

fn group(model: &CheckedModel, id: StorageId, uses: &[Json], places: &mut Places<'_>) -> Json {
    let graph = &model.graph;
    let storage = &graph.storages[id];
    let dtype = match storage.ty.element.name() {
        "float" => "f32",
        other => other,
    };
    json!({
        "owner": storage.path.as_str(),
        "kind": storage.kind.name(),
        "shape": shape_json(&storage.ty.shape),
        "dtype": dtype,
        "numel": dim_json(&storage.ty.shape.numel()),
        "trainable": storage.trainable,
        "init": storage.init.to_string(),
        "shared": is_shared(graph, storage),
        "use_count": storage.use_count,
        "members": storage.members.iter().map(|slot| member(model, *slot, places)).collect::<Vec<_>>(),
        "uses": uses,
    })
}

fn member(model: &CheckedModel, id: SlotId, places: &mut Places<'_>) -> Json {
    let slot = &model.graph.slots[id];
    let tie = slot.tie.as_ref();
    let at = model.places.tie(slot).map_or_else(|| model.places.owner(slot), |tie| tie.target);
    json!({
        "path": slot.path.as_str(),
        "view": slot.view.kind().name(),
        "expr": tie.map_or_else(String::new, |tie| format!("@{}{}", tie.target.path, tie.target.view)),
        "shape": shape_json(&slot.shape),
        "at": places.at(at),
    })
}

fn use_json(model: &CheckedModel, site: &Use, places: &mut Places<'_>) -> Json {
    json!({
        "path": site.path.as_str(),
        "via": site.via.as_str(),
        "as": match site.kind {
            UseKind::Call => "call",
            UseKind::Value => "value",
        },
        "count": site.count,
        "at": places.at(place(model, site.at)),
    })
}
