//! Every code has a page and every page a code; the programs on a page do what it says of them.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may panic"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use wnet::diag::{Diagnostic, Severity};
use wnet::span::SourceMap;
use wnet::{Settings, check, explain};

/// The codes in the source, `code("…")`.
fn raised() -> BTreeSet<String> {
    fn visit(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                visit(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                for (at, _) in text.match_indices("code(\"") {
                    // `decode("` is something else.
                    if text[..at].ends_with(['(', ' ']) {
                        found.insert(text[at + 6..].split('"').next().unwrap().to_owned());
                    }
                }
            }
        }
    }
    let mut found = BTreeSet::new();
    visit(Path::new("src"), &mut found);
    found
}

/// The blocks of a page: what stands behind ```` ```wnet ````, and the program.
fn programs(page: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(kind) = line.strip_prefix("```wnet") {
            let program: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push((kind.trim().to_owned(), program.join("\n") + "\n"));
        }
    }
    blocks
}

fn findings(text: &str) -> Vec<Diagnostic> {
    let mut map = SourceMap::new();
    map.add("page", text).unwrap();
    check(&map.files()[0], &Settings::default()).diagnostics
}

#[test]
fn codes_and_pages_belong_together() {
    let pages: BTreeSet<String> = explain::codes().into_iter().map(str::to_owned).collect();
    assert_eq!(raised(), pages);
    for code in &pages {
        let page = explain::page(code).unwrap();
        assert!(page.starts_with(&format!("# {code}\n\n")), "{code}");
        assert!(explain::summary(code).len() > 20, "{code}");
        assert!(page.lines().all(|line| line.chars().count() <= 120 || code == "nesting-limit"), "{code}");
    }
}

#[test]
fn programs_do_what_their_page_says() {
    let mut count = 0;
    for code in explain::codes() {
        for (kind, program) in programs(explain::page(code).unwrap()) {
            let found = findings(&program);
            let errors: Vec<&str> =
                found.iter().filter(|one| one.severity == Severity::Error).map(|one| one.code.as_str()).collect();
            let warnings: Vec<&str> =
                found.iter().filter(|one| one.severity == Severity::Warning).map(|one| one.code.as_str()).collect();
            match kind.as_str() {
                "fails" => assert_eq!(errors, [code], "{program}{found:#?}"),
                "warns" => assert_eq!((errors, warnings), (vec![], vec![code]), "{program}{found:#?}"),
                "" => assert!(found.is_empty(), "{code}\n{program}{found:#?}"),
                other => panic!("{code}: a block `wnet {other}`"),
            }
            count += 1;
        }
    }
    assert!(count > 120, "{count} programs");
}
