//! `wnetc run`: a model once, with data from a file or drawn from the seed.

use super::args::{Dtype, Given, Run, RunFormat, Source};
use super::load::{examined, single};
use super::output::{Done, Failure, Output, Status};
use super::render::json::diagnostics;
use super::{memory, threads};
use crate::diag::{Diagnostic, Diagnostics};
use crate::ops::Value;
use crate::run::{self, Outcome, Request, number};
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
    let (loaded, checked) = examined(&args.file, &args.source)?;
    let mut found = Diagnostics::new();
    let model = match single(&loaded, checked.as_ref())? {
        Ok(model) => model,
        Err(errors) => return failed(args, &loaded.map, &errors, output),
    };
    writable(args)?;
    threads::use_flag(args.given.threads);
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
    let mut reader = Reader::new(&args.given);
    let data = reader.read(args.given.data.as_ref(), found)?;
    let weights = reader.read(args.given.weights.as_ref(), found)?;
    let grad_outputs = reader.read(args.grad_outputs.as_ref(), found)?;
    if found.has_errors() {
        return Ok(None);
    }
    Ok(Some(Request {
        sizes: sizes(&args.source),
        data,
        weights,
        seed: args.given.seed,
        mode: args.given.mode.into(),
        backward: args.backward,
        grad_outputs,
        keep_weights: args.save_weights.is_some(),
        widen: false,
        memory: reader.memory,
    }))
}

/// Reads arrays as long as they fit into memory.
pub(super) struct Reader {
    /// How much a run may take, in bytes.
    pub(super) memory: Option<u128>,
    left: Option<u128>,
}

impl Reader {
    pub(super) fn new(given: &Given) -> Self {
        Self::within(given.max_memory)
    }

    /// With what `--max-memory` says.
    pub(super) fn within(flag: Option<u64>) -> Self {
        let memory = memory::limit(flag);
        Self { memory, left: memory }
    }

    /// `None` without a path, and if the file is wrong, which is reported.
    pub(super) fn read(
        &mut self,
        path: Option<&PathBuf>,
        found: &mut Diagnostics,
    ) -> Result<Option<Contents>, Failure> {
        let Some(path) = path else { return Ok(None) };
        let limit = self.left.map_or(u64::MAX, |left| u64::try_from(left).unwrap_or(u64::MAX));
        match weights::read_within(path, limit) {
            Ok(contents) => {
                self.left = self.left.map(|left| left.saturating_sub(contents.bytes()));
                Ok(Some(contents))
            }
            Err(error) => file_failed(error, found).map(|()| None),
        }
    }
}

/// A path that can't be read or written is the caller's mistake, anything else the file's.
pub(super) fn file_failed(error: FileError, found: &mut Diagnostics) -> Result<(), Failure> {
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
