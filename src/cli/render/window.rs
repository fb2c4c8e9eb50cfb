//! One source line → what is shown of it: sanitised, tabs as spaces, and cut to the neighbourhood of its labels where
//! it is long. Remembers where each character went, so that labels underline the same characters as before.

use std::ops::Range;

use unicode_width::UnicodeWidthChar;

use crate::sanitize;

/// Distance of tab stops.
const TAB: usize = 4;
/// Room that every label has, however many stand on the line.
const LEAST: usize = 16;
/// What stands for characters left out.
const CUT: char = '…';

/// The shown part of a line.
pub(super) struct Window {
    pub(super) text: String,
    /// For each shown character, and the end, the byte where it was in the line and the byte where it is in `text`.
    marks: Vec<(usize, usize)>,
    columns: usize,
}

impl Window {
    /// Shows a line in about `limit` columns. `anchors` are the stretches of it that have labels, in bytes and sorted.
    pub(super) fn new(line: &str, anchors: &[Range<usize>], limit: usize) -> Self {
        let mut window = Self { text: String::new(), marks: Vec::new(), columns: 0 };
        let mut done = 0;
        for part in kept(line, anchors, limit) {
            if part.start > done {
                window.cut(done);
            }
            for (at, c) in line.get(part.clone()).unwrap_or("").char_indices() {
                window.push(part.start + at, c);
            }
            done = part.end;
        }
        if done < line.len() {
            window.cut(done);
        }
        window.marks.push((line.len(), window.text.len()));
        window
    }

    /// Where a label that starts at a byte of the line starts in the text; one inside a cut starts at its sign.
    pub(super) fn start(&self, at: usize) -> usize {
        let after = self.marks.partition_point(|&(source, _)| source <= at);
        self.marks.get(after.saturating_sub(1)).map_or(0, |&(_, shown)| shown)
    }

    /// Where a label that ends at a byte of the line ends in the text; one inside a cut ends behind its sign.
    pub(super) fn end(&self, at: usize) -> usize {
        let before = self.marks.partition_point(|&(source, _)| source < at);
        self.marks.get(before).map_or(self.text.len(), |&(_, shown)| shown)
    }

    fn push(&mut self, at: usize, c: char) {
        let from = self.text.len();
        self.marks.push((at, from));
        if c == '\t' {
            self.text.extend(std::iter::repeat_n(' ', TAB - self.columns % TAB));
        } else {
            sanitize::push(&mut self.text, c);
        }
        let pushed = self.text.get(from..).unwrap_or("");
        self.columns += pushed.chars().map(|c| c.width().unwrap_or(0)).sum::<usize>();
    }

    fn cut(&mut self, at: usize) {
        self.marks.push((at, self.text.len()));
        self.text.push(CUT);
        self.columns += 1;
    }
}

/// The parts of a line that are shown, in order and apart from each other. Reads no more of the line than it keeps.
fn kept(line: &str, anchors: &[Range<usize>], limit: usize) -> Vec<Range<usize>> {
    let mut parts: Vec<Range<usize>> = Vec::new();
    let fitting = forward(line, 0, limit);
    if fitting == line.len() || anchors.is_empty() {
        parts.push(0..fitting);
        return parts;
    }
    let room = (limit / anchors.len()).max(LEAST);
    for anchor in anchors {
        let start = line.floor_char_boundary(anchor.start.min(line.len()));
        let before = backward(line, start, room / 3);
        let to = forward(line, before, room);
        let from = if to == line.len() { backward(line, to, room) } else { before };
        match parts.last_mut() {
            Some(last) if from <= last.end => *last = last.start.min(from)..last.end.max(to),
            _ => parts.push(from..to),
        }
    }
    parts
}

/// The end of what fits into some columns, reading on from a place.
fn forward(line: &str, from: usize, columns: usize) -> usize {
    let text = line.get(from..).unwrap_or("");
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += cost(c);
        if used > columns {
            return from + at;
        }
    }
    from + text.len()
}

/// The start of what fits into some columns, reading back from a place.
fn backward(line: &str, from: usize, columns: usize) -> usize {
    let text = line.get(..from).unwrap_or("");
    let mut used = 0;
    for (at, c) in text.char_indices().rev() {
        used += cost(c);
        if used > columns {
            return at + c.len_utf8();
        }
    }
    0
}

/// The columns a character may take. One at least: a million combining marks on one letter are cut too.
fn cost(c: char) -> usize {
    match c {
        '\t' => TAB,
        _ if sanitize::is_hidden(c) => c.escape_unicode().len(),
        _ => c.width().unwrap_or(0).max(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown<'w>(window: &'w Window, label: &Range<usize>) -> &'w str {
        &window.text[window.start(label.start)..window.end(label.end)]
    }

    #[test]
    fn a_short_line_is_whole() {
        let window = Window::new("a = b", std::slice::from_ref(&(4..5)), 80);
        assert_eq!(window.text, "a = b");
        assert_eq!(shown(&window, &(4..5)), "b");
        assert_eq!((window.start(5), window.end(5)), (5, 5));
    }

    #[test]
    fn labels_follow_replaced_characters() {
        let line = "a\t\u{1b}b\u{202e}cd";
        let c = line.find('c').unwrap();
        let window = Window::new(line, &[], 80);
        assert_eq!(window.text, r"a   ␛b\u{202e}cd");
        assert_eq!(shown(&window, &(c..c + 1)), "c");
        assert_eq!(shown(&window, &(c - 3..c)), r"\u{202e}");
        assert_eq!(shown(&window, &(1..3)), "   ␛");
    }

    #[test]
    fn a_long_line_is_cut_round_its_label() {
        let line = format!("{}HERE{}", "a".repeat(1_000), "b".repeat(1_000));
        let label = 1_000..1_004;
        let window = Window::new(&line, std::slice::from_ref(&label), 30);
        assert_eq!(window.text, "…aaaaaaaaaaHEREbbbbbbbbbbbbbbbb…");
        assert_eq!(shown(&window, &label), "HERE");
        assert_eq!(shown(&window, &(990..1_900)), "aaaaaaaaaaHEREbbbbbbbbbbbbbbbb…");
        assert_eq!(shown(&window, &(3..4)), "…", "a place that is left out");
    }

    #[test]
    fn labels_far_apart_have_a_cut_between() {
        let line = format!("x{}y{}z", " ".repeat(500), " ".repeat(500));
        let anchors = [0..1, 501..502, 1_002..1_003];
        let window = Window::new(&line, &anchors, 48);
        assert_eq!(anchors.each_ref().map(|label| shown(&window, label)), ["x", "y", "z"]);
        assert_eq!(window.text.matches(CUT).count(), 2);
    }

    #[test]
    fn the_end_of_a_long_line_has_room_before_it() {
        let line = "0123456789".repeat(100);
        let window = Window::new(&line, std::slice::from_ref(&(1_000..1_000)), 20);
        assert_eq!(window.text, "…01234567890123456789");
        assert_eq!((window.start(1_000), window.end(1_000)), (window.text.len(), window.text.len()));
    }

    #[test]
    fn marks_without_width_are_cut_too() {
        let line = format!("e{}", "\u{301}".repeat(100_000));
        assert!(Window::new(&line, &[], 400).text.len() < 1_000);
    }
}
