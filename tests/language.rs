//! Every program in the language reference does what stands above it: it checks, it fails with one code, or it warns.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may panic"
)]

use std::fs;
use wnet::diag::Severity;
use wnet::span::SourceMap;
use wnet::{Settings, check};

/// What stands behind ```` ```wnet ````, the line, and the program.
fn programs(page: &str) -> Vec<(String, usize, String)> {
    let mut blocks = Vec::new();
    let mut lines = page.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if let Some(kind) = line.strip_prefix("```wnet") {
            let program: Vec<&str> = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
            blocks.push((kind.trim().to_owned(), number + 1, program.join("\n") + "\n"));
        }
    }
    blocks
}

#[test]
fn programs_of_the_reference_do_what_it_says() {
    let page = fs::read_to_string("docs/language.md").unwrap();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for (kind, line, program) in programs(&page) {
        let mut map = SourceMap::new();
        map.add("page", program.as_str()).unwrap();
        let found = check(&map.files()[0], &Settings::default()).diagnostics;
        let codes = |severity| -> Vec<String> {
            found.iter().filter(|one| one.severity == severity).map(|one| one.code.clone()).collect()
        };
        let (errors, warnings) = (codes(Severity::Error), codes(Severity::Warning));
        let right = match kind.split_once(' ') {
            Some(("fails", code)) => errors == [code],
            Some(("warns", code)) => errors.is_empty() && warnings == [code],
            Some(_) => false,
            None => errors.is_empty() && warnings.is_empty(),
        };
        if !right {
            let messages: Vec<&str> = found.iter().map(|one| one.message.as_str()).collect();
            wrong.push(format!("line {line} `{kind}`: {errors:?} {warnings:?} {messages:#?}"));
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count >= 55, "{count} programs");
}
