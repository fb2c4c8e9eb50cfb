//! How long each stage takes over the number of statements, how much memory each adds, and how long files take that import
//! many others: `cargo bench --bench front_end_stages`. `infer` behind it, the name of a bench, chooses that one.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, reason = "a bench may panic, and prints")]

use divan::Bencher;
use divan::counter::ItemsCount;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::process::Command;
use wnet::diag::Diagnostics;
use wnet::infer::infer;
use wnet::lower::{Lowered, lower};
use wnet::plan::{Bindings, Options, Start, plan};
use wnet::program::{Library, NoFiles, Program, collect};
use wnet::resolve::resolve;
use wnet::span::SourceMap;
use wnet::{CheckedModel, Settings, compile};

/// Numbers of statements: half of them declare layers, the others call them.
const SIZES: [usize; 5] = [100, 1_000, 10_000, 100_000, 1_000_000];

/// With it the program runs all stages on a file of so many statements and says how much memory each added.
const STATEMENTS: &str = "WNET_BENCH_STATEMENTS";

fn main() {
    if let Ok(statements) = std::env::var(STATEMENTS) {
        memory(statements.parse().unwrap());
        return;
    }
    // One bench that is chosen doesn't wait for the table.
    if std::env::args().skip(1).all(|argument| argument == "--bench") {
        println!("peak memory in MB, and what each stage added to it");
        println!(
            "{:>10} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8}",
            "statements", "all", "parse", "lower", "resolve", "infer", "plan"
        );
        for statements in SIZES {
            let mut program = Command::new(std::env::current_exe().unwrap());
            program.env(STATEMENTS, statements.to_string()).status().unwrap();
        }
    }
    divan::main();
}

/// Runs the stages one after another, and prints the peak after each, less that before it.
fn memory(statements: usize) {
    let start = peak();
    let mut peaks = Vec::new();
    let mut map = file(statements);
    let text = peak();
    let program = collect(&mut map, &mut NoFiles, &mut Diagnostics::new());
    peaks.push(peak());
    let Lowered { model, places, .. } = lowered(&program);
    peaks.push(peak());
    let graph = resolve(&model, &places, &mut Diagnostics::new());
    peaks.push(peak());
    let types = infer(&graph, &places, &mut Diagnostics::new());
    peaks.push(peak());
    planned(&CheckedModel { model, places, graph, types, sound: true });
    peaks.push(peak());
    let mut before = text;
    print!("{statements:>10} {:>8.1}", peak() - start);
    for peak in peaks {
        print!(" {:>8.1}", peak - before);
        before = peak;
    }
    println!();
}

/// The largest amount of memory that this process had so far, in MB; 0 where the system doesn't tell.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<f64>().ok()).unwrap_or(0.0) * 1.024e-3
}

fn file(statements: usize) -> SourceMap {
    let mut text = "model Chain {\n    input x: [batch, 8]\n    h = x\n".to_owned();
    for index in 0..statements / 2 {
        writeln!(text, "    layer l{index} = Linear(8, 8)\n    h = l{index}(h)").unwrap();
    }
    text.push_str("    output h\n}\n");
    let mut map = SourceMap::new();
    map.add("bench.wnet", text).unwrap();
    map
}

fn parsed(statements: usize) -> Program {
    let mut found = Diagnostics::new();
    let program = collect(&mut file(statements), &mut NoFiles, &mut found);
    assert!(!found.has_errors());
    program
}

fn lowered(program: &Program) -> Lowered {
    lower(program, &Settings::default(), &mut Diagnostics::new()).remove(0)
}

/// The steps of forward and backward with 32 examples.
fn planned(model: &CheckedModel) -> usize {
    let mut bindings = Bindings::new();
    for symbol in &model.graph.symbols {
        bindings.set(symbol, 32);
    }
    let options = Options { start: Some(Start::Outputs), ..Options::default() };
    let plan = plan(&model.typed().unwrap(), &model.places, &bindings, &options).unwrap();
    plan.forward.len() + plan.backward.len()
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn parse(bencher: Bencher, statements: usize) {
    let counter = ItemsCount::new(statements);
    bencher.counter(counter).with_inputs(|| file(statements)).bench_local_values(|mut map| {
        let program = collect(&mut map, &mut NoFiles, &mut Diagnostics::new());
        (map, program)
    });
}

#[divan::bench(name = "lower", args = SIZES, sample_count = 5)]
fn lower_stage(bencher: Bencher, statements: usize) {
    let program = parsed(statements);
    bencher.counter(ItemsCount::new(statements)).bench_local(|| lowered(&program));
}

#[divan::bench(name = "resolve", args = SIZES, sample_count = 5)]
fn resolve_stage(bencher: Bencher, statements: usize) {
    let Lowered { model, places, .. } = lowered(&parsed(statements));
    bencher.counter(ItemsCount::new(statements)).bench_local(|| resolve(&model, &places, &mut Diagnostics::new()));
}

#[divan::bench(name = "infer", args = SIZES, sample_count = 5)]
fn infer_stage(bencher: Bencher, statements: usize) {
    let Lowered { model, places, .. } = lowered(&parsed(statements));
    let graph = resolve(&model, &places, &mut Diagnostics::new());
    bencher.counter(ItemsCount::new(statements)).bench_local(|| infer(&graph, &places, &mut Diagnostics::new()));
}

/// Steps forward and backward.
#[divan::bench(name = "plan", args = SIZES, sample_count = 5)]
fn plan_stage(bencher: Bencher, statements: usize) {
    let checked = compile(&mut file(statements), &mut NoFiles, &Settings::default());
    bencher.counter(ItemsCount::new(statements)).bench_local(|| planned(&checked.models[0]));
}

/// All stages, one after another.
#[divan::bench(args = SIZES, sample_count = 5)]
fn all(bencher: Bencher, statements: usize) {
    let counter = ItemsCount::new(statements);
    bencher.counter(counter).with_inputs(|| file(statements)).bench_local_values(|mut map| {
        let checked = compile(&mut map, &mut NoFiles, &Settings::default());
        planned(&checked.models[0]);
        (map, checked)
    });
}

/// Files in memory.
struct Memory(BTreeMap<String, String>);

impl Library for Memory {
    fn root(&self) -> String {
        "main.wnet".to_owned()
    }

    fn read(&mut self, path: &str) -> Result<String, String> {
        self.0.get(path).cloned().ok_or_else(|| "it isn't there".to_owned())
    }

    fn name(&self, path: &str) -> String {
        path.to_owned()
    }
}

/// A block, which imports another file if one is named.
fn part(index: usize, next: Option<usize>) -> (String, String) {
    let import = next.map_or_else(String::new, |next| format!("use \"f{next}.wnet\" (B{next})\n"));
    let text = format!("{import}block B{index}(d) {{ input x: [..., d] layer f = Linear(d, d) output f(x) }}\n");
    (format!("f{index}.wnet"), text)
}

fn imported(bencher: Bencher, files: usize, main: &str, parts: BTreeMap<String, String>) {
    let mut library = Memory(parts);
    bencher.counter(ItemsCount::new(files)).bench_local(|| {
        let mut map = SourceMap::new();
        map.add("main.wnet", main).unwrap();
        let checked = compile(&mut map, &mut library, &Settings::default());
        assert!(checked.models[0].sound && map.files().len() == files + 1);
        checked
    });
}

/// Each file imports the next.
#[divan::bench(args = [100, 1_000, 10_000], sample_count = 5)]
fn chain_of_imports(bencher: Bencher, files: usize) {
    let main = "use \"f0.wnet\" (B0)\nmodel M { input x: [n, 4] layer f = B0(4) output f(x) }\n";
    imported(bencher, files, main, (0..files).map(|at| part(at, Some(at + 1).filter(|next| *next < files))).collect());
}

/// One file imports all others.
#[divan::bench(args = [100, 1_000, 10_000], sample_count = 5)]
fn fan_of_imports(bencher: Bencher, files: usize) {
    let mut main = String::new();
    let mut body = "model M {\n  input x: [n, 4]\n".to_owned();
    for at in 0..files {
        writeln!(main, "use \"f{at}.wnet\" (B{at})").unwrap();
        writeln!(body, "  layer l{at} = B{at}(4)\n  x = l{at}(x)").unwrap();
    }
    let main = format!("{main}{body}  output x\n}}\n");
    imported(bencher, files, &main, (0..files).map(|at| part(at, None)).collect());
}
