//! A diagnostic → the [`Snippet`] drawn for it: which lines of which files, in which order, and where its labels are
//! on them. The block that holds the first label comes first; it is where the reader's eye and editor go.

use std::ops::Range;

use super::places::Places;
use super::snippet::{Block, Snippet};
use super::window::Window;
use crate::diag::{Diagnostic, Label};
use crate::sanitize;
use crate::span::{SourceFile, SourceMap, Span};

/// Labels drawn for one diagnostic; a name may be used thousands of times.
pub(super) const MAX_LABELS: usize = 20;
/// A label over more lines than this shows its first line only, and says where it ends.
const MAX_LINES: usize = 8;
/// Lines without a label that are shown rather than left out between two that have one.
const MAX_GAP: usize = 2;

/// The lines and labels of a diagnostic, each line in about `columns` columns.
pub(super) fn excerpt(map: &SourceMap, places: &mut Places, diagnostic: &Diagnostic, columns: usize) -> Snippet {
    let marks: Vec<Mark> =
        diagnostic.labels.iter().take(MAX_LABELS).filter_map(|label| Mark::new(map, label)).collect();
    let mut snippet = Snippet::default();
    let mut shown = Vec::new();
    for lines in group(&marks) {
        lines.show(&mut snippet, &mut shown, places, columns);
    }
    snippet.labels = beside_each_other(shown).into_iter().map(Shown::into_label).collect();
    snippet
}

/// A label's place in its file, cut to what of it can be shown.
struct Mark<'m> {
    file: &'m SourceFile,
    span: Span,
    first: usize,
    last: usize,
    text: String,
}

impl<'m> Mark<'m> {
    /// A span that ends with a line break ends before it, one that leaves the file ends with the file.
    fn new(map: &'m SourceMap, label: &Label) -> Option<Self> {
        let file = map.file_at(label.span.start)?;
        let start = label.span.start.min(file.span().end);
        let end = label.span.end.clamp(start, file.span().end);
        let first = file.line_at(start);
        let mut last = file.line_at(end);
        if last > first && file.line_span(last).start == end {
            last -= 1;
        }
        let mut text = sanitize::text(&sanitize::cut(&label.text)).into_owned();
        if last - first > MAX_LINES {
            let to = format!("to line {}", last + 1);
            text = if text.is_empty() { to } else { format!("{text} ({to})") };
            last = first;
        }
        let start = start.min(file.line_span(first).end);
        let end = end.min(file.line_span(last).end).max(start);
        Some(Self { file, span: Span::new(start, end), first, last, text })
    }

    /// The bytes of a line that should be seen for this label, if it has an end there.
    fn anchor(&self, line: usize, text: Span) -> Option<Range<usize>> {
        if line != self.first && line != self.last {
            return None;
        }
        let at = if line == self.first { self.span.start } else { self.span.end };
        let end = if line == self.last { self.span.end } else { at };
        Some((at - text.start) as usize..(end - text.start) as usize)
    }
}

/// Neighbouring lines of one file and the labels on them; `marks` keep the diagnostic's order.
struct Lines<'a, 'm> {
    file: &'m SourceFile,
    first: usize,
    last: usize,
    marks: Vec<(usize, &'a Mark<'m>)>,
}

/// The blocks of lines that show all labels: that of the first label, the rest of its file, other files.
fn group<'a, 'm>(marks: &'a [Mark<'m>]) -> Vec<Lines<'a, 'm>> {
    let main = marks.first().map(|mark| mark.file.span());
    let mut sorted: Vec<(usize, &Mark)> = marks.iter().enumerate().collect();
    sorted.sort_by_key(|(_, mark)| (mark.file.span(), mark.first));
    let mut blocks: Vec<Lines> = Vec::new();
    for (order, mark) in sorted {
        match blocks.last_mut() {
            Some(block) if block.file.span() == mark.file.span() && mark.first <= block.last + MAX_GAP + 1 => {
                block.last = block.last.max(mark.last);
                block.marks.push((order, mark));
            }
            _ => {
                let (file, first, last) = (mark.file, mark.first, mark.last);
                blocks.push(Lines { file, first, last, marks: vec![(order, mark)] });
            }
        }
    }
    for block in &mut blocks {
        block.marks.sort_by_key(|(order, _)| *order);
    }
    let is_first = |block: &Lines| block.marks.first().is_some_and(|(order, _)| *order == 0);
    blocks.sort_by_key(|block| (!is_first(block), Some(block.file.span()) != main));
    blocks
}

impl Lines<'_, '_> {
    /// Appends the lines to the snippet and their labels to `shown`.
    fn show(&self, snippet: &mut Snippet, shown: &mut Vec<Shown>, places: &mut Places, columns: usize) {
        let begin = snippet.text.len();
        let mut windows: Vec<(u32, usize, Window)> = Vec::new();
        for line in self.first..=self.last {
            let span = self.file.line_span(line);
            let mut anchors: Vec<Range<usize>> =
                self.marks.iter().filter_map(|(_, mark)| mark.anchor(line, span)).collect();
            anchors.sort_by_key(|anchor| (anchor.start, anchor.end));
            let window = Window::new(self.file.slice(span), &anchors, columns);
            let at = snippet.text.len();
            snippet.text.push_str(&window.text);
            snippet.text.push('\n');
            windows.push((span.start, at, window));
        }
        for (order, mark) in &self.marks {
            let (Some(first), Some(last)) = (windows.get(mark.first - self.first), windows.get(mark.last - self.first))
            else {
                continue;
            };
            let start = first.1 + first.2.start((mark.span.start - first.0) as usize);
            let end = last.1 + last.2.end((mark.span.end - last.0) as usize);
            let end = if mark.span.is_empty() { start } else { end };
            let one_line = mark.first == mark.last;
            shown.push(Shown { range: start..end, text: mark.text.clone(), primary: *order == 0, one_line });
        }
        let reported = self.marks.first().map_or(self.file.span().start, |(_, mark)| mark.span.start);
        snippet.blocks.push(Block {
            name: sanitize::line(self.file.name()).into_owned(),
            place: places.position(reported),
            first: self.first,
            line_count: windows.len(),
            range: begin..snippet.text.len(),
        });
    }
}

/// A label in bytes of the snippet.
struct Shown {
    range: Range<usize>,
    text: String,
    primary: bool,
    one_line: bool,
}

impl Shown {
    fn into_label(self) -> miette::LabeledSpan {
        let text = (!self.text.is_empty()).then_some(self.text);
        let span = miette::SourceSpan::from(self.range);
        if self.primary {
            miette::LabeledSpan::new_primary_with_span(text, span)
        } else {
            miette::LabeledSpan::new_with_span(text, span)
        }
    }
}

/// Sorts labels, and cuts those that overlap on one line so that they don't: miette moves the second of two behind
/// the first, under characters that it doesn't mean. Two labels on the same characters become one.
fn beside_each_other(mut labels: Vec<Shown>) -> Vec<Shown> {
    loop {
        labels.sort_by_key(|label| (label.range.start, label.range.end));
        let clash = labels.windows(2).position(|pair| matches!(pair, [a, b] if clashes(a, b)));
        let Some(at) = clash else { return labels };
        let mut second = labels.remove(at + 1);
        let Some(first) = labels.get_mut(at) else { return labels };
        if first.range.start < second.range.start {
            first.range.end = second.range.start;
        } else if first.range.is_empty() || first.range == second.range {
            join(first, &second);
            continue;
        } else {
            second.range.start = first.range.end;
        }
        labels.insert(at + 1, second);
    }
}

fn clashes(a: &Shown, b: &Shown) -> bool {
    a.one_line && b.one_line && (b.range.start < a.range.end || b.range.start == a.range.start)
}

/// The first label takes over the second; what the diagnostic reports comes first in its text.
fn join(first: &mut Shown, second: &Shown) {
    let (before, after) = if second.primary { (&second.text, &first.text) } else { (&first.text, &second.text) };
    let texts: Vec<&str> = [before.as_str(), after.as_str()].into_iter().filter(|text| !text.is_empty()).collect();
    first.text = texts.join("\n");
    first.range.end = first.range.end.max(second.range.end);
    first.primary |= second.primary;
}
