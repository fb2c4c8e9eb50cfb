//! A file's tokens → the stretches that get lines of their own: heads up to their `{`, statements, and `}`. The file
//! is one without mistakes.

use super::gap::Gap;
use crate::syntax::starts::{begins_block, begins_statement, is_statement_if, means_item};
use crate::syntax::token::{Bracket, Keyword, Kind, Tokens};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A `use` or a `const`.
    FlatItem,
    /// From the name of a block, model, `train`, loop or condition to the `{`; to the `}` if nothing is inside.
    Head,
    /// A `}`, perhaps with `else {` or `else if … {` behind it.
    Close,
    Statement,
}

/// A half-open range of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) role: Role,
    pub(super) from: usize,
    pub(super) to: usize,
    /// How many bodies stand around it.
    pub(super) depth: usize,
}

impl Unit {
    /// Whether a body begins behind it.
    pub(super) fn opens(self, tokens: &Tokens) -> bool {
        tokens.kind(self.to - 1) == Kind::Open(Bracket::Curly)
    }
}

pub(super) fn units(tokens: &Tokens) -> Vec<Unit> {
    let mut outline = Outline { tokens, at: 0 };
    let mut units = Vec::new();
    let mut depth = 0;
    while outline.at < tokens.len() {
        let from = outline.at;
        let role = outline.next(depth);
        if role == Role::Close {
            depth = depth.saturating_sub(1);
        }
        let unit = Unit { role, from, to: outline.at, depth };
        depth += usize::from(unit.opens(tokens));
        units.push(unit);
    }
    units
}

struct Outline<'t, 'a> {
    tokens: &'t Tokens<'a>,
    at: usize,
}

impl Outline<'_, '_> {
    /// Goes to the end of the unit that begins here.
    fn next(&mut self, depth: usize) -> Role {
        let from = self.at;
        match self.tokens.kind(from) {
            Kind::Close(Bracket::Curly) => {
                self.close();
                Role::Close
            }
            Kind::Keyword(Keyword::For | Keyword::Else) => self.head(),
            Kind::Keyword(Keyword::If) if is_statement_if(self.tokens, from, usize::MAX) => self.head(),
            Kind::Name if depth > 0 && begins_block(self.tokens, from) => self.head(),
            _ if depth == 0 && !matches!(self.tokens.word(from), "use" | "const") => self.head(),
            _ => {
                let begins = if depth == 0 { means_item } else { begins_statement };
                self.at = self.tokens.skip(from);
                while self.at < self.tokens.len()
                    && self.tokens.kind(self.at) != Kind::Close(Bracket::Curly)
                    && !begins(self.tokens, self.at)
                {
                    self.at = self.tokens.skip(self.at);
                }
                if depth == 0 { Role::FlatItem } else { Role::Statement }
            }
        }
    }

    fn head(&mut self) -> Role {
        while self.at < self.tokens.len() && self.tokens.kind(self.at) != Kind::Open(Bracket::Curly) {
            self.at = self.tokens.skip(self.at);
        }
        self.at += 1;
        if self.tokens.kind(self.at) == Kind::Close(Bracket::Curly) && self.is_bare(self.at) {
            self.close();
        }
        Role::Head
    }

    /// Goes behind a `}` and the `else` that follows on the same line.
    fn close(&mut self) {
        self.at += 1;
        if self.tokens.kind(self.at) == Kind::Keyword(Keyword::Else) && self.is_bare(self.at) {
            self.head();
        }
    }

    /// Whether no comment stands in front of a token.
    fn is_bare(&self, index: usize) -> bool {
        Gap::before(self.tokens, index).comments.is_empty()
    }
}
