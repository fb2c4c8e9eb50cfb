//! `wnetc summary`: the table of each model, from its types alone.

use super::args::{Column, Summary, TextFormat};
use super::load::{Known, checked, load};
use super::output::{Done, Failure, Output, Status, tree_marks};
use crate::CheckedModel;
use crate::diag::Severity;
use crate::ir::{dim_json, shape_json};
use crate::plan::Bindings;
use crate::sanitize;
use crate::shape::{Dim, SymbolKind, TensorType};
use crate::view::{self, Row};
use comfy_table::{CellAlignment, Table, presets};
use serde_json::{Value as Json, json};
use std::io::Write;

/// The bytes of an element, unless a run says otherwise.
const FLOAT: i64 = 4;

pub(super) fn main(args: &Summary, output: &mut Output) -> Done {
    let mut loaded = load(&args.file, &args.source)?;
    if let Some(unreadable) = &loaded.unreadable {
        output.report(&loaded.map, std::slice::from_ref(unreadable), usize::MAX)?;
        return Ok(Status::Found);
    }
    let checked = checked(&mut loaded, &args.source);
    let mut known = Known::default();
    known.add(&checked, &args.source);
    known.verify(&args.source)?;
    output.report(&loaded.map, &checked.diagnostics, 50)?;
    for (index, model) in checked.models.iter().enumerate() {
        let Some(typed) = model.typed() else { continue };
        let mut summary = view::summary(&typed);
        let sizes = sizes(model, args);
        substitute(&mut summary, &sizes);
        match args.format {
            TextFormat::Json => writeln!(output.out(), "{}", json(&summary))?,
            TextFormat::Text => {
                if index > 0 {
                    writeln!(output.out())?;
                }
                text(&summary, args, output)?;
            }
        }
    }
    let failed = checked.diagnostics.iter().any(|found| found.severity == Severity::Error);
    Ok(if failed { Status::Found } else { Status::Fine })
}

/// Sizes of inputs that the flags give.
fn sizes(model: &CheckedModel, args: &Summary) -> Bindings {
    let mut bindings = Bindings::new();
    let sizes = super::run::sizes(&args.source);
    for symbol in model.graph.symbols.iter().filter(|symbol| symbol.kind == SymbolKind::Input) {
        if let Some(size) = sizes.get(&*symbol.name) {
            bindings.set(symbol, *size);
        }
    }
    bindings
}

fn substitute(summary: &mut view::Summary, sizes: &Bindings) {
    let set = |dim: &mut Dim| *dim = sizes.substitute(dim);
    let set_type = |ty: &mut TensorType| ty.shape = ty.shape.map(|dim| sizes.substitute(dim));
    summary.inputs.iter_mut().for_each(|(_, ty)| set_type(ty));
    for row in &mut summary.rows {
        row.outputs.iter_mut().for_each(set_type);
        [&mut row.params, &mut row.naive, &mut row.trainable, &mut row.flops].into_iter().for_each(set);
    }
    set(&mut summary.flops);
    let memory = &mut summary.memory;
    [&mut memory.params, &mut memory.gradients, &mut memory.activations].into_iter().for_each(set);
}

fn text(summary: &view::Summary, args: &Summary, output: &mut Output) -> Result<(), Failure> {
    let columns: Vec<Column> = if args.columns.is_empty() { Column::DEFAULT.to_vec() } else { args.columns.clone() };
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let title = |column: &Column| column.title().to_owned();
    table.set_header(["layer".to_owned(), "kind".to_owned()].into_iter().chain(columns.iter().map(title)));
    let inputs: Vec<String> = summary.inputs.iter().map(|(name, ty)| format!("{name}: {ty}")).collect();
    let marks = tree_marks();
    let mut open: Vec<bool> = Vec::new();
    for row in summary.rows.iter().filter(|row| args.depth.is_none_or(|depth| row.depth < depth)) {
        open.truncate(row.depth);
        let lines: String = open.iter().map(|more| if *more { marks.pass } else { marks.none }).collect();
        let mark = if row.last { marks.last } else { marks.branch };
        open.push(!row.last);
        let name = format!("{lines}{mark}{}", row.name);
        let cells = columns.iter().map(|column| cell(row, *column));
        table.add_row([name, row.kind.clone()].into_iter().chain(cells));
    }
    for (index, column) in columns.iter().enumerate() {
        if let (true, Some(column)) = (column.is_number(), table.column_mut(index + 2)) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let out = output.out();
    writeln!(out, "{}", sanitize::line(&format!("{}({})", summary.model, inputs.join(", "))))?;
    if !summary.rows.is_empty() {
        for line in table.lines() {
            writeln!(out, "{}", sanitize::line(line.trim_end()))?;
        }
    }
    totals(summary, out)?;
    Ok(())
}

fn totals(summary: &view::Summary, out: &mut impl Write) -> std::io::Result<()> {
    let counts = &summary.params;
    write!(out, "parameters: {}", counts.unique)?;
    if counts.naive != counts.unique {
        write!(out, " (each shared storage once; {} without sharing)", counts.naive)?;
    }
    writeln!(out)?;
    if counts.trainable != counts.unique {
        writeln!(out, "trainable: {}, frozen: {}", counts.trainable, counts.unique.sub(&counts.trainable))?;
    }
    if counts.buffers.as_const() != Some(0) {
        writeln!(out, "buffers: {}", counts.buffers)?;
    }
    writeln!(out, "additions and multiplications, forward: {}", summary.flops)?;
    let memory = &summary.memory;
    let total = memory.params.add(&memory.gradients).add(&memory.activations);
    writeln!(out, "parameters and buffers: {}", bytes(&memory.params))?;
    writeln!(out, "kept for backward: {}", bytes(&memory.activations))?;
    writeln!(out, "training step, with gradients of parameters: {}", bytes(&total))
}

/// The bytes of so many floats.
fn bytes(elements: &Dim) -> String {
    let bytes = elements.mul(&Dim::from(FLOAT));
    match bytes.as_const() {
        Some(bytes) if bytes >= 1 << 20 => format!("{:.2} MiB", bytes as f64 / f64::from(1 << 20)),
        Some(bytes) if bytes >= 1 << 10 => format!("{:.2} KiB", bytes as f64 / f64::from(1 << 10)),
        Some(bytes) => format!("{bytes} bytes"),
        None => format!("{bytes} bytes"),
    }
}

fn cell(row: &Row, column: Column) -> String {
    let number = |dim: &Dim| if *dim == Dim::ZERO { "-".to_owned() } else { dim.to_string() };
    match column {
        Column::Output => row.outputs.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        Column::Params => number(&row.params),
        Column::Naive => number(&row.naive),
        Column::Trainable => number(&row.trainable),
        Column::Shared => row.shared.join(", "),
        Column::Calls => row.calls.to_string(),
        Column::Flops => number(&row.flops),
    }
}

fn json(summary: &view::Summary) -> Json {
    let types = |types: &[TensorType]| -> Vec<Json> {
        types.iter().map(|ty| json!({"dtype": ty.element.name(), "shape": shape_json(&ty.shape)})).collect()
    };
    let rows: Vec<Json> = summary
        .rows
        .iter()
        .map(|row| {
            json!({
                "path": row.path,
                "kind": row.kind,
                "depth": row.depth,
                "outputs": types(&row.outputs),
                "calls": row.calls,
                "params": dim_json(&row.params),
                "naive": dim_json(&row.naive),
                "trainable": dim_json(&row.trainable),
                "shared": row.shared,
                "flops": dim_json(&row.flops),
            })
        })
        .collect();
    let inputs: Vec<Json> = summary
        .inputs
        .iter()
        .map(|(name, ty)| json!({"name": name, "dtype": ty.element.name(), "shape": shape_json(&ty.shape)}))
        .collect();
    let bytes = |dim: &Dim| dim_json(&dim.mul(&Dim::from(FLOAT)));
    let memory = &summary.memory;
    json!({
        "schema": "wnet.summary/1",
        "model": summary.model,
        "inputs": inputs,
        "rows": rows,
        "params": {
            "unique": dim_json(&summary.params.unique),
            "naive": dim_json(&summary.params.naive),
            "untied": dim_json(&summary.params.untied),
            "trainable": dim_json(&summary.params.trainable),
            "buffers": dim_json(&summary.params.buffers),
        },
        "flops": dim_json(&summary.flops),
        "mult_adds": dim_json(&summary.flops.floor_div(&Dim::from(2i64))),
        "bytes": {
            "params": bytes(&memory.params),
            "gradients": bytes(&memory.gradients),
            "activations": bytes(&memory.activations),
        },
    })
}
