//! What miette is given to draw: a short text of whole lines made for it, already sanitised and cut, in blocks of
//! neighbouring lines. miette reads nothing else, so it can neither fail on a source text nor pass one on unescaped.

use std::fmt;
use std::ops::Range;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode,
    SourceSpan, SpanContents,
};

use crate::span::Position;

/// Lines that follow one another in one file.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) name: String,
    /// The place that stands above the lines.
    pub(super) place: Position,
    /// The number of the first line, from 0.
    pub(super) first: usize,
    pub(super) line_count: usize,
    /// Where the lines are in the text; each ends with a line feed.
    pub(super) range: Range<usize>,
}

/// The lines that one diagnostic shows and the labels on them, in bytes of `text` and sorted by start.
#[derive(Debug, Default)]
pub(super) struct Snippet {
    pub(super) text: String,
    pub(super) blocks: Vec<Block>,
    pub(super) labels: Vec<LabeledSpan>,
}

impl Snippet {
    /// The blocks as text, each line ended; nothing if there are none.
    pub(super) fn draw(&self, mut theme: GraphicalTheme) -> String {
        if self.blocks.is_empty() {
            return String::new();
        }
        // miette goes through the styles in the order of the labels.
        let (primary, other) = (theme.styles.error, theme.styles.link);
        theme.styles.highlights =
            self.labels.iter().map(|label| if label.primary() { primary } else { other }).collect();
        let mut drawn = String::new();
        let handler = GraphicalReportHandler::new_themed(theme).with_links(false).without_syntax_highlighting();
        if handler.render_report(&mut drawn, self).is_err() {
            return String::new();
        }
        // The first line is the message, which is empty here.
        let (_, drawn) = drawn.split_once('\n').unwrap_or_default();
        drawn.lines().flat_map(|line| [line.trim_end(), "\n"]).collect()
    }
}

impl SourceCode for Snippet {
    /// The block of a span. Asked for no context, miette wants the place above the block, else its lines. A span over
    /// two blocks is refused, which keeps them apart.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        context_lines: usize,
        _: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let end = span.offset() + span.len();
        let holds = |block: &&Block| block.range.start <= span.offset() && end < block.range.end;
        let block = self.blocks.iter().find(holds).ok_or(MietteError::OutOfBounds)?;
        let data = self.text.get(block.range.clone()).unwrap_or("").as_bytes();
        let range = SourceSpan::from(block.range.clone());
        let (line, column) = match context_lines {
            0 => (block.place.line.saturating_sub(1) as usize, block.place.column.saturating_sub(1) as usize),
            _ => (block.first, 0),
        };
        let name = block.name.clone();
        Ok(Box::new(MietteSpanContents::new_named(name, data, range, line, column, block.line_count)))
    }
}

impl fmt::Display for Snippet {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Snippet {}

impl Diagnostic for Snippet {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}
