//! `wnet.check/1`: what `wnetc check --format json` says of a file. Each element of a list is made when it is written, so
//! that the text of a large model is never in memory.

use super::args::Source;
use super::footprint::{self, Footprint};
use super::render::json;
use super::render::places::{At, Places};
use super::sharing::place;
use crate::CheckedModel;
use crate::diag::{Diagnostic, Severity};
use crate::infer::{Required, relation_name};
use crate::ir::sharing::{counts, is_shared, sorted};
use crate::ir::{Answer, SlotId, StorageId, Use, UseKind, answer, arguments_json, dim_json, shape_json};
use crate::span::{SourceMap, Span};
use serde::{Serialize, Serializer};
use serde_json::{Value as Json, json};
use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{self, Write};

/// Writes the object, and nothing behind it.
pub(super) fn check(
    out: &mut impl Write,
    file: &str,
    map: &SourceMap,
    found: &[Diagnostic],
    models: &[CheckedModel],
    memory: Option<&Source>,
) -> io::Result<()> {
    let count = |severity| found.iter().filter(|found| found.severity == severity).count();
    let places = RefCell::new(Places::new(map));
    let report = Report {
        schema: "wnet.check/1",
        file,
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        models: Each(|| models.iter().map(|model| Reported { model, places: &places, footprint: memory })),
        diagnostics: Each(|| found.iter().map(|one| json::diagnostic(&mut places.borrow_mut(), one))),
    };
    Ok(serde_json::to_writer(out, &report)?)
}

/// A list whose elements are made one by one.
struct Each<F>(F);

impl<F, I> Serialize for Each<F>
where
    F: Fn() -> I,
    I: Iterator<Item: Serialize>,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

#[derive(Serialize)]
struct Report<'a, M, D> {
    schema: &'a str,
    file: &'a str,
    errors: usize,
    warnings: usize,
    models: M,
    diagnostics: D,
}

/// A model with the places of the text that it was read from.
struct Reported<'a, 'm> {
    model: &'a CheckedModel,
    places: &'a RefCell<Places<'m>>,
    /// The sizes at which memory is wanted, if it is.
    footprint: Option<&'a Source>,
}

#[derive(Serialize)]
struct ModelJson<'a, G, R> {
    name: &'a str,
    args: Json,
    sharing: Json,
    params: Json,
    groups: G,
    requires: R,
    /// None without `--memory`, or where a size isn't known.
    #[serde(skip_serializing_if = "Option::is_none")]
    memory: Option<Vec<Footprint>>,
}

impl Serialize for Reported<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let graph = &self.model.graph;
        let counts = counts(graph).map(|dim| self.model.types.dim(dim));
        let Answer { shared, sentence } = answer(graph);
        let mut uses: HashMap<StorageId, Vec<&Use>> = HashMap::new();
        for site in &graph.uses {
            uses.entry(site.storage).or_default().push(site);
        }
        let model = ModelJson {
            name: &graph.name,
            args: arguments_json(&graph.arguments),
            sharing: json!({"shared": shared, "sentence": sentence}),
            params: json!({
                "unique": dim_json(&counts.unique),
                "naive": dim_json(&counts.naive),
                "untied": dim_json(&counts.untied),
                "trainable": dim_json(&counts.trainable),
                "buffers": dim_json(&counts.buffers),
            }),
            groups: Each(|| {
                let ids = sorted(graph).into_iter();
                ids.map(|id| Group { of: self, id, uses: uses.get(&id).map_or(&[], Vec::as_slice) })
            }),
            requires: Each(|| self.model.types.required.iter().map(|required| self.required(required))),
            memory: self.footprint.and_then(|source| footprint::of(self.model, source).ok()),
        };
        model.serialize(serializer)
    }
}

impl Reported<'_, '_> {
    fn required(&self, required: &Required) -> Json {
        json!({
            "text": required.requirement.to_string(),
            "kind": relation_name(required.requirement.relation),
            "at": self.places.borrow_mut().at(required.at),
        })
    }
}

struct Group<'a, 'b, 'm> {
    of: &'a Reported<'b, 'm>,
    id: StorageId,
    uses: &'a [&'a Use],
}

#[derive(Serialize)]
struct GroupJson<'a, M, U> {
    owner: &'a str,
    kind: &'a str,
    shape: Json,
    dtype: &'a str,
    numel: Json,
    trainable: bool,
    init: String,
    shared: bool,
    use_count: u64,
    members: M,
    uses: U,
}

impl Serialize for Group<'_, '_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Reported { model, places, .. } = self.of;
        let storage = &model.graph.storages[self.id];
        let at = |span| places.borrow_mut().at(span);
        let group = GroupJson {
            owner: storage.path.as_str(),
            kind: storage.kind.name(),
            shape: shape_json(&storage.ty.shape),
            dtype: match storage.ty.element.name() {
                "float" => "f32",
                other => other,
            },
            numel: dim_json(&storage.ty.shape.numel()),
            trainable: storage.trainable,
            init: storage.init.to_string(),
            shared: is_shared(&model.graph, storage),
            use_count: storage.use_count,
            members: Each(|| storage.members.iter().map(|slot| member(model, *slot, &at))),
            uses: Each(|| self.uses.iter().map(|site| use_json(model, site, &at))),
        };
        group.serialize(serializer)
    }
}

fn member(model: &CheckedModel, id: SlotId, at: &impl Fn(Span) -> At) -> Json {
    let slot = &model.graph.slots[id];
    let tie = slot.tie.as_ref();
    let place = model.places.tie(slot).map_or_else(|| model.places.owner(slot), |tie| tie.target);
    json!({
        "path": slot.path.as_str(),
        "view": slot.view.kind().name(),
        "expr": tie.map_or_else(String::new, |tie| format!("@{}{}", tie.target.path, tie.target.view)),
        "shape": shape_json(&slot.shape),
        "at": at(place),
    })
}

fn use_json(model: &CheckedModel, site: &Use, at: &impl Fn(Span) -> At) -> Json {
    json!({
        "path": site.path.as_str(),
        "via": site.via.as_str(),
        "as": match site.kind {
            UseKind::Call => "call",
            UseKind::Value => "value",
        },
        "count": site.count,
        "at": at(place(model, site.at)),
    })
}
