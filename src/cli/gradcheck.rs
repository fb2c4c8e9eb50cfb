//! `wnetc gradcheck`: the gradients of a model against differences, as a table or as JSON.

use super::args::{Given, RunFormat, Source};
use super::load::{examined, single};
use super::output::{Done, Output, Status};
use super::render::json::{JsonDiagnostic, diagnostics};
use super::render::places::Places;
use super::run::{Reader, sizes};
use super::{threads, values};
use crate::CheckedModel;
use crate::diag::{Diagnostic, Diagnostics};
use crate::run::{self, Comparison, GradCheck, Request, Tally, TensorCheck, UseCheck, number};
use crate::sanitize;
use crate::span::SourceMap;
use comfy_table::{CellAlignment, Table, presets};
use serde_json::{Value as Json, json};
use std::io::{self, Write};
use std::path::PathBuf;

const HEADER: [&str; 7] = ["tensor", "shape", "used by", "compared", "kinks", "difference", "at"];

/// Differences smaller than this part of what is allowed are mostly the rounding of the differences.
const SMALL: f64 = 1e-3;

#[derive(Debug, clap::Args)]
pub(super) struct Flags {
    /// The file; `-` is standard input.
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,

    #[command(flatten)]
    pub(super) source: Source,

    #[command(flatten)]
    pub(super) given: Given,

    /// The step of the differences.
    #[arg(long, value_name = "X", default_value = "1e-6", value_parser = values::positive)]
    pub(super) eps: f64,

    /// How much a gradient may differ at any size.
    #[arg(long, value_name = "X", default_value = "1e-5", value_parser = values::not_negative)]
    pub(super) atol: f64,

    /// How much a gradient may differ for each unit of its size.
    #[arg(long, value_name = "X", default_value = "1e-3", value_parser = values::positive)]
    pub(super) rtol: f64,

    /// Compare so many elements of each tensor, drawn from the seed.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..))]
    pub(super) samples: usize,

    /// Compare all elements.
    #[arg(long, conflicts_with = "samples")]
    pub(super) all: bool,

    /// How to show the results (JSON: `wnet.gradcheck/1`).
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: RunFormat,
}

pub(super) fn main(args: &Flags, output: &mut Output) -> Done {
    let (loaded, checked) = examined(&args.file, &args.source)?;
    let mut found = Diagnostics::new();
    let model = match single(&loaded, checked.as_ref())? {
        Ok(model) => model,
        Err(errors) => return failed(args, &loaded.map, &errors, output),
    };
    threads::use_flag(args.given.threads);
    let mut reader = Reader::new(&args.given);
    let data = reader.read(args.given.data.as_ref(), &mut found)?;
    let weights = reader.read(args.given.weights.as_ref(), &mut found)?;
    if found.has_errors() {
        return failed(args, &loaded.map, &found.sorted(), output);
    }
    let request = Request {
        sizes: sizes(&args.source),
        data,
        weights,
        seed: args.given.seed,
        mode: args.given.mode.into(),
        backward: true,
        widen: true,
        memory: reader.memory,
        ..Request::default()
    };
    let comparison =
        Comparison { eps: args.eps, atol: args.atol, rtol: args.rtol, samples: (!args.all).then_some(args.samples) };
    let Some(checked) = run::gradcheck(model, &request, &comparison, &mut found) else {
        return failed(args, &loaded.map, &found.sorted(), output);
    };
    let found = found.sorted();
    match args.format {
        RunFormat::Human => {
            output.report(&loaded.map, &found, 50)?;
            human(args, &checked, &loaded.map, output.out())?;
        }
        RunFormat::Json => {
            let json = report(model, &comparison, &checked, &loaded.map, &diagnostics(&loaded.map, &found));
            writeln!(output.out(), "{json}")?;
        }
    }
    Ok(if checked.is_right() { Status::Fine } else { Status::Found })
}

fn failed(args: &Flags, map: &SourceMap, found: &[Diagnostic], output: &mut Output) -> Done {
    match args.format {
        RunFormat::Human => output.report(map, found, 50)?,
        RunFormat::Json => {
            let json = json!({"schema": "wnet.gradcheck/1", "model": null, "diagnostics": diagnostics(map, found)});
            writeln!(output.out(), "{json}")?;
        }
    }
    Ok(Status::Found)
}

fn human(args: &Flags, checked: &GradCheck, map: &SourceMap, out: &mut impl Write) -> io::Result<()> {
    let mut places = Places::new(map);
    let mut used_by = |one: &UseCheck| {
        let at = places.position(one.at.start);
        format!("{} {}:{}", one.name, at.line, at.column)
    };
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(HEADER);
    for tensor in &checked.tensors {
        let shape = format!("{:?}", tensor.shape);
        let uses = match tensor.uses.as_slice() {
            [one] => used_by(one),
            [] => String::new(),
            uses => format!("{} uses", uses.len() + tensor.more_uses),
        };
        table.add_row(row(args, [tensor.path.clone(), shape, uses], tensor, &tensor.all));
        if tensor.uses.len() > 1 {
            for one in &tensor.uses {
                table.add_row(row(args, [String::new(), String::new(), used_by(one)], tensor, &one.part));
            }
        }
        if tensor.more_uses > 0 {
            table.add_row(["", "", &format!("and {} more", tensor.more_uses)]);
        }
    }
    for column in table.column_iter_mut().skip(3).take(3) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    for line in table.lines() {
        writeln!(out, "{}", sanitize::line(line.trim_end()))?;
    }
    let start = match checked.loss {
        Some(loss) => format!("the loss, {}", number(loss)),
        None => "the outputs, each element times a factor drawn from the seed".to_owned(),
    };
    writeln!(out, "gradients of {start}")?;
    if checked.tensors.iter().any(|tensor| tensor.all.checked < tensor.len()) {
        writeln!(out, "elements drawn by seed {}; --all compares all of them", args.given.seed)?;
    }
    let wrong = checked.tensors.iter().filter(|tensor| !tensor.is_right()).count();
    let (atol, rtol) = (short(args.atol), short(args.rtol));
    match (wrong, checked.tensors.len()) {
        (0, _) => writeln!(out, "all are right, within {atol} + {rtol} of their size"),
        (wrong, all) => {
            writeln!(out, "{wrong} of {all} are wrong: they differ by more than {atol} + {rtol} of their size")
        }
    }
}

fn row(args: &Flags, [path, shape, uses]: [String; 3], tensor: &TensorCheck, tally: &Tally) -> [String; 7] {
    let compared = if tally.checked < tensor.len() {
        format!("{} of {}", tally.checked, tensor.len())
    } else {
        tally.checked.to_string()
    };
    let kinks = if tally.kinks == 0 { String::new() } else { tally.kinks.to_string() };
    let (difference, at) = match &tally.worst {
        Some(worst) if worst.difference <= SMALL * args.rtol => {
            (format!("< {}", short(SMALL * args.rtol)), String::new())
        }
        Some(worst) => (short(worst.difference), format!("{:?}", tensor.indices(worst))),
        None => (String::new(), String::new()),
    };
    [path, shape, uses, compared, kinks, difference, at]
}

/// Two significant digits at most.
fn short(value: f64) -> String {
    let text = format!("{value:.1e}");
    text.replace(".0e", "e")
}

fn report(
    model: &CheckedModel,
    comparison: &Comparison,
    checked: &GradCheck,
    map: &SourceMap,
    found: &[JsonDiagnostic],
) -> Json {
    let mut places = Places::new(map);
    let tensors: Vec<Json> = checked
        .tensors
        .iter()
        .map(|tensor| {
            let tally = |tally: &Tally| {
                let worst = tally.worst.as_ref().map(|worst| {
                    json!({
                        "at": tensor.indices(worst),
                        "gradient": worst.gradient,
                        "quotient": worst.quotient,
                        "difference": worst.difference,
                    })
                });
                json!({"compared": tally.checked, "kinks": tally.kinks, "wrong": tally.wrong, "worst": worst})
            };
            let uses: Vec<Json> = tensor
                .uses
                .iter()
                .map(|one| json!({"name": one.name, "at": places.at(one.at), "part": tally(&one.part)}))
                .collect();
            json!({
                "path": tensor.path,
                "shape": tensor.shape,
                "gradient": tally(&tensor.all),
                "uses": uses,
                "more_uses": tensor.more_uses,
            })
        })
        .collect();
    json!({
        "schema": "wnet.gradcheck/1",
        "model": model.graph.name,
        "right": checked.is_right(),
        "loss": checked.loss,
        "eps": comparison.eps,
        "atol": comparison.atol,
        "rtol": comparison.rtol,
        "tensors": tensors,
        "diagnostics": found,
    })
}
