//! Many findings take time in proportion to what is shown, and one line of megabytes no more than many short ones.

use std::time::{Duration, Instant};

use super::super::human::Style;
use super::super::json::diagnostics;
use super::{file, finding, human, short};
use crate::diag::Diagnostic;
use crate::span::{SourceMap, Span};

/// A debug build is several times slower than a release build.
const FACTOR: u32 = if cfg!(debug_assertions) { 8 } else { 1 };

fn findings(count: u32, distance: u32) -> Vec<Diagnostic> {
    (0..count).map(|at| finding("x", "message", &[(Span::new(at * distance, at * distance + 3), "here")])).collect()
}

fn within(limit: Duration, map: &SourceMap, list: &[Diagnostic]) {
    let start = Instant::now();
    let report = human(map, list, &Style::default());
    assert!(report.contains("950 more errors (--max-errors shows more)\n"), "{report}");
    human(map, &list[..list.len().min(10_000)], &Style { max_errors: usize::MAX, ..Style::default() });
    assert_eq!(short(map, list).lines().count(), list.len());
    assert_eq!(diagnostics(map, list).len(), list.len());
    let taken = start.elapsed();
    assert!(taken < limit * FACTOR, "{taken:?} for {} findings", list.len());
}

#[test]
fn ten_thousand_lines() {
    within(Duration::from_secs(1), &file("a = b(c)\n".repeat(10_000)), &findings(10_000, 9));
}

#[test]
fn a_hundred_thousand_on_many_lines() {
    within(Duration::from_secs(3), &file("a = b(c)\n".repeat(100_000)), &findings(100_000, 9));
}

#[test]
fn a_hundred_thousand_on_one_line() {
    within(Duration::from_secs(3), &file("a = b(c) ".repeat(100_000)), &findings(100_000, 9));
}

#[test]
fn a_label_for_each_of_many_uses() {
    let map = file("a = b(c)\n".repeat(10_000));
    let places: Vec<(Span, &str)> = (0..10_000).map(|line| (Span::new(line * 9, line * 9 + 1), "used")).collect();
    let report = human(&map, &[finding("x", "message", &places)], &Style::default());
    assert!(report.contains("places: 9,980 more\n"), "{report}");
}
