//! The table of `wnetc check --sharing`: every storage, the slots that reach it, and where it is used.

use crate::CheckedModel;
use crate::cli::render::places::Places;
use crate::ir::sharing::{counts, is_shared, sorted};
use crate::ir::{Graph, Storage, StorageId, UseSite};
use crate::sanitize;
use crate::span::{SourceMap, Span};
use comfy_table::{Table, presets};
use std::collections::HashMap;
use std::io::{self, Write};

pub(super) fn table(model: &CheckedModel, map: &SourceMap, out: &mut impl Write) -> io::Result<()> {
    let graph = &model.graph;
    let mut places = Places::new(map);
    let mut uses: HashMap<StorageId, Vec<String>> = HashMap::new();
    for site in &graph.uses {
        let at = places.position(place(model, site.at).start);
        let count = if site.count == 1 { String::new() } else { format!(" × {}", site.count) };
        let text = format!("{} {}:{}{count}", site.via, at.line, at.column);
        uses.entry(site.storage).or_default().push(text);
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["storage", "kind", "shape", "shared", "slots", "uses"]);
    for id in sorted(graph) {
        let storage = &graph.storages[id];
        let used = uses.get(&id).map_or_else(String::new, |uses| uses.join("\n"));
        let kind = if storage.trainable || storage.kind.name() == "buffer" {
            storage.kind.name().to_owned()
        } else {
            format!("frozen {}", storage.kind.name())
        };
        table.add_row([
            storage.path.to_string(),
            kind,
            storage.ty.shape.to_string(),
            if is_shared(graph, storage) { "yes" } else { "no" }.to_owned(),
            members(graph, storage),
            used,
        ]);
    }
    for line in table.lines() {
        writeln!(out, "{}", sanitize::line(line.trim_end()))?;
    }
    let counts = counts(graph).map(|dim| model.types.dim(dim));
    writeln!(out, "unique {}, naive {}, untied {}", counts.unique, counts.naive, counts.untied)
}

/// One line for each slot; what it sees of the storage stands behind it.
fn members(graph: &Graph, storage: &Storage) -> String {
    let lines = storage.members.iter().map(|slot| {
        let slot = &graph.slots[*slot];
        if slot.view.is_whole() {
            slot.path.to_string()
        } else {
            format!("{} = {}{}", slot.path, storage.path, slot.view)
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Where a use stands.
pub(super) fn place(model: &CheckedModel, site: UseSite) -> Span {
    match site {
        UseSite::Node(node) => model.places.calls.get(node.index()).map(|place| place.whole),
        UseSite::Value(value) => model.places.values.get(value.index()).copied(),
    }
    .unwrap_or(model.places.model)
}
