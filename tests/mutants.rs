//! What becomes of a program when it is changed a little: no change makes the compiler panic, each mistake has a place,
//! and what still is a program stays the same program when it is formatted.
//!
//! `WNET_MUTANTS` says how many changes are tried, a few thousand if it isn't set, and `WNET_MUTANTS_FROM` which is the
//! first of them.

#![allow(
    unreachable_pub,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may panic"
)]

#[path = "mutants/change.rs"]
mod change;
#[path = "robust/examine.rs"]
mod examine;

use change::change;
use examine::{examine, exercise};
use std::any::Any;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::thread;
use wnet::cli::render::human::{Style, report};
use wnet::cli::render::short;
use wnet::diag::Severity;
use wnet::ir::graph_text;
use wnet::program::NoFiles;
use wnet::span::SourceMap;
use wnet::stack::with_room;
use wnet::syntax::{FormatError, format};
use wnet::tensor::random::Stream;
use wnet::{Checked, Settings, compile, sanitize};

/// How many changes are tried in every run of the tests.
const FEW: u64 = 4_000;

fn map_of(text: &str) -> SourceMap {
    let mut map = SourceMap::new();
    map.add("file.wnet", text).unwrap();
    map
}

fn checked(map: &mut SourceMap) -> Checked {
    let settings = Settings { max_nodes: Some(20_000), ..Settings::default() };
    compile(map, &mut NoFiles, &settings)
}

fn files(folder: &str, end: &str) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths: Vec<PathBuf> = fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|found| found == end));
    paths.sort();
    paths.into_iter().map(|path| fs::read_to_string(path).unwrap()).collect()
}

/// The programs on a page.
fn programs(page: &str) -> Vec<String> {
    let mut programs = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if line.starts_with("```wnet") {
            let program: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            programs.push(program.join("\n") + "\n");
        }
    }
    programs
}

/// The examples, the standard library, and the programs of the specification and of each message.
fn corpus() -> Vec<String> {
    let mut corpus = files("examples", "wnet");
    corpus.extend(files("std", "wnet"));
    corpus.extend(files("tests/ui", "wnet"));
    let pages = files("tests/spec", "md").into_iter().chain(files("docs", "md"));
    corpus.extend(pages.flat_map(|page| programs(&page)));
    corpus
}

/// The graphs of a program without mistakes.
fn graphs(checked: &Checked) -> Option<Vec<String>> {
    let sound = checked.diagnostics.iter().all(|found| found.severity != Severity::Error);
    sound.then(|| checked.models.iter().map(|model| graph_text(&model.graph)).collect())
}

/// Formatting twice is formatting once, and a program stays the same.
fn same_when_formatted(text: &str, checked_before: &Checked) {
    let once = match format(&map_of(text).files()[0]) {
        Ok(once) => once,
        Err(FormatError::Mistakes(found)) => {
            assert!(!found.is_empty() && graphs(checked_before).is_none(), "{found:?}");
            return;
        }
        Err(FormatError::Changed) => panic!("formatting would change it"),
    };
    let again = format(&map_of(&once).files()[0]).unwrap_or_else(|error| panic!("{error:?} in\n{once}"));
    assert_eq!(once, again, "formatted twice");
    if let Some(before) = graphs(checked_before) {
        let mut map = map_of(&once);
        assert_eq!(Some(before), graphs(&checked(&mut map)), "formatted to\n{once}");
    }
}

/// Tries one text. `drawn`: its findings are also drawn for a terminal.
fn attempt(text: &str, drawn: bool) {
    let mut map = map_of(text);
    let result = checked(&mut map);
    examine(&map, &result.diagnostics);
    same_when_formatted(text, &result);
    exercise(&map, &result);
    if drawn {
        let mut out = Vec::new();
        report(&mut out, &map, &result.diagnostics, &Style::default()).unwrap();
        short::write(&mut out, &map, &result.diagnostics).unwrap();
        let out = String::from_utf8(out).unwrap();
        assert!(!out.chars().any(|c| c != '\n' && sanitize::is_hidden(c)), "{out:?}");
    }
}

fn message(error: &(dyn Any + Send)) -> String {
    let text = error.downcast_ref::<String>().cloned();
    text.or_else(|| error.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn no_change_of_a_program_breaks_the_compiler() {
    let corpus = corpus();
    assert!(corpus.len() > 300, "{} programs", corpus.len());
    let first = number("WNET_MUTANTS_FROM").unwrap_or(0);
    let end = first + number("WNET_MUTANTS").unwrap_or(FEW);
    let workers = thread::available_parallelism().map_or(2, usize::from).min(8) as u64;
    let broken: Vec<String> = thread::scope(|scope| {
        let try_all = |worker| {
            let corpus = &corpus;
            // Room for all changes at once: a thread for each of them takes longer than its check.
            move || {
                with_room(|| {
                    let mut broken = Vec::new();
                    for index in (first + worker..end).step_by(workers as usize) {
                        let mut random = Stream::new(index, "changes");
                        let text = change(&corpus[random.below(corpus.len() as u64) as usize], &mut random);
                        let outcome = catch_unwind(AssertUnwindSafe(|| attempt(&text, index % 20 == 0)));
                        if let Err(error) = outcome {
                            let message = message(&*error);
                            broken.push(format!("change {index}: {message}\n--- in ---\n{text}\n--- {text:?}"));
                        }
                    }
                    broken
                })
            }
        };
        let workers: Vec<_> = (0..workers).map(|worker| scope.spawn(try_all(worker))).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert!(
        broken.is_empty(),
        "{} changes, the first of them\n{}",
        broken.len(),
        broken[..broken.len().min(20)].join("\n\n")
    );
}
