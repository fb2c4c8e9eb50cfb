//! Many findings, on many lines and on one of megabytes: each is shown or counted.

use super::super::human::Style;
use super::super::json::diagnostics;
use super::{file, finding, human, short};
use crate::diag::Diagnostic;
use crate::span::{SourceMap, Span};

fn findings(count: u32, distance: u32) -> Vec<Diagnostic> {
    (0..count).map(|at| finding("x", "message", &[(Span::new(at * distance, at * distance + 3), "here")])).collect()
}

fn all_are_shown_or_counted(map: &SourceMap, list: &[Diagnostic]) {
    let report = human(map, list, &Style::default());
    assert!(report.contains("950 more errors (--max-errors shows more)\n"), "{report}");
    let all = human(map, &list[..10_000], &Style { max_errors: usize::MAX, ..Style::default() });
    assert_eq!(all.matches("error[x]").count(), 10_000);
    assert_eq!(short(map, list).lines().count(), list.len());
    assert_eq!(diagnostics(map, list).len(), list.len());
}

#[test]
fn ten_thousand_lines() {
    all_are_shown_or_counted(&file("a = b(c)\n".repeat(10_000)), &findings(10_000, 9));
}

#[test]
fn a_hundred_thousand_on_many_lines() {
    all_are_shown_or_counted(&file("a = b(c)\n".repeat(100_000)), &findings(100_000, 9));
}

#[test]
fn a_hundred_thousand_on_one_line() {
    all_are_shown_or_counted(&file("a = b(c) ".repeat(100_000)), &findings(100_000, 9));
}

#[test]
fn a_label_for_each_of_many_uses() {
    let map = file("a = b(c)\n".repeat(10_000));
    let places: Vec<(Span, &str)> = (0..10_000).map(|line| (Span::new(line * 9, line * 9 + 1), "used")).collect();
    let report = human(&map, &[finding("x", "message", &places)], &Style::default());
    assert!(report.contains("places: 9,980 more\n"), "{report}");
}
