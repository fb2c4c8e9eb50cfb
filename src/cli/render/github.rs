//! Diagnostics → GitHub's workflow commands, `::error file=…,line=…::message`, which it shows beside the lines of a
//! change. Nothing that a message or a name contains can end a property or begin a second command.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::places::Places;
use crate::diag::{Diagnostic, Severity};
use crate::sanitize;
use crate::span::SourceMap;

/// Writes every diagnostic of the list as one line. The first file of the map is the one that was checked.
pub fn write(out: &mut dyn Write, map: &SourceMap, list: &[Diagnostic]) -> io::Result<()> {
    let mut places = Places::new(map);
    for diagnostic in list {
        let command = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let span = diagnostic.labels.first().map(|label| label.span);
        let file = span.and_then(|span| map.file_at(span.start)).or_else(|| map.files().first());
        write!(out, "::{command} file={}", property(file.map_or("", |file| file.name())))?;
        if let Some(span) = span {
            let at = places.at(span);
            if at.line == at.end_line {
                write!(out, ",line={},col={},endLine={},endColumn={}", at.line, at.col, at.end_line, at.end_col)?;
            } else {
                // Columns are taken for a single line only.
                write!(out, ",line={},endLine={}", at.line, at.end_line)?;
            }
        }
        let help = diagnostic.help.as_ref().map_or_else(String::new, |help| format!("\nhelp: {help}"));
        let message = escaped(&format!("{}{help}", diagnostic.message), |_| false);
        writeln!(out, ",title={}::{message}", property(&diagnostic.code))?;
    }
    Ok(())
}

fn property(text: &str) -> String {
    escaped(text, |character| matches!(character, ':' | ','))
}

/// What would end a line, and what is reserved, in the `%XX` form that GitHub turns back; all else that can't be seen
/// is made visible.
fn escaped(text: &str, is_reserved: impl Fn(char) -> bool) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '%' | '\r' | '\n') || is_reserved(character) {
            let _ = write!(shown, "%{:02X}", u32::from(character));
        } else {
            sanitize::push(&mut shown, character);
        }
    }
    shown
}
