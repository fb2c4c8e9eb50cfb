//! Going on from a checkpoint, and what must be as it was for that.

use super::super::output::Failure;
use super::super::run::file_failed;
use super::files::{CHECKPOINT, Files};
use super::flags::Flags;
use crate::CheckedModel;
use crate::data::Dataset;
use crate::diag::Diagnostics;
use crate::ir::graph_text;
use crate::recipe::{Method, Settings};
use crate::run::{RunError, load};
use crate::train::{self, Progress, Trained, Trainer, Unfit};
use crate::weights;
use std::collections::BTreeMap;

/// What a run hangs on, in words, so that another isn't gone on with.
pub(super) fn settings<T: Trained>(
    args: &Flags,
    model: &CheckedModel,
    settings: &Settings,
    data: &Dataset,
) -> BTreeMap<String, String> {
    let method = |method: &Option<Method>| method.as_ref().map(ToString::to_string);
    let number = |number: Option<f64>| number.map(|number| number.to_string());
    let Settings { optimizer, schedule, clip_norm, clip_value, batch, shuffle, epochs } = settings;
    let found = [
        ("model", Some(format!("{:016x}", fingerprint(graph_text(&model.graph).as_bytes())))),
        ("optimizer", method(optimizer)),
        ("schedule", method(schedule)),
        ("clip_norm", number(*clip_norm)),
        ("clip_value", number(*clip_value)),
        ("batch", batch.map(|batch| batch.to_string())),
        ("shuffle", shuffle.map(|shuffle| shuffle.to_string())),
        // A schedule may hang on it.
        ("epochs", epochs.filter(|_| schedule.is_some()).map(|epochs| epochs.to_string())),
        ("seed", Some(args.seed.to_string())),
        ("dtype", Some(T::NAME.to_owned())),
        ("val_split", number(args.val_split)),
        ("number of examples", Some(data.n_examples().to_string())),
    ];
    found.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// FNV-1a, which is the same in all versions of all programs.
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Goes on from the checkpoint of the folder.
pub(super) fn resume<T: Trained>(
    files: &Files<'_>,
    trainer: &mut Trainer<'_, T>,
    settings: &BTreeMap<String, String>,
    memory: u64,
    found: &mut Diagnostics,
) -> Result<Option<Progress>, Failure> {
    let path = files.path(CHECKPOINT);
    let contents = match weights::read_within(&path, memory) {
        Ok(contents) => contents,
        Err(error) => return file_failed(error, found).map(|()| None),
    };
    let unfit = |message: String| RunError::Checkpoint { path: path.display().to_string(), message };
    let restored =
        train::checkpoint(contents).map_err(words).and_then(|(weights, states, progress)| {
            match difference(settings, &progress.settings) {
                Some(difference) => Err(difference),
                None => trainer.restore(&states, &progress).map_err(words).map(|()| (weights, progress)),
            }
        });
    let (weights, progress) = match restored {
        Ok(restored) => restored,
        Err(message) => {
            found.push(unfit(message));
            return Ok(None);
        }
    };
    let loaded = trainer.machine().and_then(|machine| load(machine, &weights, found));
    Ok(loaded.map(|()| progress))
}

fn words(unfit: Unfit) -> String {
    match unfit {
        Unfit::Missing => "it holds no training run".to_owned(),
        Unfit::Array(key) => format!("`{key}` is missing, or of another shape or type"),
    }
}

/// What isn't as it was.
fn difference(now: &BTreeMap<String, String>, then: &BTreeMap<String, String>) -> Option<String> {
    let name = now.keys().chain(then.keys()).find(|name| now.get(*name) != then.get(*name))?;
    let value = |settings: &BTreeMap<String, String>| settings.get(name).map_or("none", String::as_str).to_owned();
    Some(if name == "model" {
        "the model isn't the one that it was trained with".to_owned()
    } else {
        format!("the {name} is {}, and was {}", value(now), value(then))
    })
}
