//! Columns that neighbouring lines share: the `=` behind their names, and the comments at their ends.

use super::lines::Entry;
use super::print::{INDENT, Printed, WIDTH, flat_width, print};
use super::steps::Step;

/// How many blanks a line may get so that its `=` stands under the others'.
const MOST_BLANKS: usize = 12;

/// The same for a comment.
const MOST_BLANKS_BEFORE_COMMENT: usize = 24;

impl Entry<'_> {
    pub(super) fn print(&self, pad: usize) -> Printed {
        print(&self.steps, self.unit.depth, pad)
    }

    /// The columns in front of the `=`, if the line has one that can be moved.
    fn name_width(&self) -> Option<usize> {
        let at = self.steps.iter().position(|step| *step == Step::Align)?;
        Some(self.steps.iter().take(at).map(|step| flat_width(step, 0)).sum())
    }

    /// Whether the unit takes several lines with that many blanks in front of its `=`.
    pub(super) fn is_broken(&self, pad: usize) -> bool {
        let width: usize = self.steps.iter().map(|step| flat_width(step, pad)).sum();
        self.steps.contains(&Step::Hard) || self.unit.depth * INDENT + width > WIDTH
    }
}

/// For each unit of a run: how many blanks stand in front of its `=` beside the usual one. None do if a line would
/// need too many, or would have to be broken for it.
pub(super) fn pads(run: &[Entry]) -> Vec<usize> {
    let widths: Vec<Option<usize>> = run.iter().map(Entry::name_width).collect();
    let longest = widths.iter().flatten().max().copied().unwrap_or(0);
    let pads: Vec<usize> = widths.iter().map(|width| width.map_or(0, |width| longest - width)).collect();
    let fits = run.iter().zip(&pads).all(|(entry, &pad)| pad <= MOST_BLANKS && (pad == 0 || !entry.is_broken(pad)));
    if fits { pads } else { vec![0; run.len()] }
}

/// The column at which the comments of a run begin, counted from 0; `None` if each stands two blanks behind its line.
pub(super) fn comment_column(run: &[(&Entry, Printed)]) -> Option<usize> {
    let commented = || run.iter().filter_map(|(entry, printed)| Some((entry.trailing?, printed.width?)));
    let widths = || commented().map(|(_, width)| width);
    let (shortest, longest) = (widths().min()?, widths().max()?);
    let column = longest + 2;
    let fits = commented().all(|(comment, width)| {
        let length = unicode_width::UnicodeWidthStr::width(comment);
        column + length <= WIDTH || width + 2 + length > WIDTH
    });
    (fits && longest - shortest <= MOST_BLANKS_BEFORE_COMMENT).then_some(column)
}
