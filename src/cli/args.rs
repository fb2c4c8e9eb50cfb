//! The flags of every command.

use super::gradcheck;
use super::memory;
use super::output::ColorChoice;
use super::values::{self, Setting};
use crate::ops::Mode;
use clap::{Args as Arguments, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

const EXIT: &str = "Exit status: 0 fine; 1 an error in the file or the data; 2 a wrong command line, a path that can't \
                    be read or written, an internal error.";

/// Checks and runs neural networks written in wnet: which weights are shared, do the shapes fit, does it run?
#[derive(Debug, Parser)]
#[command(name = "wnetc", version, after_help = EXIT)]
pub(super) struct Args {
    /// Colour the text for people.
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub(super) color: ColorChoice,

    #[arg(long, global = true, hide = true)]
    pub(super) crash: bool,

    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check files without running them: sharing, shapes, sizes that must agree.
    #[command(after_help = EXIT)]
    Check(Check),
    /// Run a model once: outputs, loss, gradients.
    #[command(after_help = EXIT)]
    Run(Run),
    /// Compare the gradients of a model, in f64, with differences: of each storage, of each of its uses, of each input.
    #[command(after_help = EXIT)]
    Gradcheck(gradcheck::Flags),
    /// Train a model on data: weights, a log and a checkpoint in a folder.
    #[command(after_help = EXIT)]
    Train(super::train::Flags),
    /// Measure how long a step of a model takes, forward or in training.
    #[command(after_help = EXIT)]
    Bench(super::bench::Flags),
    /// Show a model's tree of layers with output shapes, parameters and operations, without weights or data.
    #[command(after_help = EXIT)]
    Summary(Summary),
    /// Rewrite files in the one form that all have: comments and meaning stay.
    #[command(after_help = EXIT)]
    Fmt(Fmt),
    /// Print what a stage of the compiler made of a file.
    #[command(after_help = EXIT)]
    Ir(Ir),
    /// Print what a diagnostic's code means, with a program that causes it and one that doesn't.
    #[command(after_help = EXIT)]
    Explain(Explain),
    /// Print the version, and what it finds on this machine.
    Version(Version),
    /// Print the script with which a shell completes command lines.
    #[command(hide = true)]
    Completions(Completions),
}

/// What every command that reads a source file takes.
#[derive(Debug, Arguments)]
pub(super) struct Source {
    /// Only this model of the file.
    #[arg(long, value_name = "NAME")]
    pub(super) model: Option<String>,

    /// Give an argument of the model a value, or an input's size: `--set d=64`, `--set dims=[64,10]`.
    #[arg(long, value_name = "NAME=VALUE", value_parser = values::setting)]
    pub(super) set: Vec<Setting>,

    /// Refuse a model with more layers and calls than this, after arrays, loops and repeats are unrolled.
    #[arg(long, value_name = "N", default_value = "1000000", hide_default_value = true)]
    pub(super) max_nodes: Option<u64>,

    /// Name standard input in messages.
    #[arg(long, value_name = "NAME", default_value = "<stdin>")]
    pub(super) stdin_filename: String,
}

#[derive(Debug, Arguments)]
pub(super) struct Check {
    /// Files to check; `-` is standard input.
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,

    #[command(flatten)]
    pub(super) source: Source,

    /// How to report.
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: CheckFormat,

    /// List every storage with its slots and uses.
    #[arg(long)]
    pub(super) sharing: bool,

    /// Say how much memory a run and training take, in f32: all tensors, weights and gradients among them, at the sizes
    /// of `--set`.
    #[arg(long)]
    pub(super) memory: bool,

    /// Show at most this many findings for people; all are counted.
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub(super) max_errors: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum CheckFormat {
    /// For people.
    #[default]
    Human,
    /// One line for each finding, as editors and `grep` want it.
    Short,
    /// One object for each file (`wnet.check/1`), with models and sharing.
    Json,
    /// One object for each finding, a line each.
    JsonLines,
    /// Workflow commands, which GitHub shows beside the lines of a change.
    Github,
    /// One log for all files (SARIF 2.1.0).
    Sarif,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum RunFormat {
    #[default]
    Human,
    Json,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum TextFormat {
    #[default]
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Dtype {
    #[default]
    F32,
    F64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum RunMode {
    Train,
    #[default]
    Eval,
}

impl From<RunMode> for Mode {
    fn from(mode: RunMode) -> Self {
        match mode {
            RunMode::Train => Self::Train,
            RunMode::Eval => Self::Eval,
        }
    }
}

/// What a model is run on.
#[derive(Debug, Arguments)]
pub(super) struct Given {
    /// Arrays named as the inputs (`.npz`). Without, inputs are drawn from the seed.
    #[arg(long, value_name = "FILE")]
    pub(super) data: Option<PathBuf>,

    /// Weights under the paths of storages or slots (`.safetensors`, `.npz`). Without, they are drawn from the seed.
    #[arg(long, value_name = "FILE")]
    pub(super) weights: Option<PathBuf>,

    /// Choose the random numbers.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) seed: u64,

    /// Whether layers such as Dropout act as in training.
    #[arg(long, value_enum, default_value_t)]
    pub(super) mode: RunMode,

    /// Use at most this many threads. The results don't hang on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) threads: Option<u32>,

    /// Refuse a run that takes more memory, such as `2GiB`. Without, four fifths of the machine's may be taken.
    #[arg(long, value_name = "SIZE", value_parser = memory::size)]
    pub(super) max_memory: Option<u64>,
}

#[derive(Debug, Arguments)]
pub(super) struct Run {
    /// The file; `-` is standard input.
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,

    #[command(flatten)]
    pub(super) source: Source,

    #[command(flatten)]
    pub(super) given: Given,

    /// The type of all floats.
    #[arg(long, value_enum, default_value_t)]
    pub(super) dtype: Dtype,

    /// Compute gradients too, from the loss, or else from the sum of the float outputs.
    #[arg(long)]
    pub(super) backward: bool,

    /// Start gradients from these arrays, named as the outputs (`.npz`).
    #[arg(long, value_name = "FILE", requires = "backward")]
    pub(super) grad_outputs: Option<PathBuf>,

    /// Write the outputs by their names (`.npz`).
    #[arg(long, value_name = "FILE")]
    pub(super) outputs: Option<PathBuf>,

    /// Write the gradients of storages, and of inputs as `input.NAME` (`.npz`).
    #[arg(long, value_name = "FILE", requires = "backward")]
    pub(super) grads: Option<PathBuf>,

    /// Write the weights, each storage once (`.safetensors`, `.npz`).
    #[arg(long, value_name = "FILE")]
    pub(super) save_weights: Option<PathBuf>,

    /// How to show the results (JSON: `wnet.run/1`).
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: RunFormat,
}

#[derive(Debug, Arguments)]
pub(super) struct Summary {
    /// The file; `-` is standard input.
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,

    #[command(flatten)]
    pub(super) source: Source,

    /// Show only so many levels of the tree; what is deeper is counted in the row that holds it.
    #[arg(long, value_name = "N", value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..))]
    pub(super) depth: Option<usize>,

    /// The columns beside the names and kinds, in this order.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "COLUMN,…")]
    pub(super) columns: Vec<Column>,

    /// How to show it (JSON: `wnet.summary/1`).
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: TextFormat,
}

/// A column of the summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Column {
    /// The types of the results of the last call.
    Output,
    /// Elements of the storages that no row above reaches.
    Params,
    /// Elements as if every slot had storage of its own.
    Naive,
    /// The trained ones among the params.
    Trainable,
    /// The owners of storages that are shared.
    Shared,
    /// How often it is called.
    Calls,
    /// Additions and multiplications of all calls.
    Flops,
}

impl Column {
    pub(super) const DEFAULT: &[Self] = &[Self::Output, Self::Params, Self::Shared, Self::Calls, Self::Flops];

    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Output => "output",
            Self::Params => "params",
            Self::Naive => "naive",
            Self::Trainable => "trainable",
            Self::Shared => "shared",
            Self::Calls => "calls",
            Self::Flops => "flops",
        }
    }

    pub(super) const fn is_number(self) -> bool {
        !matches!(self, Self::Output | Self::Shared)
    }
}

#[derive(Debug, Arguments)]
pub(super) struct Fmt {
    /// Files to format; `-` is standard input, whose text goes to standard output.
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,

    /// Write nothing; name the files that would change. The exit status is 1 if there are any.
    #[arg(long)]
    pub(super) check: bool,

    /// Write nothing; show what would change. The exit status is 1 if anything would.
    #[arg(long)]
    pub(super) diff: bool,

    /// Name standard input in messages.
    #[arg(long, value_name = "NAME", default_value = "<stdin>")]
    pub(super) stdin_filename: String,
}

#[derive(Debug, Arguments)]
pub(super) struct Ir {
    /// The file; `-` is standard input.
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,

    #[command(flatten)]
    pub(super) source: Source,

    /// After which stage.
    #[arg(long, value_enum, default_value_t)]
    pub(super) stage: Stage,

    #[arg(long, value_enum, default_value_t)]
    pub(super) format: TextFormat,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Stage {
    /// The syntax tree.
    Ast,
    /// Arguments filled in, repeats unrolled; still with names.
    Model,
    /// Storages, slots, nodes and uses by number.
    #[default]
    Graph,
    /// The type of every value, and what sizes must satisfy.
    Typed,
    /// The steps of a run with gradients, and where every tensor lies; every size must be set.
    Plan,
}

#[derive(Debug, Arguments)]
pub(super) struct Explain {
    /// A code, as in `error[CODE]`, or the name of an operator or initializer: `Conv2d`, `softmax`, `+`.
    #[arg(value_name = "NAME", required_unless_present_any = ["all", "operators"], conflicts_with_all = ["all", "operators"], allow_hyphen_values = true)]
    pub(super) name: Option<String>,

    /// List every code with what it stands for.
    #[arg(long, conflicts_with = "operators")]
    pub(super) all: bool,

    /// List every operator and initializer with what it does.
    #[arg(long)]
    pub(super) operators: bool,

    #[arg(long, value_enum, default_value_t)]
    pub(super) format: TextFormat,
}

#[derive(Debug, Arguments)]
pub(super) struct Version {
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: TextFormat,
}

#[derive(Debug, Arguments)]
pub(super) struct Completions {
    #[arg(value_enum)]
    pub(super) shell: clap_complete::Shell,
}
