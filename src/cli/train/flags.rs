//! The flags of `wnetc train`, and the settings that they make.

use super::super::args::{Dtype, Source};
use super::super::{memory, values};
use crate::diag::Diagnostic;
use crate::recipe::{self, Settings};
use crate::span::SourceMap;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(in crate::cli) struct Flags {
    /// The file; `-` is standard input.
    #[arg(value_name = "FILE")]
    pub(in crate::cli) file: PathBuf,

    #[command(flatten)]
    pub(super) source: Source,

    /// The examples: `.npz`, `.npy`, a folder of those, `.csv`, `.tsv`, `.txt`, or images as MNIST's.
    #[arg(long, value_name = "PATH")]
    pub(super) data: PathBuf,

    /// Examples on which each epoch is scored.
    #[arg(long, value_name = "PATH")]
    pub(super) val: Option<PathBuf>,

    /// Hold this part of the examples out and score each epoch on it, such as `0.2`. Which ones, hangs on the seed.
    #[arg(long, value_name = "PART", value_parser = values::part, conflicts_with = "val")]
    pub(super) val_split: Option<f64>,

    /// The folder for weights, log and checkpoint. It is made if it isn't there.
    #[arg(long, value_name = "DIR")]
    pub(super) out: PathBuf,

    /// Start from these weights (`.safetensors`, `.npz`).
    #[arg(long, value_name = "FILE", conflicts_with = "resume")]
    pub(super) weights: Option<PathBuf>,

    /// Go on from the checkpoint in the folder.
    #[arg(long)]
    pub(super) resume: bool,

    /// Write the checkpoint after every N steps too, not only after each epoch.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) checkpoint_every: Option<u64>,

    /// How often the data are gone through: 10 without a flag or a setting.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) epochs: Option<u64>,

    /// How many examples a step sees: 32 without a flag or a setting.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) batch: Option<u64>,

    /// What steps the weights: `AdamW` without a flag or a setting.
    #[arg(long, value_name = "OPTIMIZER")]
    pub(super) optimizer: Option<String>,

    /// How the learning rate changes, batch by batch: `cosine(warmup=100)`.
    #[arg(long, value_name = "SCHEDULE")]
    pub(super) schedule: Option<String>,

    /// The largest norm of all gradients together.
    #[arg(long, value_name = "X", value_parser = values::positive, allow_negative_numbers = true)]
    pub(super) clip_norm: Option<f64>,

    /// The largest absolute value of an element of a gradient.
    #[arg(long, value_name = "X", value_parser = values::positive, allow_negative_numbers = true)]
    pub(super) clip_value: Option<f64>,

    /// Go through the data in their order.
    #[arg(long)]
    pub(super) no_shuffle: bool,

    /// The length of the windows of a text, where the model leaves it open.
    #[arg(long, value_name = "N", value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..))]
    pub(super) window: Option<usize>,

    /// Read a text as bytes, not as characters.
    #[arg(long)]
    pub(super) bytes: bool,

    /// Choose the random numbers.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) seed: u64,

    /// The type of all floats.
    #[arg(long, value_enum, default_value_t)]
    pub(super) dtype: Dtype,

    /// Print nothing but errors.
    #[arg(long, short)]
    pub(super) quiet: bool,

    /// Use at most this many threads. The results don't hang on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) threads: Option<u32>,

    /// Refuse a run that takes more memory, such as `2GiB`. Without, four fifths of the machine's may be taken.
    #[arg(long, value_name = "SIZE", value_parser = memory::size)]
    pub(super) max_memory: Option<u64>,
}

/// The settings that flags make, with the text that errors point into.
pub(super) fn settings(args: &Flags) -> (SourceMap, Result<Settings, Vec<Diagnostic>>) {
    let settings = Settings {
        epochs: args.epochs,
        batch: args.batch,
        clip_norm: args.clip_norm,
        clip_value: args.clip_value,
        shuffle: args.no_shuffle.then_some(false),
        ..Settings::default()
    };
    let (map, methods) = methods(args.optimizer.as_deref(), args.schedule.as_deref());
    (map, methods.map(|methods| settings.or(&methods)))
}

/// The flags `--optimizer` and `--schedule`, read as a `train` block is, with the text that errors point into.
pub(in crate::cli) fn methods(
    optimizer: Option<&str>,
    schedule: Option<&str>,
) -> (SourceMap, Result<Settings, Vec<Diagnostic>>) {
    let methods = [("optimizer", optimizer), ("schedule", schedule)];
    let lines = methods.iter().filter_map(|(name, value)| Some(format!("    {name} = {}\n", (*value)?)));
    let text = format!("train {{\n{}}}\n", lines.collect::<String>());
    let mut map = SourceMap::new();
    map.add("the flags", text);
    let read = recipe::read_text(&mut map);
    (map, read)
}
