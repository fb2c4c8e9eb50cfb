//! One piece of a file, given as a range of tokens: whether it may be parsed at all, and pest's verdict on it.

use super::errors::SyntaxError;
use super::grammar::{Grammar, Rule};
use super::token::{Bracket, Keyword, Kind, Tokens};
use crate::diag::{label, primary};
use pest::Parser;
use pest::error::{ErrorVariant, InputLocation};
use pest::iterators::Pair;

/// How many operators, calls, indices and fields may hang on one another, brackets around them included. Each is a
/// level of the tree, and trees are walked by recursion.
pub(super) const MAX_LINKS: usize = 1024;

/// A half-open range of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) from: usize,
    pub(super) to: usize,
}

/// Where a piece stops being what it should be.
#[derive(Debug)]
pub(super) struct Failure {
    /// The token that doesn't fit; the end of the piece if it is too short.
    pub(super) at: usize,
    /// What pest tried there.
    pub(super) tried: Vec<Rule>,
}

/// Whether a piece can be parsed: nothing in it was reported, and its expressions aren't too long. Reports lines that
/// look like statements of their own.
pub(super) fn check(tokens: &Tokens, piece: Piece, errors: &mut Vec<SyntaxError>) -> bool {
    let mut outer: Vec<(usize, usize)> = Vec::new();
    let (mut base, mut links) = (0, 0);
    let before = errors.len();
    for index in piece.from..piece.to {
        let token = tokens.get(index);
        if token.broken {
            return false;
        }
        if outer.is_empty() && index > piece.from && continues(tokens, index) {
            errors.push(line_start(tokens, index));
        }
        match token.kind {
            Kind::Open(_) => {
                outer.push((base, links));
                links += 1;
                base = links;
            }
            Kind::Close(_) => {
                (base, links) = outer.pop().unwrap_or((0, 0));
                links += 1;
            }
            Kind::Comma | Kind::Arrow | Kind::Assign | Kind::Colon | Kind::At => links = base,
            Kind::Dot | Kind::Keyword(Keyword::Else) => links += 1,
            kind if kind.is_operator() => links += 1,
            _ => {}
        }
        if links > MAX_LINKS {
            errors.push(SyntaxError::NestingLimit {
                message: format!("this expression has more than {MAX_LINKS} operators in one chain"),
                labels: vec![
                    primary(tokens.span(index), "one more than can be read"),
                    label(tokens.span(piece.from), "in the statement that begins here"),
                ],
                help: Some("divide it: bind parts to names, or use a list".to_owned()),
            });
            return false;
        }
    }
    // What it would mean if both lines were one statement is hardly what is meant.
    errors.len() == before
}

/// Whether a line begins with a bracket or a `-` where a statement could have ended.
fn continues(tokens: &Tokens, index: usize) -> bool {
    tokens.is_first(index)
        && matches!(tokens.kind(index), Kind::Open(Bracket::Round | Bracket::Square) | Kind::Minus)
        && tokens.before(index).ends_expression()
}

fn line_start(tokens: &Tokens, index: usize) -> SyntaxError {
    let sign = tokens.word(index);
    SyntaxError::LineStart {
        labels: vec![
            primary(tokens.span(index), format!("no statement starts with `{sign}`")),
            label(tokens.span(index - 1), "the statement above goes on from here"),
        ],
        help: Some(format!(
            "if it belongs to the line above, move the `{sign}` to the end of that line or put the whole value in \
             parentheses; if not, give the value a name: `name = …`"
        )),
    }
}

/// Parses a piece with the rule for it and hands over what stands in it.
pub(super) fn parse<'a>(tokens: &Tokens<'a>, piece: Piece, rule: Rule) -> Result<Pair<'a, Rule>, Failure> {
    let text = tokens.words(piece.from, piece.to);
    let error = match Grammar::parse(rule, text) {
        Ok(mut pairs) => {
            let inner = pairs.next().and_then(|pair| pair.into_inner().next());
            return inner.ok_or(Failure { at: piece.from, tried: Vec::new() });
        }
        Err(error) => error,
    };
    let (InputLocation::Pos(offset) | InputLocation::Span((offset, _))) = error.location;
    let offset = tokens.get(piece.from).start as usize + offset;
    let inside = tokens.list.get(piece.from..piece.to).unwrap_or(&[]);
    let at = piece.from + inside.partition_point(|token| token.end as usize <= offset);
    let tried = match error.variant {
        ErrorVariant::ParsingError { positives, .. } => positives,
        ErrorVariant::CustomError { .. } => Vec::new(),
    };
    Err(Failure { at, tried })
}
