//! A place in a piece, and how far what stands around it reaches: brackets, operands, pipelines. It goes by tokens alone,
//! as the piece couldn't be parsed.

use super::piece::Piece;
use super::token::{Bracket, Keyword, Kind, Tokens};

/// Where parsing stopped.
pub(super) struct Place<'t, 'a> {
    pub(super) tokens: &'t Tokens<'a>,
    pub(super) piece: Piece,
    pub(super) at: usize,
}

impl Place<'_, '_> {
    /// The innermost bracket that is open at the place.
    pub(super) fn opener(&self) -> Option<usize> {
        let mut index = self.at.min(self.piece.to);
        while index > self.piece.from {
            index -= 1;
            match self.tokens.kind(index) {
                Kind::Open(_) => return Some(index),
                Kind::Close(_) => index = self.partner(index),
                _ => {}
            }
        }
        None
    }

    fn partner(&self, closer: usize) -> usize {
        (self.tokens.get(closer).partner as usize).min(closer).max(self.piece.from)
    }

    /// The tokens of a range that stand in no bracket of it.
    pub(super) fn flat(&self, from: usize, to: usize) -> impl Iterator<Item = usize> {
        let mut at = from;
        std::iter::from_fn(move || {
            let index = (at < to).then_some(at)?;
            at = self.tokens.skip(index);
            Some(index)
        })
    }

    /// Where the expression around the place begins.
    pub(super) fn expression_start(&self) -> usize {
        let mut start = self.at;
        while start > self.piece.from {
            let before = start - 1;
            match self.tokens.kind(before) {
                Kind::Close(_) => start = self.partner(before),
                Kind::Comma | Kind::Assign | Kind::Open(_) | Kind::Colon | Kind::DotDot | Kind::At => break,
                Kind::Keyword(Keyword::If | Keyword::Else) if before > self.piece.from => start = before,
                Kind::Keyword(keyword) if !Kind::Keyword(keyword).is_operator() && !is_literal(keyword) => break,
                _ => start = before,
            }
        }
        start
    }

    /// Where the name, call, index or field before `end` begins.
    pub(super) fn operand_before(&self, end: usize) -> usize {
        let mut start = end;
        while start > self.piece.from {
            let last = start - 1;
            start = match self.tokens.kind(last) {
                Kind::Close(_) => self.partner(last),
                _ => last,
            };
            if start == self.piece.from {
                break;
            }
            match (self.tokens.kind(start), self.tokens.before(start)) {
                (Kind::Open(_), Kind::Name | Kind::Close(_)) => {}
                (_, Kind::Dot) => start -= 1,
                _ => break,
            }
        }
        start
    }

    /// Where the operand that begins at `start` ends, signs in front of it included.
    pub(super) fn operand_after(&self, start: usize) -> usize {
        let mut at = start;
        let to = self.piece.to;
        while at < to && matches!(self.tokens.kind(at), Kind::Minus | Kind::Keyword(Keyword::Not)) {
            at += 1;
        }
        if at >= to || !(self.tokens.kind(at).ends_expression() || matches!(self.tokens.kind(at), Kind::Open(_))) {
            return start;
        }
        at = self.tokens.skip(at);
        while at < to {
            match self.tokens.kind(at) {
                Kind::Open(Bracket::Round | Bracket::Square) => at = self.tokens.skip(at),
                Kind::Dot if at + 1 < to => at += 2,
                _ => break,
            }
        }
        at.min(to)
    }

    /// Where the pipeline whose arrow stands at the place ends.
    pub(super) fn pipeline_end(&self) -> usize {
        let mut at = self.at;
        while at < self.piece.to && matches!(self.tokens.kind(at), Kind::Arrow | Kind::Caret) {
            at = self.operand_after(at + 1).max(at + 1);
        }
        at.min(self.piece.to)
    }
}

fn is_literal(keyword: Keyword) -> bool {
    matches!(keyword, Keyword::True | Keyword::False | Keyword::None)
}
