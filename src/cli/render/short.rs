//! Diagnostics → one line each, `file:line:col: error[CODE]: message`, as editors and `grep` want them. Nothing
//! that a message or a name contains can start a second line.

use std::io::{self, Write};

use super::human::title;
use super::places::Places;
use crate::diag::Diagnostic;
use crate::sanitize;
use crate::span::SourceMap;

/// Writes every diagnostic of the list. One without a place begins with the name of the map's first file.
pub fn write(out: &mut dyn Write, map: &SourceMap, list: &[Diagnostic]) -> io::Result<()> {
    let mut places = Places::new(map);
    for diagnostic in list {
        if let Some(label) = diagnostic.labels.first()
            && let Some(file) = map.file_at(label.span.start)
        {
            let position = places.position(label.span.start);
            write!(out, "{}:{}:{}: ", sanitize::line(file.name()), position.line, position.column)?;
        } else if let Some(file) = map.files().first() {
            write!(out, "{}: ", sanitize::line(file.name()))?;
        }
        writeln!(out, "{}: {}", title(diagnostic), one_line(&diagnostic.message))?;
    }
    Ok(())
}

/// A message of several lines with its line breaks and the indentation after them as single spaces.
fn one_line(message: &str) -> String {
    let lines: Vec<&str> = message.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    sanitize::line(&sanitize::cut(&lines.join(" "))).into_owned()
}
