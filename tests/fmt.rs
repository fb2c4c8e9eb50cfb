//! The formatter: what its output looks like, that it changes neither words nor meaning, that formatting twice is
//! formatting once, and the command.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may panic"
)]

#[path = "fmt/command.rs"]
mod command;
#[path = "fmt/generate.rs"]
mod generate;
#[path = "fmt/mutate.rs"]
mod mutate;

use std::fs;
use std::path::{Path, PathBuf};
use wnet::diag::{Diagnostics, Severity};
use wnet::ir::graph_text;
use wnet::span::SourceMap;
use wnet::syntax::{FormatError, format, parse, tree_text};
use wnet::{Settings, check};

fn map(text: &str) -> SourceMap {
    let mut map = SourceMap::new();
    map.add("test", text).unwrap();
    map
}

fn tree(text: &str) -> String {
    let map = map(text);
    let mut found = Diagnostics::new();
    let tree = tree_text(&parse(&map.files()[0], &mut found));
    assert!(!found.has_errors(), "{text}");
    tree
}

/// All that isn't blank, without commas, which may come and go at the end of a list.
fn essence(text: &str) -> String {
    text.chars().filter(|c| !c.is_ascii_whitespace() && *c != ',').collect()
}

/// The formatted text, after a look at what must hold of any; `None` for a text with mistakes.
fn formatted(text: &str) -> Option<String> {
    let once = stable(text)?;
    assert_eq!(tree(text), tree(&once), "{text}");
    Some(once)
}

/// The same without a look at the tree, whose printing takes long if it is deep.
fn stable(text: &str) -> Option<String> {
    let once = match format(&map(text).files()[0]) {
        Ok(once) => once,
        Err(FormatError::Mistakes(found)) => {
            assert!(!found.is_empty());
            return None;
        }
        Err(FormatError::Changed) => panic!("it would be changed:\n{text}"),
    };
    let again = format(&map(&once).files()[0]).unwrap_or_else(|error| panic!("{error:?} in\n{once}"));
    assert_eq!(once, again, "formatted twice:\n{text}");
    assert_eq!(essence(text), essence(&once), "{text}");
    assert!(once.is_empty() || (once.ends_with('\n') && !once.starts_with('\n')), "{once}");
    assert!(!once.contains("\n\n\n") && !once.ends_with("\n\n") && !once.contains("{\n\n"), "{once}");
    assert!(once.lines().all(|line| !line.ends_with([' ', '\t', '\r'])), "{once}");
    Some(once)
}

fn good(text: &str) -> String {
    formatted(text).unwrap_or_else(|| panic!("a program with mistakes:\n{text}"))
}

fn files(folder: &str) -> Vec<(PathBuf, String)> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|end| end == "wnet")).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), fs::read_to_string(&path).unwrap())).collect()
}

/// The programs of a page that are wnet, with the line on which each begins.
fn programs(page: &str) -> Vec<(usize, String)> {
    let mut programs = Vec::new();
    let mut lines = page.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        if line.starts_with("```wnet") {
            let program: Vec<&str> = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
            programs.push((at + 2, program.join("\n") + "\n"));
        }
    }
    programs
}

fn pages() -> Vec<(PathBuf, String)> {
    let mut folders = vec![PathBuf::from("docs")];
    let mut pages = vec![PathBuf::from("README.md")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "md") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    pages.into_iter().filter_map(|path| Some((path.clone(), fs::read_to_string(&path).ok()?))).collect()
}

/// All the programs that the project has.
fn corpus() -> Vec<String> {
    let folders = ["examples", "tests/fmt", "tests/reference"];
    let mut corpus: Vec<String> = folders.iter().flat_map(|folder| files(folder)).map(|(_, text)| text).collect();
    corpus.extend(pages().iter().flat_map(|(_, page)| programs(page)).map(|(_, program)| program));
    corpus
}

#[test]
fn the_look_of_every_form() {
    insta::with_settings!({snapshot_path => "fmt/snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::glob!("fmt/*.wnet", |path| insta::assert_snapshot!(good(&fs::read_to_string(path).unwrap())));
    });
}

#[test]
fn examples_and_programs_in_the_documents_are_formatted() {
    for (path, text) in files("examples") {
        assert_eq!(good(&text), text, "{}: `wnetc fmt` makes it so", path.display());
    }
    for (path, page) in pages() {
        for (line, program) in programs(&page) {
            if let Some(formatted) = formatted(&program) {
                assert_eq!(formatted, program, "{}:{line}", path.display());
            }
        }
    }
}

#[test]
fn models_stay_the_same() {
    let graphs = |text: &str| -> Vec<String> {
        let checked = check(&map(text).files()[0], &Settings::default());
        let errors = checked.diagnostics.iter().filter(|found| found.severity == Severity::Error);
        let messages = errors.map(|found| found.message.clone());
        checked.models.iter().map(|model| graph_text(&model.graph)).chain(messages).collect()
    };
    let mut models = 0;
    for text in corpus() {
        // Written without any care.
        let rough = mutate::mutant(&text.replace("    ", " ").replace(", ", ","), 0);
        for text in [text, rough] {
            if let Some(formatted) = formatted(&text) {
                let before = graphs(&text);
                models += before.len();
                assert_eq!(before, graphs(&formatted), "{text}");
            }
        }
    }
    assert!(models > 300, "{models} models");
}

#[test]
fn programs_of_all_kinds_are_formatted() {
    let (mut taken, all) = (0, 800);
    for seed in 0..all {
        taken += u64::from(formatted(&generate::program(seed)).is_some());
    }
    assert!(taken > all * 4 / 5, "{taken} of {all} were programs");
}

#[test]
fn what_is_left_of_a_mutant_is_formatted() {
    let corpus: Vec<String> = corpus().into_iter().filter(|text| (20..2_000).contains(&text.len())).collect();
    let (mut taken, all) = (0, 3_000);
    for seed in 0..all {
        let text = &corpus[usize::try_from(seed).unwrap() % corpus.len()];
        taken += u64::from(formatted(&mutate::mutant(text, seed + 1)).is_some());
    }
    assert!(taken > all / 4, "{taken} of {all} were programs");
}

#[test]
fn line_breaks_of_all_kinds_become_one() {
    for (path, text) in files("tests/fmt") {
        let twin = text.replace('\n', "\r\n");
        assert_eq!(good(&text), good(&twin), "{}", path.display());
    }
    assert_eq!(good("# a\r\r\n#b"), "# a\n#b\n");
    assert_eq!(good("block A{\rinput x:[3]\r}"), "block A {\n    input x: [3]\n}\n");
}

#[test]
fn depth_and_size_have_no_surprises() {
    let good = |text: &str| assert!(stable(text).is_some(), "{text}");
    let nested =
        |open: &str, close: &str, count: usize| format!("const A = {}1{}", open.repeat(count), close.repeat(count));
    for (open, close) in [("(", ")"), ("[", "]"), ("f(", ")"), ("[1,", "]"), ("(a + [", "])")] {
        good(&nested(open, close, 120));
    }
    good(&format!("const A = a{}", " + a".repeat(1_000)));
    good(&format!("const A = {}a", "- ".repeat(1_000)));
    good(&format!("const A = {}a", "a ** ".repeat(1_000)));
    good(&format!("const A = a{}", ".b".repeat(1_000)));
    good(&format!("block A {{ x = a{} }}", " -> f(1, [2])^n".repeat(2_000)));
    good(&format!("block A {{ {}{} }}", "if a { ".repeat(250), "} ".repeat(250)));
    good(&format!("block A {{ if a {{ }} {} }}", "else if b { }\n".repeat(200)));
    good(&format!("const A = [{}]", "[1, 2], ".repeat(10_000)));
    good(&format!("const A = [{}]", "1, # one\n".repeat(10_000)));
    // A small text whose lines would be very deep.
    let deep = format!("const A = {}{}{}", "[".repeat(250), "1,".repeat(80_000), "]".repeat(250));
    match format(&map(&deep).files()[0]) {
        Err(FormatError::Mistakes(found)) => assert_eq!(found[0].code, "source-size"),
        other => panic!("{:?}", other.map(|text| text.len())),
    }
}

#[test]
fn the_corpus_is_there() {
    assert!(Path::new("examples").is_dir() && files("tests/fmt").len() > 5 && corpus().len() > 150);
}
