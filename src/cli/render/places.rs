//! Spans → lines and columns, 1-based and in characters. Keeps a table of character counts for long lines, so that
//! thousands of places on one line of megabytes cost little more than one.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::span::{Position, SourceFile, SourceMap, Span};

/// Bytes between two entries of a line's table. Shorter lines have none.
const STEP: usize = 1024;

/// A stretch of text as the JSON schemas give it; the end is exclusive. `file` is only there where it isn't the file
/// that was checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct At {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    pub line: u32,
    pub col: u32,
    pub end_line: u32,
    pub end_col: u32,
}

/// The place of one span. For many of them, ask one [`Places`].
pub fn at(map: &SourceMap, span: Span) -> At {
    Places::new(map).at(span)
}

/// Answers where spans are. The first file of the map is the one that was checked, the others are used by it.
pub struct Places<'m> {
    map: &'m SourceMap,
    /// By the offset at which a long line begins: the number of characters before each step.
    tables: BTreeMap<u32, Vec<u32>>,
}

impl<'m> Places<'m> {
    pub fn new(map: &'m SourceMap) -> Self {
        Self { map, tables: BTreeMap::new() }
    }

    /// Line and column of an offset. One inside a line break is the end of the line, one inside a character is that
    /// character, one past the end of the file is its end.
    pub fn position(&mut self, at: u32) -> Position {
        self.map.file_at(at).map_or(Position { line: 1, column: 1 }, |file| self.position_in(file, at))
    }

    /// Both ends of a span.
    pub fn at(&mut self, span: Span) -> At {
        let Some(file) = self.map.file_at(span.start) else {
            return At { file: None, line: 1, col: 1, end_line: 1, end_col: 1 };
        };
        let start = self.position_in(file, span.start);
        let end = self.position_in(file, span.end.max(span.start));
        let checked = self.map.files().first().is_some_and(|first| std::ptr::eq(first, file));
        At {
            file: (!checked).then(|| file.name().to_owned()),
            line: start.line,
            col: start.column,
            end_line: end.line,
            end_col: end.column,
        }
    }

    fn position_in(&mut self, file: &SourceFile, at: u32) -> Position {
        let line = file.line_at(at.min(file.span().end));
        let span = file.line_span(line);
        let text = file.slice(span);
        let bytes = text.floor_char_boundary(at.min(span.end).saturating_sub(span.start) as usize);
        Position { line: number(line), column: number(self.characters(span.start, text, bytes)) }
    }

    /// How many characters a line, which begins at `start`, has in its first `bytes` bytes.
    fn characters(&mut self, start: u32, line: &str, bytes: usize) -> usize {
        if bytes < STEP {
            return count(line, 0, bytes);
        }
        let table = self.tables.entry(start).or_insert_with(|| table(line));
        let before = table.get(bytes / STEP).map_or(0, |&before| before as usize);
        before + count(line, bytes / STEP * STEP, bytes)
    }
}

/// The number of characters that begin before each step of a line.
fn table(line: &str) -> Vec<u32> {
    let mut before = 0;
    let mut table = vec![0];
    for chunk in line.as_bytes().chunks(STEP) {
        before += chunk.iter().filter(|&&byte| begins_character(byte)).count() as u32;
        table.push(before);
    }
    table
}

fn count(line: &str, from: usize, to: usize) -> usize {
    line.as_bytes().get(from..to).unwrap_or_default().iter().filter(|&&byte| begins_character(byte)).count()
}

fn begins_character(byte: u8) -> bool {
    byte & 0xc0 != 0x80
}

/// From a count to a number that people start at 1; files are capped at 4 GiB.
fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(at: &At) -> (u32, u32, u32, u32) {
        (at.line, at.col, at.end_line, at.end_col)
    }

    #[test]
    fn ends_are_exclusive() {
        let mut map = SourceMap::new();
        map.add("m.wnet", "layer embed     = Embedding(vocab, wé) @table\nx").unwrap();
        let start = map.files()[0].text().find("@table").unwrap() as u32;
        assert_eq!(place(&at(&map, Span::new(start, start + 6))), (1, 40, 1, 46));
        assert_eq!(place(&at(&map, Span::new(start, start + 7))), (1, 40, 2, 1), "the line break included");
        assert_eq!(place(&at(&map, Span::new(start + 8, start + 8))), (2, 2, 2, 2), "the end of the file");
        assert_eq!(place(&at(&map, Span::new(start, 9_000))), (1, 40, 2, 2), "past the end");
    }

    #[test]
    fn line_breaks_of_both_kinds_give_the_same_places() {
        let mut lf = SourceMap::new();
        lf.add("a", "ab\ncd\n").unwrap();
        let mut crlf = SourceMap::new();
        crlf.add("a", "ab\r\ncd\r\n").unwrap();
        for (a, b) in [(0, 0), (2, 2), (2, 3), (3, 4), (5, 6), (5, 7), (6, 8)] {
            assert_eq!(Places::new(&lf).position(a), Places::new(&crlf).position(b), "{a} {b}");
        }
    }

    #[test]
    fn only_another_file_is_named() {
        let mut map = SourceMap::new();
        let main = map.add("main.wnet", "use").unwrap();
        let part = map.add("part.wnet", "block").unwrap();
        assert_eq!(at(&map, main).file, None);
        assert_eq!(at(&map, part).file.as_deref(), Some("part.wnet"));
    }

    #[test]
    fn an_empty_map_has_a_beginning() {
        assert_eq!(place(&at(&SourceMap::new(), Span::new(3, 9))), (1, 1, 1, 1));
    }

    #[test]
    fn long_lines_agree_with_counting() {
        let line = "é変x🙂e\u{301} ".repeat(2_000);
        let mut map = SourceMap::new();
        map.add("a", format!("first\n{line}\r\nlast")).unwrap();
        let mut places = Places::new(&map);
        for at in (0..map.files()[0].text().len()).step_by(7) {
            let before = &map.files()[0].text()[..map.files()[0].text().floor_char_boundary(at)];
            let start = before.rfind('\n').map_or(0, |at| at + 1);
            let expected =
                (before.matches('\n').count() + 1, before[start..].trim_end_matches('\r').chars().count() + 1);
            let position = places.position(at as u32);
            assert_eq!((position.line as usize, position.column as usize), expected, "{at}");
        }
    }
}
