//! `wnetc ir`: what each stage made of a file.

use super::args::{Ir, Stage, TextFormat};
use super::load::{Known, Loaded, checked, load};
use super::output::{Done, Output, Status};
use crate::diag::{Diagnostics, Severity};
use crate::infer::{typed_json, typed_text};
use crate::ir::{graph_json, graph_text, model_json, model_text};
use crate::plan::{plan_json, plan_text};
use crate::run::{self, Request};
use crate::syntax::{tree_json, tree_text};
use crate::{Checked, CheckedModel};
use serde_json::Value as Json;
use std::io::Write;

pub(super) fn main(args: &Ir, output: &mut Output) -> Done {
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
    let mut failed = checked.diagnostics.iter().any(|found| found.severity == Severity::Error);
    if args.stage == Stage::Ast {
        print(args, output, || tree_text(&checked.tree), || tree_json(&checked.tree))?;
    } else {
        failed |= models(args, &loaded, &checked, output)?;
    }
    Ok(if failed { Status::Found } else { Status::Fine })
}

/// Prints every model; true if one couldn't be planned.
fn models(args: &Ir, loaded: &Loaded, checked: &Checked, output: &mut Output) -> Result<bool, super::Failure> {
    let mut failed = false;
    for model in &checked.models {
        match args.stage {
            Stage::Ast | Stage::Model => {
                print(args, output, || model_text(&model.model), || model_json(&model.model))?;
            }
            Stage::Graph => print(args, output, || graph_text(&model.graph), || graph_json(&model.graph))?,
            Stage::Typed => {
                if let Some(typed) = model.typed() {
                    print(args, output, || typed_text(&typed), || typed_json(&typed))?;
                }
            }
            Stage::Plan => failed |= plan(args, loaded, model, output)?,
        }
    }
    Ok(failed)
}

fn plan(args: &Ir, loaded: &Loaded, model: &CheckedModel, output: &mut Output) -> Result<bool, super::Failure> {
    let mut found = Diagnostics::new();
    let request = Request { sizes: super::run::sizes(&args.source), backward: true, ..Request::default() };
    let planned = run::planned(model, &request, &mut found);
    if let Some(planned) = planned {
        print(args, output, || plan_text(&planned), || plan_json(&planned))?;
        return Ok(false);
    }
    output.report(&loaded.map, &found.sorted(), 50)?;
    Ok(true)
}

fn print(
    args: &Ir,
    output: &mut Output,
    text: impl FnOnce() -> String,
    json: impl FnOnce() -> Json,
) -> Result<(), super::Failure> {
    match args.format {
        TextFormat::Text => write!(output.out(), "{}", crate::sanitize::text(&text()))?,
        TextFormat::Json => writeln!(output.out(), "{}", json())?,
    }
    Ok(())
}
