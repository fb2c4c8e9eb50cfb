//! Diagnostics → one JSON object a line: the fields of the `diagnostics` array, and the file that was checked. A line
//! holds no line break, whatever a message contains.

use serde::Serialize;
use std::io::{self, Write};

use super::json::{JsonDiagnostic, diagnostics};
use crate::diag::Diagnostic;
use crate::span::SourceMap;

#[derive(Debug, Serialize)]
struct Line<'a> {
    file: &'a str,
    #[serde(flatten)]
    diagnostic: JsonDiagnostic,
}

/// Writes every diagnostic of the list. The first file of the map is the one that was checked.
pub fn write(out: &mut dyn Write, map: &SourceMap, list: &[Diagnostic]) -> io::Result<()> {
    let file = map.files().first().map_or("", |file| file.name());
    for diagnostic in diagnostics(map, list) {
        serde_json::to_writer(&mut *out, &Line { file, diagnostic })?;
        writeln!(out)?;
    }
    Ok(())
}
