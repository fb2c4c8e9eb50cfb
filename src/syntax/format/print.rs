//! Steps → lines. A group stays on its line if all of it fits there, together with what follows up to the next place
//! where a line may be broken.

use super::steps::Step;
use crate::syntax::MAX_SOURCE;
use unicode_width::UnicodeWidthStr;

/// How many columns a line may take, comments aside.
pub(super) const WIDTH: usize = 100;

/// Blanks for one indentation.
pub(super) const INDENT: usize = 4;

/// A unit's text, without a line break at its end.
pub(super) struct Printed {
    pub(super) text: String,
    /// How many columns its only line takes; `None` if it has several.
    pub(super) width: Option<usize>,
}

/// Prints a unit that begins `depth` indentations deep, with `pad` blanks at its [`Step::Align`]. Stops where the text
/// is too large for a file: lines deep inside brackets can be many times as long as what they hold.
pub(super) fn print(steps: &[Step], depth: usize, pad: usize) -> Printed {
    let widths = Widths::of(steps, pad);
    let mut printer =
        Printer { text: " ".repeat(depth * INDENT), column: depth * INDENT, depth, groups: Vec::new(), lines: 1 };
    for (index, step) in steps.iter().enumerate() {
        if printer.text.len() > MAX_SOURCE {
            break;
        }
        match step {
            Step::Word(word) => printer.word(word),
            Step::Blank => printer.word(" "),
            Step::Line if !printer.is_broken() => printer.word(" "),
            Step::Soft if !printer.is_broken() => {}
            Step::Line | Step::Soft | Step::Hard => printer.line(),
            Step::Begin => {
                // What stands in a group that isn't broken fits too.
                let flat = printer.groups.last() == Some(&false);
                let fits = flat || printer.column + widths.group(index) <= WIDTH;
                printer.groups.push(widths.is_forced(index) || !fits);
            }
            Step::End => drop(printer.groups.pop()),
            Step::In => printer.depth += 1,
            Step::Out => printer.depth -= 1,
            Step::Comma if printer.is_broken() => printer.word(","),
            Step::Comma => {}
            Step::Trailing(comment) => {
                printer.text.push_str("  ");
                printer.text.push_str(comment);
            }
            Step::Align => printer.word(&" ".repeat(pad)),
        }
    }
    let width = (printer.lines == 1).then_some(printer.column);
    Printed { text: printer.text, width }
}

/// How many columns a step takes where no line is broken.
pub(super) fn flat_width(step: &Step, pad: usize) -> usize {
    match step {
        Step::Word(word) => word.width(),
        Step::Blank | Step::Line => 1,
        Step::Align => pad,
        _ => 0,
    }
}

struct Printer {
    text: String,
    column: usize,
    depth: usize,
    /// Whether the groups that are open are broken.
    groups: Vec<bool>,
    lines: usize,
}

impl Printer {
    fn is_broken(&self) -> bool {
        self.groups.last() == Some(&true)
    }

    fn word(&mut self, word: &str) {
        self.text.push_str(word);
        self.column += word.width();
    }

    fn line(&mut self) {
        self.lines += 1;
        self.column = self.depth * INDENT;
        self.text.push('\n');
        self.text.push_str(&" ".repeat(self.column));
    }
}

/// What groups take when nothing in them is broken.
struct Widths {
    /// For every [`Step::Begin`]: the columns up to the first place behind its end where a line may be broken.
    groups: Vec<usize>,
    /// For every [`Step::Begin`]: whether there is a line break inside.
    forced: Vec<bool>,
}

impl Widths {
    fn of(steps: &[Step], pad: usize) -> Self {
        let mut before = Vec::with_capacity(steps.len() + 1);
        let mut total = 0;
        for step in steps {
            before.push(total);
            total += flat_width(step, pad);
        }
        before.push(total);
        let mut this = Self { groups: vec![0; steps.len()], forced: vec![false; steps.len()] };
        let mut open: Vec<(usize, usize, bool)> = Vec::new();
        let mut tail = 0;
        // From the end, so that what follows a group is known.
        for (index, step) in steps.iter().enumerate().rev() {
            match step {
                Step::Line | Step::Soft | Step::Trailing(_) => tail = 0,
                Step::Hard => {
                    tail = 0;
                    if let Some((_, _, forced)) = open.last_mut() {
                        *forced = true;
                    }
                }
                Step::Comma => tail += 1,
                Step::End => open.push((index, tail, false)),
                Step::Begin => {
                    let (end, behind, forced) = open.pop().unwrap_or((index, 0, false));
                    let flat = before.get(end).unwrap_or(&0) - before.get(index).unwrap_or(&0);
                    this.set(index, flat + behind, forced);
                    if let Some((_, _, outer)) = open.last_mut() {
                        *outer |= forced;
                    }
                }
                step => tail += flat_width(step, pad),
            }
        }
        this
    }

    fn set(&mut self, index: usize, width: usize, forced: bool) {
        if let (Some(group), Some(broken)) = (self.groups.get_mut(index), self.forced.get_mut(index)) {
            (*group, *broken) = (width, forced);
        }
    }

    fn group(&self, index: usize) -> usize {
        self.groups.get(index).copied().unwrap_or(0)
    }

    fn is_forced(&self, index: usize) -> bool {
        self.forced.get(index).copied().unwrap_or(false)
    }
}
