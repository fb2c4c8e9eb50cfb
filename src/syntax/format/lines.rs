//! Units → the whole text: blank lines, comments between units, and runs of like units that are aligned.

use super::align::{comment_column, pads};
use super::gap::Gap;
use super::outline::{Role, Unit, units};
use super::print::INDENT;
use super::steps::{Step, steps};
use crate::syntax::MAX_SOURCE;
use crate::syntax::token::{Keyword, Kind, Tokens};

/// A unit with what belongs to its lines.
pub(super) struct Entry<'a> {
    pub(super) unit: Unit,
    pub(super) steps: Vec<Step<'a>>,
    /// What stands between the unit before and this one.
    gap: Gap<'a>,
    /// The comment at the end of its last line.
    pub(super) trailing: Option<&'a str>,
}

/// The formatted text. What is longer than [`MAX_SOURCE`] is cut somewhere behind that.
pub(super) fn write(tokens: &Tokens) -> String {
    let mut writer = Writer { tokens, text: String::with_capacity(tokens.text.len()), last: None };
    let mut run: Vec<Entry> = Vec::new();
    for unit in units(tokens) {
        let entry = Entry {
            unit,
            steps: steps(tokens, unit),
            gap: Gap::before(tokens, unit.from),
            trailing: Gap::before(tokens, unit.to).trailing(),
        };
        if run.last().is_some_and(|last| !continues(tokens, last, &entry)) {
            writer.run(&run);
            run.clear();
        }
        if writer.text.len() > MAX_SOURCE {
            return writer.text;
        }
        run.push(entry);
    }
    writer.run(&run);
    writer.comments(&Gap::before(tokens, tokens.len()), 0, false);
    writer.text
}

/// Whether a unit is of the kind of the one in front of it, and nothing separates the two. What takes several lines
/// stands alone.
fn continues(tokens: &Tokens, last: &Entry, entry: &Entry) -> bool {
    let kind = kind(tokens, last.unit);
    kind.is_some()
        && kind == self::kind(tokens, entry.unit)
        && entry.gap.own_line().is_empty()
        && !entry.gap.blank_after
        && !last.is_broken(0)
        && !entry.is_broken(0)
}

/// The word that says what a unit declares; empty for a value.
fn kind<'a>(tokens: &Tokens<'a>, unit: Unit) -> Option<&'a str> {
    let frozen = tokens.kind(unit.from) == Kind::Keyword(Keyword::Frozen);
    let first = unit.from + usize::from(frozen);
    match unit.role {
        Role::Statement if tokens.kind(first) == Kind::Name => Some(""),
        Role::FlatItem | Role::Statement => Some(tokens.word(first)),
        Role::Head | Role::Close => None,
    }
}

struct Writer<'t, 'a> {
    tokens: &'t Tokens<'a>,
    text: String,
    last: Option<Unit>,
}

impl Writer<'_, '_> {
    fn run(&mut self, run: &[Entry]) {
        let printed: Vec<_> = run.iter().zip(pads(run)).map(|(entry, pad)| (entry, entry.print(pad))).collect();
        let column = comment_column(&printed);
        for (entry, printed) in printed {
            self.gap(entry);
            self.text.push_str(&printed.text);
            if let Some(comment) = entry.trailing {
                let blanks = printed.width.and_then(|width| column?.checked_sub(width)).unwrap_or(2);
                self.text.extend(std::iter::repeat_n(' ', blanks));
                self.text.push_str(comment);
            }
            self.text.push('\n');
            self.last = Some(entry.unit);
        }
    }

    /// The comments in front of a unit, and its blank line if it has one.
    fn gap(&mut self, entry: &Entry) {
        let Unit { role, depth, .. } = entry.unit;
        let flat = |unit: Unit| unit.role == Role::FlatItem;
        let apart =
            depth == 0 && role != Role::Close && self.last.is_some_and(|last| !(flat(last) && flat(entry.unit)));
        let closes = role == Role::Close;
        self.comments(&entry.gap, depth + usize::from(closes), apart);
        let alone = entry.gap.own_line().is_empty();
        if !closes && ((apart && alone) || (entry.gap.blank_after && self.is_inside(alone))) {
            self.text.push('\n');
        }
    }

    /// Comments on lines of their own, with a blank line in front of those that have one, or of all if they are to
    /// stand `apart`.
    fn comments(&mut self, gap: &Gap, depth: usize, apart: bool) {
        for (count, comment) in gap.own_line().iter().enumerate() {
            let first = count == 0;
            if (apart && first) || (comment.blank_before && self.is_inside(first)) {
                self.text.push('\n');
            }
            self.text.extend(std::iter::repeat_n(' ', depth * INDENT));
            self.text.push_str(comment.text);
            self.text.push('\n');
        }
    }

    /// Whether a blank line may stand here: not at the beginning of the file or of a body. `first` says whether a
    /// unit was what was written last.
    fn is_inside(&self, first: bool) -> bool {
        !first || self.last.is_some_and(|last| !last.opens(self.tokens))
    }
}
