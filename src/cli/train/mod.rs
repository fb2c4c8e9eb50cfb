//! `wnetc train`: a model and data → trained weights, a log and a checkpoint in a folder.

mod curve;
mod files;
mod flags;
mod resume;
mod screen;
mod session;
mod signals;

pub(super) use flags::{Flags, methods as method_flags};

use super::args::Dtype;
use super::load::{examined, single};
use super::output::{Done, Failure, Output, Status};
use super::run::{file_failed, sizes};
use super::{memory, threads};
use crate::data::{Dataset, Request, Tokens, Vocabulary};
use crate::diag::{Diagnostic, Diagnostics};
use crate::recipe::{self, Method, Settings};
use crate::run::{Purpose, RunError, data_value, load};
use crate::span::SourceMap;
use crate::train::{self, Batched, Culprit, Examples, Progress, Setup, Stop, Trained, Trainer};
use crate::weights;
use crate::{CheckedModel, atomic};
use files::{Files, vocabularies_json};
use session::Session;
use std::path::Path;

/// Without a setting.
const EPOCHS: u64 = 10;
const BATCH: u64 = 32;
const OPTIMIZER: &str = "AdamW";

pub(super) fn main(args: &Flags, output: &mut Output) -> Done {
    let (loaded, checked) = examined(&args.file, &args.source)?;
    let model = match single(&loaded, checked.as_ref())? {
        Ok(model) => model,
        Err(errors) => return failed(&loaded.map, &errors, output),
    };
    let (map, flags) = flags::settings(args);
    let flags = match flags {
        Ok(flags) => flags,
        Err(errors) => return failed(&map, &errors, output),
    };
    let recipes = checked.as_ref().map(|checked| checked.recipes.as_slice()).unwrap_or_default();
    let settings = with_defaults(flags.or(&Settings::of(recipes, &model.graph.name)));
    atomic::folder(&args.out)
        .map_err(|error| Failure::Usage(format!("can't write into the folder `{}`: {error}", args.out.display())))?;
    threads::use_flag(args.threads);
    let mut found = Diagnostics::new();
    let done = match args.dtype {
        Dtype::F32 => run::<f32>(args, model, &settings, &mut found, output)?,
        Dtype::F64 => run::<f64>(args, model, &settings, &mut found, output)?,
    };
    output.report(&loaded.map, &found.sorted(), 50)?;
    Ok(done.unwrap_or(Status::Found))
}

fn failed(map: &SourceMap, errors: &[Diagnostic], output: &mut Output) -> Done {
    output.report(map, errors, 50)?;
    Ok(Status::Found)
}

fn with_defaults(settings: Settings) -> Settings {
    settings.or(&Settings {
        optimizer: Some(Method::new(OPTIMIZER)),
        batch: Some(BATCH),
        epochs: Some(EPOCHS),
        shuffle: Some(true),
        ..Settings::default()
    })
}

/// What the flags and blocks come to. `None` if they don't go together, which is reported.
pub(super) fn method(settings: &Settings, found: &mut Diagnostics) -> Option<train::Method> {
    let default = Method::new(OPTIMIZER);
    let made = || {
        let mut optimizer = settings.optimizer.as_ref().unwrap_or(&default).optimizer()?;
        let schedule = settings.schedule.as_ref().map(Method::schedule).transpose()?;
        if let Some(schedule) = &schedule {
            crate::optim::drive(&**schedule, &mut *optimizer)?;
        }
        let (clip_norm, clip_value) = (settings.clip_norm, settings.clip_value);
        Ok(train::Method { optimizer, schedule, clip_norm, clip_value })
    };
    made().map_err(|error| found.push(recipe::clash(error))).ok()
}

/// `None` if something was wrong, which is then in `found`.
fn run<T: Trained>(
    args: &Flags,
    model: &CheckedModel,
    settings: &Settings,
    found: &mut Diagnostics,
    output: &mut Output,
) -> Result<Option<Status>, Failure> {
    let sizes = sizes(&args.source);
    let limit = memory::limit(args.max_memory);
    let memory = limit.map_or(u64::MAX, |limit| u64::try_from(limit).unwrap_or(u64::MAX));
    let wanted = train::wanted(model, &sizes);
    let tokens = if args.bytes { Tokens::Bytes } else { Tokens::Characters };
    let open = |path: &Path, vocabularies: Option<&[Vocabulary]>, found: &mut Diagnostics| {
        // Data may take half of what is left to take; batches, weights and states come beside it.
        let request = Request { wanted: &wanted, memory: memory / 2, window: args.window, tokens, vocabularies };
        opened(Dataset::open::<T>(path, &request), found)
    };
    let Some(data) = open(&args.data, None, found)? else { return Ok(None) };
    let vocabularies = data.vocabularies().to_vec();
    let mut validation = None;
    if let Some(path) = &args.val {
        validation = open(path, Some(&vocabularies), found)?;
        if validation.is_none() {
            return Ok(None);
        }
    }
    let batch = usize::try_from(settings.batch.unwrap_or(BATCH)).unwrap_or(usize::MAX);
    let other = validation.as_ref();
    let examples = match args.val_split {
        Some(part) => Examples::split(data.n_examples(), part, args.seed),
        None => Some(Examples::all(data.n_examples(), other.map_or(0, Dataset::n_examples))),
    };
    let Some(examples) = examples else {
        found.push(RunError::Split { count: data.n_examples(), part: args.val_split.unwrap_or_default() });
        return Ok(None);
    };
    let mut planned = |data: &Dataset, rows: &[usize], purpose| {
        train::plans(model, &sizes, data, [rows.len(), batch], purpose, found)
    };
    let Some(training) = planned(&data, &examples.training, Purpose::Training) else { return Ok(None) };
    let scored = planned(other.unwrap_or(&data), &examples.validation, Purpose::Outputs);
    let Some(scored) = scored else { return Ok(None) };
    let needed: u128 = training.iter().chain(&scored).map(|batched| batched.plan.sizes.bytes(size_of::<T>())).sum();
    if let Some(limit) = limit.filter(|limit| needed > *limit) {
        found.push(RunError::memory(needed, limit));
        return Ok(None);
    }
    let Some(method) = method(settings, found) else { return Ok(None) };
    let setup = Setup {
        training: &training,
        validation: &scored,
        examples,
        method,
        epochs: settings.epochs.unwrap_or(EPOCHS),
        shuffle: settings.shuffle.unwrap_or(true),
        seed: args.seed,
    };
    let Ok(mut trainer) = Trainer::<T>::new(setup) else {
        found.push(RunError::memory(needed, needed));
        return Ok(None);
    };
    let files = Files { folder: &args.out, vocabularies: vocabularies_json(&vocabularies) };
    let epochs = settings.epochs.unwrap_or(EPOCHS);
    let settings = resume::settings::<T>(args, model, settings, &data);
    let mut progress = Progress { settings: settings.clone(), ..Progress::default() };
    if args.resume {
        let Some(old) = resume::resume(&files, &mut trainer, &settings, memory, found)? else { return Ok(None) };
        progress = old;
    } else if let Some(path) = &args.weights {
        let contents = match weights::read_within(path, memory) {
            Ok(contents) => contents,
            Err(error) => return file_failed(error, found).map(|()| None),
        };
        if trainer.machine().and_then(|machine| load(machine, &contents, found)).is_none() {
            return Ok(None);
        }
    }
    let mut session = Session { args, files, data, validation, epochs, progress, output };
    match session.train(&mut trainer)? {
        Ok(status) => Ok(Some(status)),
        Err(stop) => {
            report(stop, model, &training, &session.data, found);
            Ok(None)
        }
    }
}

fn opened(
    result: Result<Dataset, crate::data::DataError>,
    found: &mut Diagnostics,
) -> Result<Option<Dataset>, Failure> {
    match result {
        Ok(data) => Ok(Some(data)),
        Err(crate::data::DataError::File(error)) => file_failed(error, found).map(|()| None),
        Err(error) => {
            found.push(error);
            Ok(None)
        }
    }
}

/// How many classes or characters the data has: what an index out of range comes from.
fn names(data: &Dataset) -> Option<String> {
    let what = if data.tokens().is_some() { "characters" } else { "names of classes" };
    let said = |found: &Vocabulary| format!("`{}` has {} {what}, numbered from 0", found.input, found.names.len());
    data.vocabularies().first().map(said)
}

fn report(stop: Stop, model: &CheckedModel, training: &[Batched], data: &Dataset, found: &mut Diagnostics) {
    match stop {
        Stop::Step(error) => {
            let mut error = data_value(model, &error);
            if let RunError::DataValue { help, .. } = &mut error {
                *help = names(data);
            }
            found.push(error);
        }
        Stop::Data(error) => found.push(error),
        Stop::NotFinite { step, epoch, found: culprit } => {
            let storages = training.first().map(|batched| batched.plan.storages.as_slice()).unwrap_or_default();
            let (what, help) = match culprit {
                Culprit::Input(column) => {
                    let name = data.columns().get(column).map_or("", |column| &column.name);
                    (format!("the input `{name}` isn't"), None)
                }
                Culprit::Storage(index) => {
                    let path = storages.get(index).map(|storage| storage.path.to_string()).unwrap_or_default();
                    (
                        format!("`{path}` isn't, after the steps before"),
                        Some("a smaller learning rate makes shorter steps"),
                    )
                }
                Culprit::Call(name) => (format!("the result of `{name}` isn't, and comes first"), None),
                Culprit::Loss => ("all that comes before it is".to_owned(), None),
            };
            found.push(RunError::LossNotFinite { step, epoch, found: what, help: help.map(str::to_owned) });
        }
    }
}
