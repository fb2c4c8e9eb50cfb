//! Diagnostics of all files → one log in SARIF 2.1.0, the format that code scanners and editors exchange. Columns are in
//! characters, ends are exclusive, file names are URI references.

use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt::Write;

use super::places::Places;
use crate::diag::{Diagnostic, Label};
use crate::explain;
use crate::span::{SourceFile, SourceMap};

#[derive(Debug, Serialize)]
pub struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    column_kind: &'static str,
    results: Vec<Finding>,
}

#[derive(Debug, Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Debug, Serialize)]
struct Driver {
    name: &'static str,
    version: &'static str,
    rules: Vec<Rule>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    short_description: Option<Message>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding {
    rule_id: String,
    rule_index: usize,
    level: &'static str,
    message: Message,
    locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
}

#[derive(Debug, Serialize)]
struct Message {
    text: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Debug, Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

/// The log of one run over several files. The first file of each map is the one that was checked.
pub fn log<'a>(files: impl IntoIterator<Item = (&'a SourceMap, &'a [Diagnostic])>) -> Log {
    let files: Vec<_> = files.into_iter().collect();
    let codes: BTreeSet<&str> =
        files.iter().flat_map(|(_, list)| list.iter()).map(|diagnostic| diagnostic.code.as_str()).collect();
    let codes: Vec<&str> = codes.into_iter().collect();
    let mut results = Vec::new();
    for (map, list) in files {
        let mut places = Places::new(map);
        results.extend(list.iter().map(|diagnostic| finding(diagnostic, &codes, map, &mut places)));
    }
    let driver =
        Driver { name: "wnetc", version: env!("CARGO_PKG_VERSION"), rules: codes.iter().copied().map(rule).collect() };
    Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run { tool: Tool { driver }, column_kind: "unicodeCodePoints", results }],
    }
}

fn rule(code: &str) -> Rule {
    let summary = explain::summary(code);
    Rule { id: code.to_owned(), short_description: (!summary.is_empty()).then(|| message(summary)) }
}

fn finding(diagnostic: &Diagnostic, codes: &[&str], map: &SourceMap, places: &mut Places<'_>) -> Finding {
    let help = diagnostic.help.as_ref().map_or_else(String::new, |help| format!("\nhelp: {help}"));
    let mut locations = diagnostic.labels.iter().map(|label| location(label, map, places));
    let first = locations.next().unwrap_or_else(|| Location {
        physical_location: PhysicalLocation { artifact_location: artifact(map.files().first()), region: None },
        message: None,
    });
    Finding {
        rule_id: diagnostic.code.clone(),
        rule_index: codes.partition_point(|code| *code < diagnostic.code.as_str()),
        level: diagnostic.severity.name(),
        message: message(&format!("{}{help}", diagnostic.message)),
        locations: vec![first],
        related_locations: locations.collect(),
    }
}

fn location(label: &Label, map: &SourceMap, places: &mut Places<'_>) -> Location {
    let at = places.at(label.span);
    let region = Region { start_line: at.line, start_column: at.col, end_line: at.end_line, end_column: at.end_col };
    let artifact_location = artifact(map.file_at(label.span.start));
    Location {
        physical_location: PhysicalLocation { artifact_location, region: Some(region) },
        message: (!label.text.is_empty()).then(|| message(&label.text)),
    }
}

fn artifact(file: Option<&SourceFile>) -> ArtifactLocation {
    ArtifactLocation { uri: uri(file.map_or("", |file| file.name())) }
}

/// A text for people. `[i](h)` would be a link, and is a call.
fn message(text: &str) -> Message {
    let text = if text.contains("](") { text.replace('[', "\\[").replace(']', "\\]") } else { text.to_owned() };
    Message { text }
}

/// A path as a URI reference: relative as it is, absolute as `file:` URI.
fn uri(path: &str) -> String {
    let path = if cfg!(windows) { path.replace('\\', "/") } else { path.to_owned() };
    let mut uri = String::with_capacity(path.len());
    if path.starts_with('/') {
        uri.push_str("file://");
    } else if cfg!(windows) && path.get(1..3) == Some(":/") {
        uri.push_str("file:///");
    }
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/') {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}
