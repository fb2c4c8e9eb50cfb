//! The table of `wnetc check --sharing`: every storage, the slots that reach it, and where it is used.

use crate::CheckedModel;
use crate::cli::render::places::Places;
use crate::ir::sharing::{Counts, counts, counts_by_storage, is_only_divided, is_shared, sorted};
use crate::ir::{Graph, Storage, StorageId, StorageKind, UseSite};
use crate::sanitize;
use crate::span::{SourceMap, Span};
use comfy_table::{CellAlignment, Table, presets};
use std::collections::HashMap;
use std::io::{self, Write};

/// The columns, of which the last three are counts.
const HEADER: [&str; 10] =
    ["group", "owner", "kind", "shape", "shared", "members", "uses", "unique", "naive", "untied"];

pub(super) fn table(model: &CheckedModel, map: &SourceMap, out: &mut impl Write) -> io::Result<()> {
    let graph = &model.graph;
    let mut places = Places::new(map);
    let mut uses: HashMap<StorageId, Vec<String>> = HashMap::new();
    for site in &graph.uses {
        let at = places.at(place(model, site.at));
        let file = at.file.map_or_else(String::new, |file| format!("{file}:"));
        let count = if site.count == 1 { String::new() } else { format!(" × {}", site.count) };
        let text = format!("{} {file}{}:{}{count}", site.via, at.line, at.col);
        uses.entry(site.storage).or_default().push(text);
    }
    let by_storage = counts_by_storage(graph);
    let numbers = |counts: &Counts| {
        [&counts.unique, &counts.naive, &counts.untied].map(|count| model.types.dim(count).to_string())
    };
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(HEADER);
    for (index, id) in sorted(graph).into_iter().enumerate() {
        let storage = &graph.storages[id];
        let used = uses.get(&id).map_or_else(String::new, |uses| uses.join("\n"));
        let [unique, naive, untied] = match by_storage.get(id.index()) {
            Some(counts) if storage.kind != StorageKind::Buffer => numbers(counts),
            _ => [const { String::new() }; 3],
        };
        table.add_row([
            (index + 1).to_string(),
            storage.path.to_string(),
            kind(storage),
            storage.ty.shape.to_string(),
            shared(graph, storage).to_owned(),
            members(graph, storage),
            used,
            unique,
            naive,
            untied,
        ]);
    }
    let [unique, naive, untied] = numbers(&counts(graph));
    table.add_row(["all", "", "", "", "", "", "", &unique, &naive, &untied]);
    for column in table.column_iter_mut().skip(HEADER.len() - 3) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    for line in table.lines() {
        writeln!(out, "{}", sanitize::line(line.trim_end()))?;
    }
    Ok(())
}

/// Slots that see parts of a storage without a common element share no weights.
fn shared(graph: &Graph, storage: &Storage) -> &'static str {
    match is_shared(graph, storage) {
        true if is_only_divided(graph, storage) => "in parts",
        true => "yes",
        false => "no",
    }
}

fn kind(storage: &Storage) -> String {
    let kind = storage.kind.name();
    if storage.trainable || storage.kind == StorageKind::Buffer { kind.to_owned() } else { format!("frozen {kind}") }
}

/// One line for each slot that reaches a storage, with what it sees of it.
fn members(graph: &Graph, storage: &Storage) -> String {
    let lines = storage.members.iter().map(|slot| {
        let slot = &graph.slots[*slot];
        if slot.path == storage.path {
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
