//! Places in source text. Every loaded file gets a range of one shared offset space, so a [`Span`] is two
//! numbers and needs no file beside it; the [`SourceMap`] turns offsets back into file, line and column.

use std::sync::Arc;

/// A half-open range of byte offsets in the space of a [`SourceMap`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    #[must_use]
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// The smallest span that holds both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    #[must_use]
    pub const fn len(self) -> u32 {
        self.end.saturating_sub(self.start)
    }

    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }
}

/// One source text with its name and the offset at which it begins.
#[derive(Debug)]
pub struct SourceFile {
    name: String,
    text: Arc<str>,
    base: u32,
    /// Offsets, within the file, at which lines begin.
    lines: Vec<u32>,
}

impl SourceFile {
    /// The path as the user gave it, or `<stdin>`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The span of the whole text.
    #[must_use]
    pub fn span(&self) -> Span {
        Span::new(self.base, self.base + offset(self.text.len()))
    }

    /// The text under a span; what of it lies outside the file or inside a character is left out.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        let start = span.start.saturating_sub(self.base) as usize;
        let end = span.end.saturating_sub(self.base) as usize;
        self.text.get(start..end.min(self.text.len())).unwrap_or("")
    }

    /// How many lines the text has; an empty text has one.
    #[must_use]
    pub fn line_count(&self) -> usize {
        self.lines.len()
    }

    /// The index of the line, counted from 0, that holds an offset.
    #[must_use]
    pub fn line_at(&self, at: u32) -> usize {
        let local = at.saturating_sub(self.base);
        self.lines.partition_point(|&start| start <= local).saturating_sub(1)
    }

    /// The span of a line counted from 0, without its line break.
    #[must_use]
    pub fn line_span(&self, line: usize) -> Span {
        let start = self.lines.get(line).copied().unwrap_or_else(|| offset(self.text.len()));
        let end = self.lines.get(line + 1).copied().unwrap_or_else(|| offset(self.text.len()));
        let text = self.text.get(start as usize..end as usize).unwrap_or("");
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        Span::new(self.base + start, self.base + start + offset(text.len()))
    }
}

/// A place as people count it: both numbers from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

/// All the source texts of one run.
#[derive(Debug, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

impl SourceMap {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text and returns the span that it occupies from now on, or `None` if all texts together would
    /// pass 4 GiB.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> Option<Span> {
        let text = text.into();
        // One byte between files keeps the end of one apart from the start of the next.
        let base = self.files.last().map_or(0, |file| file.span().end + 1);
        let length = u32::try_from(text.len()).ok()?;
        base.checked_add(length)?.checked_add(1)?;
        let mut lines = vec![0];
        lines.extend(text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n').map(|(at, _)| offset(at + 1)));
        self.files.push(SourceFile { name: name.into(), text, base, lines });
        Some(Span::new(base, base + length))
    }

    /// Adds a copy of a file of another map, with the same offsets, before all others; `false` if some are there.
    pub fn add_at(&mut self, file: &SourceFile) -> bool {
        if self.files.is_empty() {
            let (name, text) = (file.name.clone(), file.text.clone());
            self.files.push(SourceFile { name, text, base: file.base, lines: file.lines.clone() });
            return true;
        }
        false
    }

    #[must_use]
    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// The file that holds an offset.
    #[must_use]
    pub fn file_at(&self, at: u32) -> Option<&SourceFile> {
        let index = self.files.partition_point(|file| file.base <= at).checked_sub(1)?;
        self.files.get(index)
    }

    /// The text under a span.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.file_at(span.start).map_or("", |file| file.slice(span))
    }

    /// Line and column of an offset. A position inside a character counts as that character.
    #[must_use]
    pub fn position(&self, at: u32) -> Position {
        let Some(file) = self.file_at(at) else { return Position { line: 1, column: 1 } };
        let line = file.line_at(at);
        let start = file.line_span(line).start;
        let before = (at.min(file.span().end) - start) as usize;
        let from = (start - file.base) as usize;
        let text = file.text.get(from..).unwrap_or("");
        let column = text.char_indices().take_while(|&(index, _)| index < before).count();
        let inside = !file.text.is_char_boundary((from + before).min(file.text.len()));
        Position { line: offset(line) + 1, column: offset(column) + u32::from(!inside) }
    }
}

/// Texts are capped far below 4 GiB when they are added, so the conversion can't lose anything.
fn offset(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(map: &SourceMap, offset: u32) -> (u32, u32) {
        let position = map.position(offset);
        (position.line, position.column)
    }

    #[test]
    fn columns_count_characters() {
        let mut map = SourceMap::new();
        map.add("a", "é= x\nb").unwrap();
        assert_eq!(at(&map, 0), (1, 1));
        assert_eq!(at(&map, 1), (1, 1), "inside a character");
        assert_eq!(at(&map, 2), (1, 2));
        assert_eq!(at(&map, 6), (2, 1));
        assert_eq!(at(&map, 7), (2, 2), "the end of the text");
    }

    #[test]
    fn files_keep_apart() {
        let mut map = SourceMap::new();
        let first = map.add("a", "x\ny").unwrap();
        let second = map.add("b", "z\r\nw").unwrap();
        assert_eq!(map.file_at(first.end).unwrap().name(), "a");
        assert_eq!(map.file_at(second.start).unwrap().name(), "b");
        assert_eq!(map.slice(second), "z\r\nw");
        assert_eq!(at(&map, second.start + 3), (2, 1));
        assert_eq!(map.slice(map.file_at(second.start).unwrap().line_span(0)), "z");
    }
}
