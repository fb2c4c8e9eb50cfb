//! The specification: every program in `tests/spec/*.md` and in `docs/language.md` is checked, and found to be what stands
//! in its comments or above it, and nothing else.

#![allow(
    unreachable_pub,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may panic"
)]

#[path = "spec/breaks.rs"]
mod breaks;
#[path = "spec/case.rs"]
mod case;
#[path = "spec/facts.rs"]
mod facts;
#[path = "spec/findings.rs"]
mod findings;

use case::{Case, cases};
use std::fs;
use std::path::PathBuf;
use wnet::Checked;
use wnet::diag::Severity;

/// The chapters, in the order in which they are read.
const CHAPTERS: &[&str] = &[
    "layout",
    "items",
    "arguments",
    "scope",
    "shapes",
    "sharing",
    "views",
    "blocks",
    "nested_blocks",
    "arrays",
    "loops",
    "conditions",
    "pipelines",
    "expressions",
    "imports",
    "state",
    "assertions",
    "counts",
    "warnings",
    "limits",
];

fn page(path: &str) -> String {
    fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// All that is wrong, so that one run tells everything.
fn none(wrong: &[String]) {
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n\n"));
}

#[test]
fn every_case_does_what_its_comments_say() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    for chapter in CHAPTERS {
        let path = format!("tests/spec/{chapter}.md");
        for case in cases(&path, &page(&path)) {
            assert_eq!(case.kind, "", "{path}:{}: what a case does stands in its comments", case.line);
            let checked = case.check();
            let mut found = findings::compare(&case, &checked);
            found.extend(facts::compare(&case, &checked));
            wrong.extend(found.into_iter().map(|text| format!("{path}:{}: {text}", case.line)));
            count += 1;
        }
    }
    none(&wrong);
    assert!(count > 180, "{count} cases");
}

#[test]
fn every_chapter_is_read() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/spec");
    let mut pages: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().into_string().unwrap().strip_suffix(".md").map(str::to_owned))
        .collect();
    pages.sort();
    let mut chapters: Vec<&str> = CHAPTERS.to_vec();
    chapters.sort_unstable();
    assert_eq!(pages, chapters);
}

#[test]
fn a_line_may_break_between_any_two_words() {
    let mut wrong = Vec::new();
    for chapter in CHAPTERS {
        let path = format!("tests/spec/{chapter}.md");
        for mut case in cases(&path, &page(&path)) {
            let before = case.check().checked;
            // A mistake ends where its line does, which is what tells it from what follows.
            if before.diagnostics.iter().any(|one| one.severity == Severity::Error) {
                continue;
            }
            for (_, text) in &mut case.files {
                *text = breaks::broken(text);
            }
            let after = case.check().checked;
            let codes = |checked: &Checked| -> Vec<String> {
                let mut codes: Vec<String> = checked.diagnostics.iter().map(|one| one.code.clone()).collect();
                codes.sort();
                codes
            };
            let graphs = |checked: &Checked| -> Vec<String> {
                checked.models.iter().map(|model| wnet::ir::graph_text(&model.graph)).collect()
            };
            if codes(&before) != codes(&after) || graphs(&before) != graphs(&after) {
                wrong.push(format!("{path}:{}:\n{}", case.line, Case::list(&after.diagnostics)));
            }
        }
    }
    none(&wrong);
}

#[test]
fn programs_of_the_reference_do_what_it_says() {
    let path = "docs/language.md";
    let (mut wrong, mut count) = (Vec::new(), 0);
    for case in cases(path, &page(path)) {
        let found = case.check().checked.diagnostics;
        let codes = |severity: Severity| -> Vec<&str> {
            found.iter().filter(|one| one.severity == severity).map(|one| one.code.as_str()).collect()
        };
        let (errors, warnings) = (codes(Severity::Error), codes(Severity::Warning));
        let fits = match case.kind.split_once(' ') {
            None if case.kind.is_empty() => found.is_empty(),
            Some(("fails", wanted)) => errors == wanted.split(' ').collect::<Vec<_>>(),
            Some(("warns", wanted)) => errors.is_empty() && warnings == wanted.split(' ').collect::<Vec<_>>(),
            _ => false,
        };
        if !fits {
            let text = Case::list(&found);
            wrong.push(format!("{path}:{}: `wnet {}` was wanted, and found is\n{text}", case.line, case.kind));
        }
        count += 1;
    }
    none(&wrong);
    assert!(count > 50, "{count} examples");
}
