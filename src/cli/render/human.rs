//! Diagnostics → a report for people: a header, the lines with their labels, help, and the totals at the end.
//! Long reports are cut to a number of diagnostics, but everything is counted.

use std::io::{self, Write};

use miette::{GraphicalTheme, ThemeCharacters, ThemeStyles};

use super::excerpt::{MAX_LABELS, excerpt};
use super::places::Places;
use crate::diag::{Diagnostic, Severity};
use crate::sanitize;
use crate::span::SourceMap;

/// Most columns of a source line that are shown, and fewest, whatever the terminal's width.
const COLUMNS: std::ops::RangeInclusive<usize> = 40..=400;
/// Columns beside a source line: number, bar and arrows.
const MARGIN: usize = 12;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    Unicode,
    Ascii,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    Always,
    Never,
}

/// How a report looks.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    pub charset: Charset,
    pub colour: Colour,
    /// Columns of the terminal. Source lines are cut to fit; messages and help are never wrapped, so that they can be
    /// searched and copied.
    pub width: usize,
    /// Diagnostics shown at most. Errors go before warnings where there isn't room for all.
    pub max_errors: usize,
}

impl Default for Style {
    fn default() -> Self {
        Self { charset: Charset::Unicode, colour: Colour::Never, width: 100, max_errors: 50 }
    }
}

/// Writes all of a report: diagnostics, each followed by an empty line, then the totals, which begin with the name of
/// the map's first file. An empty list writes nothing.
pub fn report(out: &mut dyn Write, map: &SourceMap, list: &[Diagnostic], style: &Style) -> io::Result<()> {
    let mut places = Places::new(map);
    for diagnostic in choose(list, style.max_errors) {
        write(out, map, &mut places, diagnostic, style)?;
        writeln!(out)?;
    }
    summary(out, map, list, style)
}

/// The last lines of a report: how many diagnostics `style.max_errors` leaves out, then how many there are of each
/// severity. An empty list writes nothing.
pub fn summary(out: &mut dyn Write, map: &SourceMap, list: &[Diagnostic], style: &Style) -> io::Result<()> {
    let total = totals(list);
    if total.is_empty() {
        return Ok(());
    }
    let hidden = total.minus(&totals(choose(list, style.max_errors)));
    if !hidden.is_empty() {
        let sign = if style.charset == Charset::Unicode { "…" } else { "..." };
        writeln!(out, "{sign} and {} (--max-errors shows more)", hidden.sentence("more "))?;
    }
    let name = map.files().first().map_or(String::new(), |file| format!("{}: ", sanitize::line(file.name())));
    writeln!(out, "{name}{}", total.sentence(""))
}

fn write(
    out: &mut dyn Write,
    map: &SourceMap,
    places: &mut Places,
    diagnostic: &Diagnostic,
    style: &Style,
) -> io::Result<()> {
    let theme = theme(style, diagnostic.severity);
    let (strong, quiet) = (theme.styles.error, theme.styles.help);
    writeln!(out, "{}: {}", strong.style(title(diagnostic)), indent(&diagnostic.message, "  "))?;
    let snippet = excerpt(map, places, diagnostic, columns(style.width));
    out.write_all(snippet.draw(theme).as_bytes())?;
    let left_out = diagnostic.labels.len().saturating_sub(MAX_LABELS);
    if left_out > 0 {
        writeln!(out, "  {} {} more", quiet.style("places:"), thousands(left_out))?;
    }
    if let Some(help) = &diagnostic.help {
        writeln!(out, "  {} {}", quiet.style("help:"), indent(help, "        "))?;
    }
    Ok(())
}

/// `error[CODE]`, or `error` for a diagnostic without a code.
pub(super) fn title(diagnostic: &Diagnostic) -> String {
    let severity = diagnostic.severity.name();
    match diagnostic.code.as_str() {
        "" => severity.to_owned(),
        code => format!("{severity}[{}]", sanitize::line(code)),
    }
}

/// A sanitised text whose lines after the first stand further right by `indent`, beside what they have of their own.
fn indent(text: &str, indent: &str) -> String {
    let cut = sanitize::cut(text.trim_end());
    let text = sanitize::text(&cut);
    let mut lines = text.lines().map(str::trim_end);
    let mut indented = lines.next().unwrap_or("").to_owned();
    for line in lines {
        indented.push('\n');
        if !line.is_empty() {
            indented.push_str(indent);
            indented.push_str(line);
        }
    }
    indented
}

fn columns(width: usize) -> usize {
    width.saturating_sub(MARGIN).clamp(*COLUMNS.start(), *COLUMNS.end())
}

/// The signs, and the styles: `error` is that of the severity at hand, `link` that of places and further labels.
fn theme(style: &Style, severity: Severity) -> GraphicalTheme {
    let characters = match style.charset {
        Charset::Unicode => ThemeCharacters::unicode(),
        Charset::Ascii => ThemeCharacters::ascii(),
    };
    let mut styles = match style.colour {
        Colour::Always => ThemeStyles::ansi(),
        Colour::Never => return GraphicalTheme { characters, styles: ThemeStyles::none() },
    };
    styles.error = match severity {
        Severity::Error => styles.error.bold(),
        Severity::Warning => styles.warning.bold(),
        Severity::Note => styles.advice.bold(),
    };
    styles.link = styles.help;
    GraphicalTheme { characters, styles }
}

/// At most `max` diagnostics in their order: errors first of all, then others as far as there is room.
fn choose(list: &[Diagnostic], max: usize) -> Vec<&Diagnostic> {
    if list.len() <= max {
        return list.iter().collect();
    }
    let is_error = |diagnostic: &Diagnostic| diagnostic.severity == Severity::Error;
    let mut errors = list.iter().filter(|diagnostic| is_error(diagnostic)).count().min(max);
    let mut others = max - errors;
    let mut take = |diagnostic: &&Diagnostic| {
        let room = if is_error(diagnostic) { &mut errors } else { &mut others };
        let taken = *room > 0;
        *room = room.saturating_sub(1);
        taken
    };
    list.iter().filter(|diagnostic| take(diagnostic)).collect()
}

/// How many there are of each severity.
struct Totals {
    errors: usize,
    warnings: usize,
    notes: usize,
}

fn totals<'d>(list: impl IntoIterator<Item = &'d Diagnostic>) -> Totals {
    let mut totals = Totals { errors: 0, warnings: 0, notes: 0 };
    for diagnostic in list {
        match diagnostic.severity {
            Severity::Error => totals.errors += 1,
            Severity::Warning => totals.warnings += 1,
            Severity::Note => totals.notes += 1,
        }
    }
    totals
}

impl Totals {
    fn minus(&self, other: &Self) -> Self {
        Self {
            errors: self.errors.saturating_sub(other.errors),
            warnings: self.warnings.saturating_sub(other.warnings),
            notes: self.notes.saturating_sub(other.notes),
        }
    }

    fn is_empty(&self) -> bool {
        self.errors + self.warnings + self.notes == 0
    }

    /// `3 errors, 1 warning`, with a word such as `more ` after each number.
    fn sentence(&self, more: &str) -> String {
        let counted = |(count, name): (usize, &str)| {
            let plural = if count == 1 { "" } else { "s" };
            (count > 0).then(|| format!("{} {more}{name}{plural}", thousands(count)))
        };
        let parts = [(self.errors, "error"), (self.warnings, "warning"), (self.notes, "note")];
        parts.into_iter().filter_map(counted).collect::<Vec<_>>().join(", ")
    }
}

/// A number with commas: `10,000`.
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
