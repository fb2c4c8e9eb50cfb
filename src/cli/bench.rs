//! `wnetc bench`: one model, step after step, and how long a step takes.

use super::args::{Dtype, Source};
use super::load::{examined, single};
use super::output::{Done, Output, Status};
use super::run::{Reader, sizes};
use super::train::{method, method_flags};
use super::{memory, threads};
use crate::CheckedModel;
use crate::diag::{Diagnostic, Diagnostics};
use crate::exec::Machine;
use crate::ops::Mode;
use crate::plan::{Action, Call, Step};
use crate::recipe::Settings;
use crate::run::{self, Prepared, Purpose, Request, RunError, data_value};
use crate::tensor::Slice;
use crate::tensor::gemm::{Matrix, gemm};
use crate::train::{States, Trained};
use clap::ValueEnum;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Steps before the first that counts.
const WARM_UP: u32 = 3;
/// How many passes a profile is made of.
const PASSES: usize = 11;
/// Steps shorter than this are timed several at once.
const SHORTEST: Duration = Duration::from_micros(20);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum BenchMode {
    /// Outputs, and the loss if the data has what it needs, as in evaluation.
    #[default]
    Forward,
    /// Loss, gradients and the step of the optimizer.
    Train,
}

#[derive(Debug, clap::Args)]
pub(super) struct Flags {
    /// The file; `-` is standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,

    #[command(flatten)]
    source: Source,

    /// What a step is.
    #[arg(long, value_enum, default_value_t)]
    mode: BenchMode,

    /// Arrays named as the inputs (`.npz`). Without, inputs are drawn from the seed.
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,

    /// Weights under the paths of storages or slots (`.safetensors`, `.npz`). Without, they are drawn from the seed.
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,

    /// What steps the weights: without, what the file says, or `AdamW`.
    #[arg(long, value_name = "OPTIMIZER")]
    optimizer: Option<String>,

    /// Use at most this many threads. The results don't hang on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    threads: Option<u32>,

    /// How long steps are timed.
    #[arg(long, value_name = "S", default_value = "2", value_parser = super::values::positive)]
    seconds: f64,

    /// Time every step of the plan too, and list the longest.
    #[arg(long)]
    profile: bool,

    /// The type of all floats.
    #[arg(long, value_enum, default_value_t)]
    dtype: Dtype,

    /// Choose the random numbers.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,

    /// Refuse a run that takes more memory, such as `2GiB`. Without, four fifths of the machine's may be taken.
    #[arg(long, value_name = "SIZE", value_parser = memory::size)]
    max_memory: Option<u64>,

    /// How to show the results (JSON: one object).
    #[arg(long, value_enum, default_value_t)]
    format: super::args::RunFormat,
}

/// What was measured.
struct Measured {
    /// Seconds a step, in increasing order.
    times: Vec<f64>,
    /// How many steps there were.
    steps: u64,
    /// The sum of all outputs, or the loss of the first step.
    value: f64,
    flops: Option<i64>,
    /// The additions and multiplications of a second in a large product.
    limit: f64,
    /// The most memory of the process, in bytes.
    peak: Option<u64>,
    arena: u128,
    /// Seconds in all, by what was computed.
    profile: BTreeMap<String, (f64, u64)>,
}

pub(super) fn main(args: &Flags, output: &mut Output) -> Done {
    let (loaded, checked) = examined(&args.file, &args.source)?;
    let model = match single(&loaded, checked.as_ref())? {
        Ok(model) => model,
        Err(errors) => return failed(args, &loaded.map, &errors, output),
    };
    let (map, methods) = method_flags(args.optimizer.as_deref(), None);
    let settings = match methods {
        Ok(methods) => methods,
        Err(errors) => return failed(args, &map, &errors, output),
    };
    let recipes = checked.as_ref().map(|checked| checked.recipes.as_slice()).unwrap_or_default();
    let settings = settings.or(&Settings::of(recipes, &model.graph.name));
    threads::use_flag(args.threads);
    let mut found = Diagnostics::new();
    let measured = match args.dtype {
        Dtype::F32 => measure::<f32>(args, model, &settings, &mut found)?,
        Dtype::F64 => measure::<f64>(args, model, &settings, &mut found)?,
    };
    let Some(measured) = measured else { return failed(args, &loaded.map, &found.sorted(), output) };
    report(args, &measured, output)?;
    Ok(Status::Fine)
}

fn failed(args: &Flags, map: &crate::span::SourceMap, found: &[Diagnostic], output: &mut Output) -> Done {
    match args.format {
        super::args::RunFormat::Human => output.report(map, found, 50)?,
        super::args::RunFormat::Json => {
            let json = json!({"diagnostics": super::render::json::diagnostics(map, found)});
            writeln!(output.out(), "{json}")?;
        }
    }
    Ok(Status::Found)
}

fn measure<T: Trained>(
    args: &Flags,
    model: &CheckedModel,
    settings: &Settings,
    found: &mut Diagnostics,
) -> Result<Option<Measured>, super::output::Failure> {
    let mut reader = Reader::within(args.max_memory);
    let data = reader.read(args.data.as_ref(), found)?;
    let weights = reader.read(args.weights.as_ref(), found)?;
    let purpose = match args.mode {
        BenchMode::Forward => Purpose::Outputs,
        BenchMode::Train => Purpose::Training,
    };
    let request = Request {
        sizes: sizes(&args.source),
        data,
        weights,
        seed: args.seed,
        memory: reader.memory,
        ..Request::default()
    };
    if found.has_errors() {
        return Ok(None);
    }
    let Some(prepared) = Prepared::for_purpose(model, &request, purpose, found) else { return Ok(None) };
    let Some(mut machine) = prepared.machine::<T>(&request, found) else { return Ok(None) };
    let Some(mut method) = method(settings, found) else { return Ok(None) };
    let Ok(mut states) = States::<T>::new(&prepared.plan, &*method.optimizer) else {
        let needed = prepared.plan.sizes.bytes(size_of::<T>());
        found.push(RunError::memory(needed, needed));
        return Ok(None);
    };
    let mut step = |machine: &mut Machine<'_, T>| {
        match args.mode {
            BenchMode::Forward => machine.forward(Mode::Eval)?,
            BenchMode::Train => {
                machine.forward(Mode::Train)?;
                machine.backward(Mode::Train, &|_| None)?;
                states.step(machine, &mut method, 1);
            }
        }
        Ok(())
    };
    let mut run = || -> Result<Measured, crate::exec::StepError> {
        let value = first(args.mode, &mut machine, &mut step)?;
        let mut times = Vec::new();
        let mut steps = 0;
        let mut at_once = 1;
        for warm_up in 0..WARM_UP {
            let start = Instant::now();
            step(&mut machine)?;
            if warm_up + 1 == WARM_UP {
                let short = start.elapsed().max(Duration::from_nanos(20));
                at_once = (SHORTEST.as_nanos() / short.as_nanos()).clamp(1, 1000) as u32;
            }
        }
        let begin = Instant::now();
        while times.is_empty() || begin.elapsed().as_secs_f64() < args.seconds {
            let start = Instant::now();
            for _ in 0..at_once {
                step(&mut machine)?;
            }
            times.push(start.elapsed().as_secs_f64() / f64::from(at_once));
            steps += u64::from(at_once);
        }
        times.sort_by(f64::total_cmp);
        let profile = if args.profile { profile(args.mode, &mut machine)? } else { BTreeMap::new() };
        let arena = prepared.plan.sizes.bytes(size_of::<T>());
        // Read before the product takes memory.
        let peak = memory::peak();
        let (flops, limit) = (run::flops(&prepared), limit::<T>());
        Ok(Measured { times, steps, value, flops, limit, peak, arena, profile })
    };
    match run() {
        Ok(measured) => Ok(Some(measured)),
        Err(error) => {
            found.push(data_value(model, &error));
            Ok(None)
        }
    }
}

/// Runs the first step, and gives what it came to.
fn first<T: Trained>(
    mode: BenchMode,
    machine: &mut Machine<'_, T>,
    step: &mut dyn FnMut(&mut Machine<'_, T>) -> Result<(), crate::exec::StepError>,
) -> Result<f64, crate::exec::StepError> {
    let plan = machine.plan();
    let sum = |machine: &Machine<'_, T>, tensor| match machine.view(tensor).data {
        Slice::Float(values) => values.iter().map(|value| value.to_f64()).sum(),
        _ => 0.0,
    };
    step(machine)?;
    Ok(match mode {
        BenchMode::Forward => plan.outputs.iter().map(|output| sum(machine, output.tensor)).sum(),
        BenchMode::Train => plan.loss.map_or(0.0, |loss| sum(machine, loss)),
    })
}

/// How long each kind of step takes in one pass. Of each step the median of some passes counts.
fn profile<T: Trained>(
    mode: BenchMode,
    machine: &mut Machine<'_, T>,
) -> Result<BTreeMap<String, (f64, u64)>, crate::exec::StepError> {
    let plan = machine.plan();
    let mut times = vec![Vec::new(); plan.forward.len() + plan.backward.len()];
    let (kind, n_backward) = match mode {
        BenchMode::Forward => (Mode::Eval, 0),
        BenchMode::Train => (Mode::Train, plan.backward.len()),
    };
    let n_forward = plan.forward.len();
    for _ in 0..PASSES {
        for (index, times) in times.iter_mut().take(n_forward + n_backward).enumerate() {
            let start = Instant::now();
            match index.checked_sub(n_forward) {
                None => machine.forward_steps(index..index + 1, kind)?,
                Some(index) => machine.backward_steps(index..index + 1, kind, &|_| None)?,
            }
            times.push(start.elapsed().as_secs_f64());
        }
    }
    let mut kinds: BTreeMap<String, (f64, u64)> = BTreeMap::new();
    for (step, times) in plan.forward.iter().chain(&plan.backward).zip(&mut times) {
        times.sort_unstable_by(f64::total_cmp);
        if let Some(median) = times.get(times.len() / 2) {
            let (sum, count) = kinds.entry(kind_of(step)).or_default();
            (*sum, *count) = (*sum + median, *count + 1);
        }
    }
    Ok(kinds)
}

/// What the machine reaches in a product of two square matrices, the best of some, on as many threads as the run.
fn limit<T: Trained>() -> f64 {
    const SIZE: usize = 512;
    let (a, mut out) = (vec![T::one(); SIZE * SIZE], vec![T::zero(); SIZE * SIZE]);
    let square = Matrix::new(&a, SIZE, SIZE);
    let shortest = (0..10).map(|_| {
        let start = Instant::now();
        gemm(square, square, T::zero(), &mut out);
        start.elapsed().as_secs_f64()
    });
    2.0 * (SIZE as f64).powi(3) / shortest.fold(f64::INFINITY, f64::min)
}

fn kind_of(step: &Step) -> String {
    let name = |call: &Call| call.op.def().name.to_owned();
    match &step.action {
        Action::Forward(call) => {
            let then = step.then.iter().map(|then| name(&then.call));
            std::iter::once(name(call)).chain(then).collect::<Vec<_>>().join(", ")
        }
        Action::Backward(call) | Action::Through(call) => format!("{} backward", name(call)),
        Action::Zero => "zeros of gradients".to_owned(),
        _ => "copies and sums".to_owned(),
    }
}

fn report(args: &Flags, measured: &Measured, output: &mut Output) -> std::io::Result<()> {
    let at = |part: usize| measured.times.get(part).copied().unwrap_or(0.0);
    let (median, min, max) = (at(measured.times.len() / 2), at(0), at(measured.times.len().saturating_sub(1)));
    let out = output.out();
    let mut longest: Vec<_> = measured.profile.iter().collect();
    longest.sort_by(|a, b| b.1.0.total_cmp(&a.1.0));
    match args.format {
        super::args::RunFormat::Json => {
            let steps = longest.iter().map(|(name, (time, n))| json!({"name": name, "s": time, "n": n}));
            let profile: Option<Vec<serde_json::Value>> = args.profile.then(|| steps.collect());
            let mut json = json!({
                "median_s": median, "min_s": min, "max_s": max, "n": measured.steps, "flops": measured.flops,
                "peak_flops": measured.limit, "peak_rss": measured.peak, "arena_bytes": u64::try_from(measured.arena).unwrap_or(u64::MAX),
                "value": measured.value,
            });
            if let (Some(profile), Some(object)) = (profile, json.as_object_mut()) {
                object.insert("profile".to_owned(), profile.into());
            }
            writeln!(out, "{json}")
        }
        super::args::RunFormat::Human => {
            let mode = if args.mode == BenchMode::Train { "train" } else { "forward" };
            writeln!(out, "{mode}  {} a step (least {}, most {})", time(median), time(min), time(max))?;
            if let Some(flops) = measured.flops.filter(|_| median > 0.0) {
                let rate = flops as f64 / median;
                // A training step does more than the operations that are counted.
                let words = match args.mode {
                    BenchMode::Train => " of the forward pass alone".to_owned(),
                    BenchMode::Forward => format!(", {:.0} % of a large product", 100.0 * rate / measured.limit),
                };
                writeln!(out, "{:.3} GFLOP/s{words}, {} steps", rate / 1e9, measured.steps)?;
            }
            let peak = measured.peak.map(|bytes| format!(", the process {}", run::bytes(u128::from(bytes))));
            writeln!(out, "memory: arena {}{}", run::bytes(measured.arena), peak.unwrap_or_default())?;
            writeln!(out, "value {}", run::number(measured.value))?;
            for (name, (seconds, n)) in longest {
                writeln!(out, "{:>10}  {n:>5} × {name}", time(*seconds))?;
            }
            Ok(())
        }
    }
}

/// `12.3 µs`
fn time(seconds: f64) -> String {
    match seconds {
        s if s < 1e-6 => format!("{:.1} ns", s * 1e9),
        s if s < 1e-3 => format!("{:.2} µs", s * 1e6),
        s if s < 1.0 => format!("{:.3} ms", s * 1e3),
        s => format!("{s:.3} s"),
    }
}
