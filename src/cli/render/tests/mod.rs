//! Reports as they are seen: ordinary ones as snapshots, hostile ones by what must hold of any report.

mod hostile;
mod json;
mod large;
mod look;
mod underline;

use super::human::{Style, report};
use crate::diag::{Diagnostic, Label, Severity};
use crate::span::{SourceMap, Span};

/// One file with the name `model.wnet`.
fn file(text: impl Into<String>) -> SourceMap {
    let mut map = SourceMap::new();
    map.add("model.wnet", text.into()).unwrap();
    map
}

/// The span of the `nth` occurrence, from 0, of a needle in any file.
fn find(map: &SourceMap, needle: &str, nth: usize) -> Span {
    let hits = map
        .files()
        .iter()
        .flat_map(|file| file.text().match_indices(needle).map(move |(at, _)| file.span().start as usize + at));
    let start = hits.into_iter().nth(nth).unwrap() as u32;
    Span::new(start, start + needle.len() as u32)
}

fn finding(code: &str, message: &str, labels: &[(Span, &str)]) -> Diagnostic {
    Diagnostic {
        code: code.into(),
        severity: Severity::Error,
        message: message.into(),
        labels: labels.iter().map(|&(span, text)| Label { span, text: text.into() }).collect(),
        help: None,
    }
}

fn warning(code: &str, message: &str, labels: &[(Span, &str)]) -> Diagnostic {
    Diagnostic { severity: Severity::Warning, ..finding(code, message, labels) }
}

fn with_help(help: &str, diagnostic: Diagnostic) -> Diagnostic {
    Diagnostic { help: Some(help.into()), ..diagnostic }
}

fn human(map: &SourceMap, list: &[Diagnostic], style: &Style) -> String {
    let mut out = Vec::new();
    report(&mut out, map, list, style).unwrap();
    String::from_utf8(out).unwrap()
}

fn short(map: &SourceMap, list: &[Diagnostic]) -> String {
    let mut out = Vec::new();
    super::short::write(&mut out, map, list).unwrap();
    String::from_utf8(out).unwrap()
}
