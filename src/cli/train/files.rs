//! The folder of a training run: weights, the checkpoint, the log and its picture.

use super::super::output::Failure;
use super::curve::{curves, svg};
use crate::atomic;
use crate::data::Vocabulary;
use crate::run::{aliases, saved};
use crate::train::{self, Epoch, Metric, Progress, Score, Trained, Trainer};
use crate::weights::{self, Array};
use serde_json::{Map, Value as Json, json};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What a run is gone on from.
pub(super) const CHECKPOINT: &str = "checkpoint.safetensors";
const BEST: &str = "best.safetensors";
const LAST: &str = "last.safetensors";
const JSON_LOG: &str = "log.jsonl";
const CSV_LOG: &str = "log.csv";
const PICTURE: &str = "loss.svg";

/// The files of a run.
pub(super) struct Files<'a> {
    pub(super) folder: &'a Path,
    /// What ints stand for, by the names of the inputs.
    pub(super) vocabularies: Option<String>,
}

impl Files<'_> {
    pub(super) fn path(&self, name: &str) -> PathBuf {
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
        if let Some(vocabularies) = &self.vocabularies {
            metadata.push(("wnet.vocabularies", vocabularies));
        }
        metadata.extend(more);
        let arrays = arrays.iter().map(|(name, array)| (name.as_str(), array));
        weights::write(&self.path(name), arrays, &metadata).map_err(|error| Failure::Usage(error.to_string()))
    }

    fn text(&self, name: &str, text: &str) -> Result<(), Failure> {
        let path = self.path(name);
        atomic::write(&path, |out| out.write_all(text.as_bytes()))
            .map_err(|error| Failure::Usage(format!("can't write `{}`: {error}", path.display())))
    }

    fn log(&self, log: &[String]) -> Result<(), Failure> {
        self.text(JSON_LOG, &log.iter().map(|line| line.clone() + "\n").collect::<String>())?;
        self.text(CSV_LOG, &table(log))?;
        self.text(PICTURE, &svg(&curves(log)))
    }

    /// Says what was written in all.
    pub(super) fn told(&self, progress: &Progress) -> String {
        let best = progress.best.map(|(epoch, _)| format!(" (epoch {epoch})")).unwrap_or_default();
        let folder = self.folder.display();
        format!("wrote {LAST}, {BEST}{best}, {CHECKPOINT}, {CSV_LOG}, {JSON_LOG} and {PICTURE} to {folder}")
    }
}

/// The log as CSV. All lines have the keys of the first.
fn table(log: &[String]) -> String {
    let lines: Vec<Map<String, Json>> = log.iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let names: Vec<&str> = lines.first().iter().flat_map(|line| line.keys()).map(String::as_str).collect();
    let row = |line: &Map<String, Json>| {
        let cells = names.iter().map(|name| match line.get(*name) {
            None | Some(Json::Null) => String::new(),
            Some(value) => value.to_string(),
        });
        cells.collect::<Vec<_>>().join(",") + "\n"
    };
    names.join(",") + "\n" + &lines.iter().map(row).collect::<String>()
}

/// Where they stand in the metadata of weights.
pub(super) fn vocabularies_json(vocabularies: &[Vocabulary]) -> Option<String> {
    let words: Map<String, Json> =
        vocabularies.iter().map(|vocabulary| (vocabulary.input.clone(), json!(vocabulary.names))).collect();
    (!words.is_empty()).then(|| Json::Object(words).to_string())
}

/// Writes what the folder holds after an epoch: the checkpoint first, from which all else could be made again.
pub(super) fn keep<T: Trained>(
    files: &Files<'_>,
    trainer: &mut Trainer<'_, T>,
    epoch: &Epoch,
    progress: &mut Progress,
) -> Result<(), Failure> {
    let Score { loss, .. } = *epoch.validation.as_ref().unwrap_or(&epoch.training);
    if progress.best.is_none_or(|(_, best)| loss < best) {
        progress.best = Some((epoch.number, loss));
    }
    progress.log.push(json_line(epoch).to_string());
    checkpoint(files, trainer, progress)?;
    results(files, trainer, progress)
}

/// Writes what the checkpoint of a whole epoch goes with.
pub(super) fn results<T: Trained>(
    files: &Files<'_>,
    trainer: &mut Trainer<'_, T>,
    progress: &Progress,
) -> Result<(), Failure> {
    let epochs = trainer.epochs();
    let Some(machine) = trainer.machine() else { return Ok(()) };
    let (arrays, aliases) = (saved(machine), aliases(machine));
    if progress.best.is_some_and(|(epoch, _)| epoch == epochs) {
        files.weights(BEST, &arrays, &aliases, &[])?;
    }
    files.weights(LAST, &arrays, &aliases, &[])?;
    files.log(&progress.log)
}

/// Writes what the run is gone on from.
pub(super) fn checkpoint<T: Trained>(
    files: &Files<'_>,
    trainer: &mut Trainer<'_, T>,
    progress: &mut Progress,
) -> Result<(), Failure> {
    let (states, numbers) = trainer.states();
    let Some(machine) = trainer.machine() else { return Ok(()) };
    *progress = Progress {
        best: progress.best,
        log: std::mem::take(&mut progress.log),
        settings: std::mem::take(&mut progress.settings),
        ..numbers
    };
    let text = serde_json::to_string(progress).map_err(io::Error::from)?;
    let arrays: Vec<(String, Array)> = saved(machine).into_iter().chain(states).collect();
    files.weights(CHECKPOINT, &arrays, &aliases(machine), &[(train::PROGRESS, &text)])
}

/// What every log has, then the metrics of this run.
fn json_line(epoch: &Epoch) -> Json {
    let Epoch { training, validation, .. } = epoch;
    let accuracy = |score: &Score| score.get(Metric::Accuracy);
    let mut line = json!({
        "epoch": epoch.number,
        "step": epoch.steps,
        "lr": epoch.lr,
        "loss": training.loss,
        "accuracy": accuracy(training),
        "val_loss": validation.as_ref().map(|score| score.loss),
        "val_accuracy": validation.as_ref().and_then(accuracy),
    });
    if let Some(line) = line.as_object_mut() {
        for (prefix, score) in [("", Some(training)), ("val_", validation.as_ref())] {
            for (metric, value) in score.iter().flat_map(|score| &score.metrics) {
                line.entry(format!("{prefix}{}", metric.name())).or_insert(json!(value));
            }
        }
    }
    line
}
