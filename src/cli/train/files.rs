//! The folder of a training run: weights, the checkpoint, the log.

use super::super::output::Failure;
use crate::atomic;
use crate::data::Vocabulary;
use crate::run::{aliases, saved};
use crate::train::{self, Epoch, Progress, Score, Trained, Trainer};
use crate::weights::{self, Array};
use serde_json::{Map, Value as Json, json};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const HEADER: &str = "epoch,step,lr,loss,accuracy,val_loss,val_accuracy";

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
