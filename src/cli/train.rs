//! `wnetc train`: a model and data → trained weights, a log and a checkpoint in a folder.

use super::args::{Dtype, Source};
use super::load::{examined, single};
use super::memory;
use super::output::{Done, Failure, Output, Status};
use super::run::{file_failed, sizes};
use super::threads;
use super::values;
use crate::data::{Dataset, Request, Tokens};
use crate::diag::{Diagnostic, Diagnostics};
use crate::recipe::{Method, Settings};
use crate::run::{RunError, aliases, data_value, load, number, saved};
use crate::span::SourceMap;
use crate::train::{self, Batched, Culprit, Epoch, Progress, Purpose, Score, Setup, Stop, Trained, Trainer, Unfit};
use crate::weights::{self, Array, Contents};
use crate::{CheckedModel, atomic, recipe, sanitize};
use serde_json::{Value as Json, json};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

/// Without a setting.
const EPOCHS: u64 = 10;
const BATCH: u64 = 32;
const OPTIMIZER: &str = "AdamW";

const HEADER: &str = "epoch,step,lr,loss,accuracy,val_loss,val_accuracy";

#[derive(Debug, clap::Args)]
pub(super) struct Flags {
    /// The file; `-` is standard input.
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,

    #[command(flatten)]
    pub(super) source: Source,

    /// The examples: `.npz`, `.npy`, a folder of those, `.csv`, `.tsv`, `.txt`, or images as MNIST's.
    #[arg(long, value_name = "PATH")]
    data: PathBuf,

    /// Examples on which each epoch is scored.
    #[arg(long, value_name = "PATH")]
    val: Option<PathBuf>,

    /// The folder for weights, log and checkpoint. It is made if it isn't there.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// Start from these weights (`.safetensors`, `.npz`).
    #[arg(long, value_name = "FILE", conflicts_with = "resume")]
    weights: Option<PathBuf>,

    /// Go on from the checkpoint in the folder.
    #[arg(long)]
    resume: bool,

    /// How often the data are gone through: 10 without a flag or a setting.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    epochs: Option<u64>,

    /// How many examples a step sees: 32 without a flag or a setting.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    batch: Option<u64>,

    /// What steps the weights: `AdamW` without a flag or a setting.
    #[arg(long, value_name = "OPTIMIZER")]
    optimizer: Option<String>,

    /// How the learning rate changes, batch by batch: `cosine(warmup=100)`.
    #[arg(long, value_name = "SCHEDULE")]
    schedule: Option<String>,

    /// The largest norm of all gradients together.
    #[arg(long, value_name = "X", value_parser = values::positive)]
    clip_norm: Option<f64>,

    /// The largest absolute value of an element of a gradient.
    #[arg(long, value_name = "X", value_parser = values::positive)]
    clip_value: Option<f64>,

    /// Go through the data in their order.
    #[arg(long)]
    no_shuffle: bool,

    /// The length of the windows of a text, where the model leaves it open.
    #[arg(long, value_name = "N", value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..))]
    window: Option<usize>,

    /// Read a text as bytes, not as characters.
    #[arg(long)]
    bytes: bool,

    /// Choose the random numbers.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,

    /// The type of all floats.
    #[arg(long, value_enum, default_value_t)]
    dtype: Dtype,

    /// Use at most this many threads. The results don't hang on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    threads: Option<u32>,

    /// Refuse a run that takes more memory, such as `2GiB`. Without, four fifths of the machine's may be taken.
    #[arg(long, value_name = "SIZE", value_parser = memory::size)]
    max_memory: Option<u64>,
}

pub(super) fn main(args: &Flags, output: &mut Output) -> Done {
    let (loaded, checked) = examined(&args.file, &args.source)?;
    let model = match single(&loaded, checked.as_ref())? {
        Ok(model) => model,
        Err(errors) => return failed(&loaded.map, &errors, output),
    };
    let (map, flags) = flags(args);
    let flags = match flags {
        Ok(flags) => flags,
        Err(errors) => return failed(&map, &errors, output),
    };
    let recipes = checked.as_ref().map(|checked| checked.recipes.as_slice()).unwrap_or_default();
    let settings = flags.or(&Settings::of(recipes, &model.graph.name));
    std::fs::create_dir_all(&args.out)
        .map_err(|error| Failure::Usage(format!("can't make the folder `{}`: {error}", args.out.display())))?;
    threads::use_flag(args.threads);
    let mut found = Diagnostics::new();
    let done = match args.dtype {
        Dtype::F32 => run::<f32>(args, model, &settings, &mut found, output)?,
        Dtype::F64 => run::<f64>(args, model, &settings, &mut found, output)?,
    };
    output.report(&loaded.map, &found.sorted(), 50)?;
    Ok(if done.is_some() { Status::Fine } else { Status::Found })
}

fn failed(map: &SourceMap, errors: &[Diagnostic], output: &mut Output) -> Done {
    output.report(map, errors, 50)?;
    Ok(Status::Found)
}

/// The settings that flags make, read as a `train` block is, with the text that errors point into.
fn flags(args: &Flags) -> (SourceMap, Result<Settings, Vec<Diagnostic>>) {
    let methods = [("optimizer", &args.optimizer), ("schedule", &args.schedule)];
    let lines = methods.iter().filter_map(|(name, value)| Some(format!("    {name} = {}\n", value.as_ref()?)));
    let text = format!("train {{\n{}}}\n", lines.collect::<String>());
    let mut map = SourceMap::new();
    map.add("the flags", text);
    let settings = Settings {
        epochs: args.epochs,
        batch: args.batch,
        clip_norm: args.clip_norm,
        clip_value: args.clip_value,
        shuffle: args.no_shuffle.then_some(false),
        ..Settings::default()
    };
    let read = recipe::read_text(&mut map).map(|methods| settings.or(&methods));
    (map, read)
}

/// What the flags and blocks come to.
fn method(settings: &Settings) -> Result<train::Method, Failure> {
    let usage = |error: crate::optim::SetupError| Failure::Usage(error.to_string());
    let default = Method::new(OPTIMIZER);
    let mut optimizer = settings.optimizer.as_ref().unwrap_or(&default).optimizer().map_err(usage)?;
    let schedule = settings.schedule.as_ref().map(Method::schedule).transpose().map_err(usage)?;
    if let Some(schedule) = &schedule {
        crate::optim::drive(&**schedule, &mut *optimizer).map_err(usage)?;
    }
    Ok(train::Method { optimizer, schedule, clip_norm: settings.clip_norm, clip_value: settings.clip_value })
}

/// The files of a run.
struct Files<'a> {
    folder: &'a Path,
    vocabulary: Option<String>,
}

impl Files<'_> {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Weights that `run --weights` reads.
    fn weights(
        &self,
        name: &str,
        arrays: &[(String, Array)],
        aliases: &str,
        more: &[(&str, &str)],
    ) -> Result<(), Failure> {
        let mut metadata = vec![("wnet.aliases", aliases)];
        if let Some(vocabulary) = &self.vocabulary {
            metadata.push(("wnet.vocabulary", vocabulary));
        }
        metadata.extend(more);
        let arrays = arrays.iter().map(|(name, array)| (name.as_str(), array));
        weights::write(&self.path(name), arrays, &metadata).map_err(|error| Failure::Usage(error.to_string()))
    }

    fn log(&self, log: &[String]) -> Result<(), Failure> {
        let write = |name: &str, text: String| {
            let path = self.path(name);
            atomic::write(&path, |out| out.write_all(text.as_bytes()))
                .map_err(|error| Failure::Usage(format!("can't write `{}`: {error}", path.display())))
        };
        write("log.jsonl", log.iter().map(|line| line.clone() + "\n").collect())?;
        let rows = log.iter().filter_map(|line| serde_json::from_str::<Json>(line).ok()).map(|line| row(&line) + "\n");
        write("log.csv", format!("{HEADER}\n") + &rows.collect::<String>())
    }
}

/// A line of the log as one of CSV.
fn row(line: &Json) -> String {
    let cells = HEADER.split(',').map(|name| match line.get(name) {
        None | Some(Json::Null) => String::new(),
        Some(value) => value.to_string(),
    });
    cells.collect::<Vec<_>>().join(",")
}

/// `None` if something was wrong, which is then in `found`.
fn run<T: Trained>(
    args: &Flags,
    model: &CheckedModel,
    settings: &Settings,
    found: &mut Diagnostics,
    output: &mut Output,
) -> Result<Option<()>, Failure> {
    let sizes = sizes(&args.source);
    let limit = memory::limit(args.max_memory);
    let memory = limit.map_or(u64::MAX, |limit| u64::try_from(limit).unwrap_or(u64::MAX));
    let wanted = train::wanted(model, &sizes);
    let tokens = if args.bytes { Tokens::Bytes } else { Tokens::Characters };
    let open = |path: &Path, vocabulary: Option<&[String]>, found: &mut Diagnostics| {
        // Data may take half of what is left to take; batches, weights and states come beside it.
        let request = Request { wanted: &wanted, memory: memory / 2, window: args.window, tokens, vocabulary };
        opened(Dataset::open::<T>(path, &request), found)
    };
    let Some(mut data) = open(&args.data, None, found)? else { return Ok(None) };
    let vocabulary = data.vocabulary().map(<[String]>::to_vec);
    let mut validation = None;
    if let Some(path) = &args.val {
        validation = open(path, vocabulary.as_deref(), found)?;
        if validation.is_none() {
            return Ok(None);
        }
    }
    let batch = usize::try_from(settings.batch.unwrap_or(BATCH)).unwrap_or(usize::MAX);
    let Some(training) = train::plans(model, &sizes, &data, batch, Purpose::Training, found) else { return Ok(None) };
    let scored = validation
        .as_ref()
        .map_or(Some(Vec::new()), |data| train::plans(model, &sizes, data, batch, Purpose::Validation, found));
    let Some(scored) = scored else { return Ok(None) };
    let needed: u128 = training.iter().chain(&scored).map(|batched| batched.plan.sizes.bytes(size_of::<T>())).sum();
    if let Some(limit) = limit.filter(|limit| needed > *limit) {
        found.push(RunError::memory(needed, limit));
        return Ok(None);
    }
    let setup = Setup {
        training: &training,
        validation: &scored,
        method: method(settings)?,
        epochs: settings.epochs.unwrap_or(EPOCHS),
        shuffle: settings.shuffle.unwrap_or(true),
        seed: args.seed,
    };
    let Ok(mut trainer) = Trainer::<T>::new(setup) else {
        found.push(RunError::memory(needed, needed));
        return Ok(None);
    };
    let vocabulary = vocabulary.map(|words| json!(words).to_string());
    let files = Files { folder: &args.out, vocabulary };
    let fingerprint = fingerprint::<T>(args, settings, &data);
    let mut progress = Progress { settings: fingerprint.clone(), ..Progress::default() };
    if args.resume {
        let Some(old) = resume(&files, &mut trainer, &fingerprint, memory, found)? else { return Ok(None) };
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
    let mut screen = Screen::new(trainer.steps(data.n_examples()), settings.epochs.unwrap_or(EPOCHS));
    while !trainer.is_done() {
        let number = trainer.epochs + 1;
        let done = trainer.epoch(&mut data, validation.as_mut(), &mut |step, loss| screen.step(number, step, loss));
        screen.clear();
        let epoch = match done {
            Ok(epoch) => epoch,
            Err(stop) => {
                report(stop, model, &training, &data, found);
                return Ok(None);
            }
        };
        writeln!(output.out(), "{}", line(&epoch, screen.epochs))?;
        output.flush()?;
        keep(&files, &mut trainer, &epoch, &mut progress)?;
    }
    Ok(Some(()))
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

/// What a run hangs on, so that another isn't gone on with.
fn fingerprint<T: Trained>(args: &Flags, settings: &Settings, data: &Dataset) -> String {
    let Settings { optimizer, schedule, clip_norm, clip_value, batch, shuffle, epochs } = settings;
    let epochs = schedule.as_ref().and(*epochs);
    format!(
        "{optimizer:?} {schedule:?} {clip_norm:?} {clip_value:?} {batch:?} {shuffle:?} {epochs:?} seed {} {} examples {}",
        args.seed,
        data.n_examples(),
        T::NAME
    )
}

/// Goes on from the checkpoint of the folder.
fn resume<T: Trained>(
    files: &Files<'_>,
    trainer: &mut Trainer<'_, T>,
    fingerprint: &str,
    memory: u64,
    found: &mut Diagnostics,
) -> Result<Option<Progress>, Failure> {
    let path = files.path("checkpoint.safetensors");
    let contents = match weights::read_within(&path, memory) {
        Ok(contents) => contents,
        Err(error) => return file_failed(error, found).map(|()| None),
    };
    let unfit = |unfit: Unfit| {
        let message = match unfit {
            Unfit::Missing => "it holds no training run".to_owned(),
            Unfit::Array(key) => format!("`{key}` is missing, or of another shape or type"),
        };
        RunError::Checkpoint { path: path.display().to_string(), message }
    };
    let restored = train::checkpoint(contents).and_then(|(weights, states, progress)| {
        if progress.settings == fingerprint {
            trainer.restore(&states, &progress)?;
        }
        Ok((weights, progress))
    });
    let (contents, progress): (Contents, Progress) = match restored {
        Ok(restored) => restored,
        Err(error) => {
            found.push(unfit(error));
            return Ok(None);
        }
    };
    if progress.settings != fingerprint {
        let message = "it was trained with other settings or other data".to_owned();
        found.push(RunError::Checkpoint { path: path.display().to_string(), message });
        return Ok(None);
    }
    let loaded = trainer.machine().and_then(|machine| load(machine, &contents, found));
    Ok(loaded.map(|()| progress))
}

/// Writes what the folder holds after an epoch: the checkpoint first, from which all else could be made again.
fn keep<T: Trained>(
    files: &Files<'_>,
    trainer: &mut Trainer<'_, T>,
    epoch: &Epoch,
    progress: &mut Progress,
) -> Result<(), Failure> {
    let (states, numbers) = trainer.states();
    let Some(machine) = trainer.machine() else { return Ok(()) };
    let (arrays, aliases) = (saved(machine), aliases(machine));
    let Score { loss, .. } = epoch.validation.unwrap_or(epoch.training);
    let is_best = progress.best.is_none_or(|best| loss < best);
    progress.log.push(json_line(epoch).to_string());
    *progress = Progress {
        best: if is_best { Some(loss) } else { progress.best },
        log: std::mem::take(&mut progress.log),
        settings: std::mem::take(&mut progress.settings),
        ..numbers
    };
    let text = serde_json::to_string(progress).map_err(io::Error::from)?;
    let all: Vec<(String, Array)> = arrays.iter().cloned().chain(states).collect();
    files.weights("checkpoint.safetensors", &all, &aliases, &[(train::PROGRESS, &text)])?;
    if is_best {
        files.weights("best.safetensors", &arrays, &aliases, &[])?;
    }
    files.weights("last.safetensors", &arrays, &aliases, &[])?;
    files.log(&progress.log)
}

fn json_line(epoch: &Epoch) -> Json {
    json!({
        "epoch": epoch.number,
        "step": epoch.steps,
        "lr": epoch.lr,
        "loss": epoch.training.loss,
        "accuracy": epoch.training.accuracy,
        "val_loss": epoch.validation.map(|score| score.loss),
        "val_accuracy": epoch.validation.and_then(|score| score.accuracy),
    })
}

/// `epoch 3/10  loss 0.512  accuracy 0.84  val_loss 0.6  val_accuracy 0.8`
fn line(epoch: &Epoch, epochs: u64) -> String {
    let width = epochs.to_string().len();
    let score = |prefix: &str, score: Score| {
        let accuracy = score.accuracy.map(|accuracy| format!("  {prefix}accuracy {accuracy:.4}"));
        format!("  {prefix}loss {}{}", number(score.loss), accuracy.unwrap_or_default())
    };
    let validation = epoch.validation.map(|found| score("val_", found)).unwrap_or_default();
    format!("epoch {:width$}/{epochs}{}{validation}", epoch.number, score("", epoch.training))
}

fn report(stop: Stop, model: &CheckedModel, training: &[Batched], data: &Dataset, found: &mut Diagnostics) {
    match stop {
        Stop::Step(error) => found.push(data_value(model, &error)),
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

/// How far an epoch has come, where a person can see it.
struct Screen {
    steps: u64,
    epochs: u64,
    is_shown: bool,
}

impl Screen {
    fn new(steps: u64, epochs: u64) -> Self {
        Self { steps, epochs, is_shown: io::stderr().is_terminal() }
    }

    fn step(&mut self, epoch: u64, step: u64, loss: f64) {
        const WIDTH: u64 = 30;
        if !self.is_shown || !(step.is_multiple_of(self.steps.div_ceil(200).max(1)) || step == self.steps) {
            return;
        }
        let done = step * WIDTH / self.steps.max(1);
        let bar: String = (0..WIDTH).map(|at| if at < done { '=' } else { ' ' }).collect();
        let text = format!("epoch {epoch}/{} [{bar}] {step}/{}  loss {}", self.epochs, self.steps, number(loss));
        // What can't be shown isn't missed.
        let _ = write!(io::stderr(), "\r{}\u{1b}[K", sanitize::line(&text));
    }

    fn clear(&self) {
        if self.is_shown {
            let _ = write!(io::stderr(), "\r\u{1b}[K");
        }
    }
}
