//! One unit's tokens and comments → the steps that print it, with the places where its lines may be broken.

use super::gap::{Comment, Gap};
use super::outline::{Role, Unit};
use super::print::flat_width;
use super::spacing::{Scope, binding_sign, ends_value, is_tight};
use crate::syntax::token::{Bracket, Kind, Tokens};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step<'a> {
    /// A token, or a comment on a line of its own.
    Word(&'a str),
    Blank,
    /// A line break in a broken group, else a blank.
    Line,
    /// A line break in a broken group, else nothing.
    Soft,
    /// A line break always; all groups around it are broken.
    Hard,
    /// A group: its lines are broken together, and only if it doesn't fit.
    Begin,
    End,
    /// One indentation more, from the next line on.
    In,
    Out,
    /// A comma in a broken group, else nothing.
    Comma,
    /// A comment behind what was printed.
    Trailing(&'a str),
    /// Room in front of the `=` that binds a name.
    Align,
}

pub(super) fn steps<'a>(tokens: &Tokens<'a>, unit: Unit) -> Vec<Step<'a>> {
    let assign = binding_sign(tokens, unit);
    let mut builder = Builder { tokens, unit, assign, pending: Vec::new(), steps: Vec::new() };
    let mut from = unit.from;
    let mut to = builder.next_comma(from, unit.to);
    // Several outputs. Names that are bound stay on one line: with one in front, it would read as a statement.
    let list = to < unit.to && assign.is_none();
    if list {
        builder.steps.extend([Step::Begin, Step::In]);
    }
    builder.segment(from, to, Scope::Unit);
    while to < unit.to {
        builder.token(to, Scope::Unit);
        from = to + 1;
        if list {
            builder.gap(from, Step::Line, Indent::None);
        } else {
            builder.gap(from, Step::Blank, Indent::One);
        }
        to = builder.next_comma(from, unit.to);
        builder.segment(from, to, Scope::Unit);
    }
    if list {
        builder.steps.extend([Step::Out, Step::End]);
    }
    builder.steps
}

/// Up to this width a bracket is never broken: it would win next to nothing.
const SHORT: usize = 12;

/// Whether lines behind a comment are indented once more than the line in front of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Indent {
    None,
    One,
}

struct Builder<'t, 'a> {
    tokens: &'t Tokens<'a>,
    unit: Unit,
    assign: Option<usize>,
    /// Comments in front of a comma, which come behind it.
    pending: Vec<Comment<'a>>,
    steps: Vec<Step<'a>>,
}

impl<'a> Builder<'_, 'a> {
    /// The index of the next comma that is in no bracket, or the end.
    fn next_comma(&self, from: usize, to: usize) -> usize {
        let mut at = from;
        while at < to && self.tokens.kind(at) != Kind::Comma {
            at = self.skip(at).min(to);
        }
        at
    }

    /// Behind a token, or behind all that a bracket holds. The curly ones are words of a unit.
    fn skip(&self, index: usize) -> usize {
        match self.tokens.kind(index) {
            Kind::Open(Bracket::Curly) => index + 1,
            _ => self.tokens.skip(index),
        }
    }

    /// What stands between two commas. A pipeline is broken in front of its arrows, a layer in front of its ties.
    fn segment(&mut self, from: usize, to: usize, scope: Scope) {
        let mut at = from;
        let mut pipeline = false;
        while at < to && !pipeline {
            pipeline = self.tokens.kind(at) == Kind::Arrow;
            at = self.skip(at);
        }
        if pipeline {
            self.steps.extend([Step::Begin, Step::In]);
        }
        let mut ties = false;
        let mut at = from;
        while at < to {
            let arrow = self.tokens.kind(at) == Kind::Arrow;
            if arrow && std::mem::take(&mut ties) {
                self.steps.extend([Step::Out, Step::End]);
            }
            if at == from {
                // What stands in front of it is the caller's.
            } else if arrow {
                self.gap(at, Step::Line, Indent::None);
            } else if scope == Scope::Unit && self.begins_tie(at) {
                if !std::mem::replace(&mut ties, true) {
                    self.steps.extend([Step::Begin, Step::In]);
                }
                self.gap(at, Step::Line, Indent::None);
            } else {
                self.space(at, scope);
            }
            self.token_or_bracket(at, scope);
            at = self.skip(at);
        }
        for _ in 0..usize::from(ties) + usize::from(pipeline) {
            self.steps.extend([Step::Out, Step::End]);
        }
    }

    /// Whether the slot of a tie begins at `index`: a name behind something that is whole.
    fn begins_tie(&self, index: usize) -> bool {
        self.unit.role == Role::Statement
            && self.assign.is_some_and(|assign| assign < index)
            && self.tokens.kind(index) == Kind::Name
            && ends_value(self.tokens, index - 1)
    }

    /// What separates a token from the one before in its segment.
    fn space(&mut self, index: usize, scope: Scope) {
        let bare = Gap::before(self.tokens, index).comments.is_empty();
        if bare && self.assign == Some(index) {
            self.steps.push(Step::Align);
        }
        if !bare || !is_tight(self.tokens, index, scope, self.assign) {
            let body = self.tokens.kind(index) == Kind::Open(Bracket::Curly);
            self.gap(index, Step::Blank, if body { Indent::None } else { Indent::One });
        }
    }

    fn token_or_bracket(&mut self, index: usize, scope: Scope) {
        match self.tokens.kind(index) {
            Kind::Open(bracket @ (Bracket::Round | Bracket::Square)) => self.bracket(index, bracket, scope),
            _ => self.word(index),
        }
    }

    /// A token in the middle of its segment, with what separates it from the one before.
    fn token(&mut self, index: usize, scope: Scope) {
        self.space(index, scope);
        self.word(index);
    }

    fn word(&mut self, index: usize) {
        self.steps.push(Step::Word(self.tokens.word(index)));
    }

    fn bracket(&mut self, open: usize, bracket: Bracket, outer: Scope) {
        let close = self.tokens.get(open).partner as usize;
        let scope = outer.inside(bracket, self.tokens, self.unit);
        let start = self.steps.len();
        self.word(open);
        self.steps.extend([Step::Begin, Step::In]);
        // Calls, lists of arguments and imports may end with a comma, and all that has commas between its parts.
        let mut comma = bracket == Bracket::Round && open > 0 && ends_value(self.tokens, open - 1);
        let mut from = open + 1;
        if from < close {
            self.gap(from, Step::Soft, Indent::None);
        }
        while from < close {
            let to = self.next_comma(from, close);
            self.segment(from, to, scope);
            from = to + 1;
            if to == close {
                break;
            }
            self.pending = Gap::before(self.tokens, to).comments;
            if from < close {
                comma = true;
                self.word(to);
                self.gap(from, Step::Line, Indent::None);
            }
        }
        if comma && open + 1 < close {
            self.steps.push(Step::Comma);
        }
        let commented = self.comments(close);
        self.steps.extend([Step::Out, if commented { Step::Hard } else { Step::Soft }, Step::End]);
        self.word(close);
        self.join_if_short(start);
    }

    /// Takes the places for line breaks out of a bracket that needs none.
    fn join_if_short(&mut self, start: usize) {
        let mut width = 0;
        for step in self.steps.iter().skip(start) {
            width += flat_width(step, 0);
            if width > SHORT || *step == Step::Hard {
                return;
            }
        }
        for step in self.steps.split_off(start) {
            match step {
                Step::Word(_) | Step::Blank => self.steps.push(step),
                Step::Line => self.steps.push(Step::Blank),
                _ => {}
            }
        }
    }

    /// What separates a token from the one before: the comments between the two, or if there are none `step`.
    fn gap(&mut self, index: usize, step: Step<'a>, indent: Indent) {
        let start = self.steps.len();
        if !self.comments(index) {
            return self.steps.push(step);
        }
        self.steps.push(Step::Hard);
        if indent == Indent::One {
            self.steps.insert(start, Step::In);
            self.steps.push(Step::Out);
        }
    }

    /// The comments in front of a token; false if there are none.
    fn comments(&mut self, index: usize) -> bool {
        let mut comments = std::mem::take(&mut self.pending);
        comments.extend(Gap::before(self.tokens, index).comments);
        for (count, comment) in comments.iter().enumerate() {
            if count == 0 && !comment.own_line {
                self.steps.push(Step::Trailing(comment.text));
            } else {
                self.steps.extend([Step::Hard, Step::Word(comment.text)]);
            }
        }
        !comments.is_empty()
    }
}
