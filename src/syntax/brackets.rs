//! Pairs the brackets of a token list and goes on where one is missing: at the next line that can only be a new
//! statement or item. Fills `partner`, marks what has no partner as broken and reports it. A `}` too many is only
//! marked: the splitter knows whether it ends something.

use super::errors::SyntaxError;
use super::starts::{begins_block, begins_item, is_statement_if};
use super::token::{Bracket, Keyword, Kind, Tokens};
use crate::diag::{label, primary};

/// How many brackets may be open at once.
pub(super) const MAX_DEPTH: usize = 256;

/// How far to look for the closer of a bracket before taking it for missing.
const PATIENCE: usize = 256;

/// False if brackets are nested too deep; nothing should be read then.
#[must_use]
pub(super) fn pair(tokens: &mut Tokens, errors: &mut Vec<SyntaxError>) -> bool {
    let mut pairing = Pairing { tokens, errors, open: Vec::new(), balanced: None };
    for index in 0..pairing.tokens.len() {
        pairing.recover(index);
        match pairing.tokens.kind(index) {
            Kind::Open(_) => {
                pairing.open.push(index);
                if pairing.open.len() > MAX_DEPTH {
                    pairing.too_deep(index);
                    return false;
                }
            }
            Kind::Close(bracket) => pairing.close(index, bracket),
            _ => {}
        }
    }
    let end = pairing.tokens.len();
    pairing.abandon(0, end);
    true
}

struct Pairing<'t, 'a, 'e> {
    tokens: &'t mut Tokens<'a>,
    errors: &'e mut Vec<SyntaxError>,
    open: Vec<usize>,
    /// Whether the file has as many `{` as `}`, once that is asked.
    balanced: Option<bool>,
}

impl Pairing<'_, '_, '_> {
    fn too_deep(&mut self, index: usize) {
        self.errors.push(SyntaxError::NestingLimit {
            message: format!("brackets are nested more than {MAX_DEPTH} deep"),
            labels: vec![primary(self.tokens.span(index), "one more than can be read")],
            help: Some("name the inner parts: give them values, layers or blocks of their own".to_owned()),
        });
    }

    fn bracket_at(&self, index: usize) -> Option<Bracket> {
        match self.tokens.kind(index) {
            Kind::Open(bracket) => Some(bracket),
            _ => None,
        }
    }

    fn top(&self) -> Option<Bracket> {
        self.open.last().and_then(|&index| self.bracket_at(index))
    }

    /// How many of the open brackets stand around the innermost body.
    fn floor(&self) -> usize {
        let curly = self.open.iter().rposition(|&index| self.bracket_at(index) == Some(Bracket::Curly));
        curly.map_or(0, |position| position + 1)
    }

    /// Gives up on the brackets above `floor` if the token at `index` can't stand inside them.
    fn recover(&mut self, index: usize) {
        if !self.tokens.is_first(index) && self.tokens.kind(index) != Kind::Open(Bracket::Curly) {
            return;
        }
        if begins_item(self.tokens, index) && self.starts_line(index) && !self.is_nested(index) {
            return self.abandon(0, index);
        }
        if matches!(self.top(), Some(Bracket::Round | Bracket::Square)) && self.is_outside(index) {
            self.abandon(self.floor(), index);
        }
    }

    /// Whether the block that begins at `index` stands in a body, and not behind one whose `}` is missing.
    fn is_nested(&mut self, index: usize) -> bool {
        if self.open.is_empty() || !begins_block(self.tokens, index) {
            return false;
        }
        let tokens = &self.tokens;
        *self.balanced.get_or_insert_with(|| {
            let count = |kind| tokens.list.iter().filter(|token| token.kind == kind).count();
            count(Kind::Open(Bracket::Curly)) == count(Kind::Close(Bracket::Curly))
        })
    }

    /// Whether a token stands at the very start of its line, where bodies are not usually written.
    fn starts_line(&self, index: usize) -> bool {
        let start = self.tokens.get(index).start as usize;
        start == 0 || self.tokens.text.as_bytes().get(start - 1) == Some(&b'\n')
    }

    fn is_outside(&self, index: usize) -> bool {
        let next = self.tokens.kind(index + 1);
        let goes_on = matches!(next, Kind::Assign | Kind::Comma | Kind::Close(_) | Kind::Dot);
        match self.tokens.kind(index) {
            Kind::Open(Bracket::Curly) => next != Kind::End && self.tokens.is_first(index + 1),
            Kind::Keyword(Keyword::If) => is_statement_if(self.tokens, index, PATIENCE),
            Kind::Keyword(keyword) => keyword.begins_statement() && !goes_on,
            Kind::Name if next == Kind::Assign && self.tokens.before(index).ends_expression() => {
                !self.closes_soon(index)
            }
            Kind::Name => begins_block(self.tokens, index),
            _ => false,
        }
    }

    /// Whether the innermost open bracket is closed before the line after next: then what is missing at `index` is a
    /// comma.
    fn closes_soon(&self, index: usize) -> bool {
        let mut depth = 0_usize;
        for ahead in index..index + PATIENCE {
            match self.tokens.kind(ahead) {
                Kind::Open(_) => depth += 1,
                Kind::Close(Bracket::Curly) | Kind::End => return false,
                Kind::Close(_) if depth == 0 => return true,
                Kind::Close(_) => depth -= 1,
                Kind::Keyword(keyword) if keyword.begins_statement() && self.tokens.is_first(ahead) => return false,
                Kind::Name
                    if ahead > index && self.tokens.is_first(ahead) && self.tokens.before(ahead).ends_expression() =>
                {
                    return false;
                }
                _ => {}
            }
        }
        false
    }

    /// Reports the brackets above `floor` as one mistake, at the innermost, and closes them in front of `index`.
    fn abandon(&mut self, floor: usize, index: usize) {
        let lost = self.open.split_off(floor.min(self.open.len()));
        let Some(&inner) = lost.last() else { return };
        for &opener in &lost {
            if let Some(token) = self.tokens.list.get_mut(opener) {
                token.partner = index as u32;
                token.broken = true;
            }
        }
        let bracket = self.bracket_at(inner).unwrap_or(Bracket::Round);
        let closer = bracket.closer();
        let mut labels = vec![
            primary(self.tokens.span(inner), "opened here"),
            label(self.tokens.after(index), format!("`{closer}` is missing, here at the latest")),
        ];
        if let Some(&outer) = lost.first().filter(|_| lost.len() > 1) {
            labels.push(label(self.tokens.span(outer), format!("{} open as well", count(lost.len() - 1))));
        }
        let help = Some(format!("close it with `{closer}`"));
        self.errors.push(SyntaxError::UnclosedBracket { bracket: bracket.opener(), labels, help });
    }

    fn close(&mut self, index: usize, bracket: Bracket) {
        if bracket == Bracket::Curly {
            let floor = self.floor();
            self.abandon(floor, index);
        }
        match self.top() {
            Some(top) if top == bracket => {
                let opener = self.open.pop().unwrap_or(0);
                self.join(opener, index, false);
            }
            Some(top @ (Bracket::Round | Bracket::Square)) => self.mismatch(index, top, bracket),
            _ => {
                if let Some(token) = self.tokens.list.get_mut(index) {
                    token.broken = true;
                }
                if bracket != Bracket::Curly {
                    self.errors.push(stray(self.tokens, index, bracket));
                }
            }
        }
    }

    /// `(` closed by `]`: if a bracket further out fits, those inside it are unclosed; else it is a slip.
    fn mismatch(&mut self, index: usize, top: Bracket, bracket: Bracket) {
        let floor = self.floor();
        let fitting = self.open.iter().skip(floor).rposition(|&opener| self.bracket_at(opener) == Some(bracket));
        if let Some(position) = fitting {
            self.abandon(floor + position + 1, index);
            let opener = self.open.pop().unwrap_or(0);
            return self.join(opener, index, false);
        }
        let opener = self.open.pop().unwrap_or(0);
        self.join(opener, index, true);
        self.errors.push(SyntaxError::UnmatchedBracket {
            message: format!("`{}` is closed by `{}`", top.opener(), bracket.closer()),
            labels: vec![
                primary(self.tokens.span(index), format!("should be `{}`", top.closer())),
                label(self.tokens.span(opener), "opened here"),
            ],
            help: Some(format!("write `{}`", top.closer())),
        });
    }

    fn join(&mut self, opener: usize, closer: usize, broken: bool) {
        for (index, partner) in [(opener, closer), (closer, opener)] {
            if let Some(token) = self.tokens.list.get_mut(index) {
                token.partner = partner as u32;
                token.broken = broken;
            }
        }
    }
}

/// The error for a closer that closes nothing.
pub(super) fn stray(tokens: &Tokens, index: usize, bracket: Bracket) -> SyntaxError {
    SyntaxError::UnmatchedBracket {
        message: format!("this `{}` closes nothing", bracket.closer()),
        labels: vec![primary(tokens.span(index), format!("no `{}` is open here", bracket.opener()))],
        help: Some(format!("delete it, or open a `{}` before it", bracket.opener())),
    }
}

fn count(number: usize) -> String {
    if number == 1 { "one more is".to_owned() } else { format!("{number} more are") }
}
