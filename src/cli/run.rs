//! `wnetc run`: a model once, with data from a file or drawn from the seed.

use super::args::{Dtype, Run, RunFormat, Source};
use super::load::{Known, checked, load};
use super::memory;
use super::output::{Done, Failure, Output, Status};
use super::render::json::diagnostics;
use crate::diag::{Diagnostic, Diagnostics, Severity};
use crate::ops::Value;
use crate::run::{self, Outcome, Request};
use crate::span::SourceMap;
use crate::weights::{self, Array, Contents, Elements, FileError};
use crate::{CheckedModel, sanitize};
use indexmap::IndexMap;
use serde_json::{Value as Json, json};
use std::io::Write;
use std::path::{Path, PathBuf};

/// How many elements of an output are shown.
const SHOWN: usize = 6;

pub(super) fn main(args: &Run, output: &mut Output) -> Done {
    let mut loaded = load(&args.file, &args.source)?;
    let mut found = Diagnostics::new();
    if let Some(unreadable) = &loaded.unreadable {
        return failed(args, &loaded.map, std::slice::from_ref(unreadable), output);
    }
    let checked = checked(&mut loaded, &args.source);
    let mut known = Known::default();
    known.add(&checked, &args.source);
    known.verify(&args.source)?;
    let errors = checked.diagnostics.iter().any(|found| found.severity == Severity::Error);
    if errors {
        return failed(args, &loaded.map, &checked.diagnostics, output);
    }
    let model = match checked.models.as_slice() {
        [model] => model,
        [] => {
            // For a check this is a warning; there is nothing to run.
            let errors = checked.diagnostics.into_iter().filter(|found| found.code == "no-model");
            let errors: Vec<_> = errors.map(|found| Diagnostic { severity: Severity::Error, ..found }).collect();
            return failed(args, &loaded.map, &errors, output);
        }
        several => {
            let names: Vec<&str> = several.iter().map(|model| model.graph.name.as_str()).collect();
            let message = format!("`{}` has several models; choose one: --model {}", loaded.name, names.join("|"));
            return Err(Failure::Usage(message));
        }
    };
    writable(args)?;
    let outcome = request(args, &mut found)?.and_then(|request| match args.dtype {
        Dtype::F32 => run::run::<f32>(model, &request, &mut found),
        Dtype::F64 => run::run::<f64>(model, &request, &mut found),
    });
    let Some(outcome) = outcome else { return failed(args, &loaded.map, &found.sorted(), output) };
    if !write(args, &outcome, &mut found)? {
        return failed(args, &loaded.map, &found.sorted(), output);
    }
    let found = found.sorted();
    match args.format {
        RunFormat::Human => {
            output.report(&loaded.map, &found, 50)?;
            human(model, &outcome, output.out())?;
        }
        RunFormat::Json => {
            let json = report(model, &outcome, &diagnostics(&loaded.map, &found));
            writeln!(output.out(), "{json}")?;
        }
    }
    Ok(Status::Fine)
}

fn failed(args: &Run, map: &SourceMap, found: &[Diagnostic], output: &mut Output) -> Done {
    match args.format {
        RunFormat::Human => output.report(map, found, 50)?,
        RunFormat::Json => {
            let json = json!({"schema": "wnet.run/1", "model": null, "diagnostics": diagnostics(map, found)});
            writeln!(output.out(), "{json}")?;
        }
    }
    Ok(Status::Found)
}

/// The sizes among the settings; whether they are names of sizes was checked.
pub(super) fn sizes(source: &Source) -> IndexMap<String, i64> {
    let sizes = source.set.iter().filter_map(|setting| match &setting.value {
        Value::Int(size) => Some((setting.name.clone(), size.as_const()?)),
        _ => None,
    });
    sizes.collect()
}

/// Everything that the flags name, read. `None` if a file is wrong, which is reported.
fn request(args: &Run, found: &mut Diagnostics) -> Result<Option<Request>, Failure> {
    let memory = memory::limit(args.max_memory);
    let mut left = memory;
    let mut read = |path: &Option<PathBuf>| -> Result<Option<Contents>, Failure> {
        let Some(path) = path else { return Ok(None) };
        let limit = left.map_or(u64::MAX, |left| u64::try_from(left).unwrap_or(u64::MAX));
        match weights::read_within(path, limit) {
            Ok(contents) => {
                left = left.map(|left| left.saturating_sub(contents.bytes()));
                Ok(Some(contents))
            }
            Err(error) => file_failed(error, found).map(|()| None),
        }
    };
    let (data, weights, grad_outputs) = (read(&args.data)?, read(&args.weights)?, read(&args.grad_outputs)?);
    if found.has_errors() {
        return Ok(None);
    }
    Ok(Some(Request {
        sizes: sizes(&args.source),
        data,
        weights,
        seed: args.seed,
        mode: args.mode.into(),
        backward: args.backward,
        grad_outputs,
        keep_weights: args.save_weights.is_some(),
        memory,
    }))
}

/// A path that can't be read or written is the caller's mistake, anything else the file's.
fn file_failed(error: FileError, found: &mut Diagnostics) -> Result<(), Failure> {
    if error.is_path_problem() {
        return Err(Failure::Usage(error.to_string()));
    }
    found.push(error);
    Ok(())
}

/// Refuses paths that can't be written before anything is computed.
fn writable(args: &Run) -> Result<(), Failure> {
    let mut taken: Vec<(&str, PathBuf)> = Vec::new();
    for (flag, path) in [("--outputs", &args.outputs), ("--grads", &args.grads), ("--save-weights", &args.save_weights)]
    {
        let Some(path) = path else { continue };
        weights::writable(path).map_err(|error| Failure::Usage(format!("{flag}: {error}")))?;
        let place = path.canonicalize().unwrap_or_else(|_| path.clone());
        if let Some((other, _)) = taken.iter().find(|(_, taken)| *taken == place) {
            let path = path.display();
            return Err(Failure::Usage(format!("{other} and {flag} would both write `{path}`")));
        }
        taken.push((flag, place));
    }
    Ok(())
}

/// Writes what the flags ask for. False if something couldn't be, which is reported.
fn write(args: &Run, outcome: &Outcome, found: &mut Diagnostics) -> Result<bool, Failure> {
    let gradients: Vec<(String, &Array)> =
        outcome.gradients.iter().map(|gradient| (gradient.key.clone(), &gradient.array)).collect();
    let mut all = true;
    let mut put = |path: Option<&Path>, arrays: Vec<(&str, &Array)>, metadata: &[(&str, &str)]| {
        let Some(path) = path else { return Ok(()) };
        match weights::write(path, arrays, metadata) {
            Ok(()) => Ok(()),
            Err(error) => {
                all = false;
                file_failed(error, found)
            }
        }
    };
    put(args.outputs.as_deref(), outcome.outputs.iter().map(|(name, array)| (name.as_str(), array)).collect(), &[])?;
    put(args.grads.as_deref(), gradients.iter().map(|(name, array)| (name.as_str(), *array)).collect(), &[])?;
    let weights = outcome.weights.iter().map(|(name, array)| (name.as_str(), array)).collect();
    put(args.save_weights.as_deref(), weights, &[("wnet.aliases", &outcome.aliases)])?;
    Ok(all)
}

fn human(model: &CheckedModel, outcome: &Outcome, out: &mut impl Write) -> std::io::Result<()> {
    let mut rows: Vec<[String; 4]> = Vec::new();
    for (name, array) in &outcome.outputs {
        rows.push(["output".to_owned(), name.clone(), format!("{:?}", array.shape), preview(array)]);
    }
    if let Some(loss) = outcome.loss {
        rows.push(["loss".to_owned(), String::new(), String::new(), number(loss)]);
    } else if model.graph.loss.is_some() {
        rows.push([
            "loss".to_owned(),
            String::new(),
            String::new(),
            "not computed: the data lacks an input of it".into(),
        ]);
    }
    for gradient in &outcome.gradients {
        let uses = match gradient.uses {
            Some(1) => ", 1 use".to_owned(),
            Some(uses) => format!(", {uses} uses"),
            None => String::new(),
        };
        let shape = format!("{:?}", gradient.array.shape);
        rows.push([
            "gradient".to_owned(),
            gradient.path.clone(),
            shape,
            format!("norm {}{uses}", number(gradient.norm)),
        ]);
    }
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let (a, b, c) = (width(0), width(1), width(2));
    for [kind, name, shape, text] in &rows {
        writeln!(out, "{}", sanitize::line(format!("{kind:a$}  {name:b$}  {shape:c$}  {text}").trim_end()))?;
    }
    Ok(())
}

/// The first elements.
fn preview(array: &Array) -> String {
    let mut shown: Vec<String> = match &array.elements {
        Elements::F32(elements) => elements.iter().take(SHOWN).map(|x| number(f64::from(*x))).collect(),
        Elements::F64(elements) => elements.iter().take(SHOWN).map(|x| number(*x)).collect(),
        Elements::I64(elements) => elements.iter().take(SHOWN).map(ToString::to_string).collect(),
        Elements::Bool(elements) => elements.iter().take(SHOWN).map(ToString::to_string).collect(),
    };
    if array.elements.len() > SHOWN {
        shown.push("…".to_owned());
    }
    shown.join(" ")
}

/// Six significant digits.
fn number(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    let magnitude = value.abs().log10().floor();
    if (-5.0..6.0).contains(&magnitude) {
        format!("{value:.*}", (5.0 - magnitude).max(0.0) as usize)
    } else {
        format!("{value:.5e}")
    }
}

fn report(model: &CheckedModel, outcome: &Outcome, found: &[super::render::json::JsonDiagnostic]) -> Json {
    let outputs: Vec<Json> = outcome
        .outputs
        .iter()
        .map(|(name, array)| json!({"name": name, "shape": array.shape, "dtype": array.elements.name()}))
        .collect();
    let gradients: Vec<Json> = outcome
        .gradients
        .iter()
        .map(|gradient| {
            json!({
                "path": gradient.path,
                "shape": gradient.array.shape,
                "norm": gradient.norm,
                "uses": gradient.uses,
            })
        })
        .collect();
    json!({
        "schema": "wnet.run/1",
        "model": model.graph.name,
        "outputs": outputs,
        "loss": outcome.loss,
        "gradients": gradients,
        "memory": u64::try_from(outcome.memory).unwrap_or(u64::MAX),
        "diagnostics": found,
    })
}
