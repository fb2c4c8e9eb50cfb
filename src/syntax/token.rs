//! The light tokens that the scanner makes of a text, and the questions the splitter asks of them. Only kinds and
//! places; a token's words are looked up in the text.

use crate::span::{SourceFile, Span};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bracket {
    Round,
    Square,
    Curly,
}

impl Bracket {
    pub(super) const fn opener(self) -> char {
        match self {
            Self::Round => '(',
            Self::Square => '[',
            Self::Curly => '{',
        }
    }

    pub(super) const fn closer(self) -> char {
        match self {
            Self::Round => ')',
            Self::Square => ']',
            Self::Curly => '}',
        }
    }
}

/// The reserved words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keyword {
    Input,
    Output,
    Param,
    Buffer,
    Layer,
    Loss,
    For,
    If,
    Else,
    In,
    Assert,
    And,
    Or,
    Not,
    True,
    False,
    As,
    Frozen,
    None,
}

impl Keyword {
    pub(super) fn of(word: &str) -> Option<Self> {
        Some(match word {
            "input" => Self::Input,
            "output" => Self::Output,
            "param" => Self::Param,
            "buffer" => Self::Buffer,
            "layer" => Self::Layer,
            "loss" => Self::Loss,
            "for" => Self::For,
            "if" => Self::If,
            "else" => Self::Else,
            "in" => Self::In,
            "assert" => Self::Assert,
            "and" => Self::And,
            "or" => Self::Or,
            "not" => Self::Not,
            "true" => Self::True,
            "false" => Self::False,
            "as" => Self::As,
            "frozen" => Self::Frozen,
            "none" => Self::None,
            _ => return Option::None,
        })
    }

    /// Whether a statement begins with it. `if` and `else` need a look at what follows.
    pub(super) const fn begins_statement(self) -> bool {
        matches!(
            self,
            Self::Input
                | Self::Output
                | Self::Param
                | Self::Buffer
                | Self::Layer
                | Self::Loss
                | Self::For
                | Self::Assert
                | Self::Frozen
        )
    }

    /// Whether a name comes after it that may be followed by `=`.
    pub(super) const fn takes_name(self) -> bool {
        matches!(self, Self::Input | Self::Output | Self::Param | Self::Buffer | Self::Layer)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Name,
    Keyword(Keyword),
    Number,
    Text,
    Open(Bracket),
    Close(Bracket),
    Comma,
    Dot,
    DotDot,
    Ellipsis,
    Colon,
    Assign,
    /// `+=` and its like.
    Augmented,
    At,
    Caret,
    Arrow,
    Minus,
    Star,
    /// The other operators between two values.
    Operator,
    /// Text that is no token; it was reported.
    Bad,
    /// What stands behind the last token.
    End,
}

impl Kind {
    /// Whether an expression may end with it.
    pub(super) const fn ends_expression(self) -> bool {
        matches!(
            self,
            Self::Name
                | Self::Number
                | Self::Text
                | Self::Close(_)
                | Self::Bad
                | Self::Keyword(Keyword::True | Keyword::False | Keyword::None)
        )
    }

    /// Whether an expression goes on behind it, on the next line too.
    pub(super) const fn wants_value(self) -> bool {
        self.is_operator()
            || matches!(self, Self::Assign | Self::Arrow | Self::Comma | Self::Keyword(Keyword::If | Keyword::Else))
    }

    pub(super) const fn is_word(self) -> bool {
        matches!(self, Self::Name | Self::Keyword(_))
    }

    /// Whether it stands between two values, or in front of one.
    pub(super) const fn is_operator(self) -> bool {
        matches!(
            self,
            Self::Minus | Self::Star | Self::Operator | Self::Keyword(Keyword::And | Keyword::Or | Keyword::Not)
        )
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// Whether it is the first on its line.
    pub(super) first: bool,
    /// Whether a mistake was reported for it.
    pub(super) broken: bool,
    /// Offsets in the file's text.
    pub(super) start: u32,
    pub(super) end: u32,
    /// For a bracket the index of its other half. For an opener without one, the index at which reading goes on.
    pub(super) partner: u32,
}

/// A scanned text.
pub(super) struct Tokens<'a> {
    pub(super) text: &'a str,
    base: u32,
    pub(super) list: Vec<Token>,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(file: &'a SourceFile) -> Self {
        Self { text: file.text(), base: file.span().start, list: Vec::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    pub(super) fn get(&self, index: usize) -> Token {
        let end = self.text.len() as u32;
        let none = Token { kind: Kind::End, first: true, broken: false, start: end, end, partner: 0 };
        self.list.get(index).copied().unwrap_or(none)
    }

    pub(super) fn kind(&self, index: usize) -> Kind {
        self.list.get(index).map_or(Kind::End, |token| token.kind)
    }

    /// The kind of the token before `index`; in front of the first stands [`Kind::End`].
    pub(super) fn before(&self, index: usize) -> Kind {
        index.checked_sub(1).map_or(Kind::End, |before| self.kind(before))
    }

    pub(super) fn is_first(&self, index: usize) -> bool {
        self.get(index).first
    }

    pub(super) fn word(&self, index: usize) -> &'a str {
        self.words(index, index + 1)
    }

    /// The text from token `from` up to token `to`, that one excluded.
    pub(super) fn words(&self, from: usize, to: usize) -> &'a str {
        if to <= from {
            return "";
        }
        self.text.get(self.get(from).start as usize..self.get(to - 1).end as usize).unwrap_or("")
    }

    /// Where a token stands, in the offsets of all sources; the empty place at the text's end behind the last one.
    pub(super) fn span(&self, index: usize) -> Span {
        let token = self.get(index);
        self.global(token.start, token.end)
    }

    /// From token `from` up to token `to`, that one excluded. The place behind the token before if there are none.
    pub(super) fn span_of(&self, from: usize, to: usize) -> Span {
        if from < to { self.span(from).to(self.span(to - 1)) } else { self.after(from) }
    }

    /// The empty place behind the token before `index`.
    pub(super) fn after(&self, index: usize) -> Span {
        let end = index.checked_sub(1).map_or(0, |before| self.get(before).end);
        self.global(end, end)
    }

    pub(super) fn global(&self, start: u32, end: u32) -> Span {
        Span::new(self.base + start, self.base + end)
    }

    /// The index after `index`, or after all that the bracket at `index` holds.
    pub(super) fn skip(&self, index: usize) -> usize {
        let token = self.get(index);
        match token.kind {
            Kind::Open(_) => {
                let partner = token.partner as usize;
                let closed =
                    matches!(self.kind(partner), Kind::Close(_)) && self.get(partner).partner as usize == index;
                if closed { partner + 1 } else { partner.max(index + 1) }
            }
            _ => index + 1,
        }
    }

    /// The index at which the bracket at `index` ends: its closer, or the place where one was missed.
    pub(super) fn close(&self, index: usize) -> usize {
        (self.get(index).partner as usize).max(index + 1).min(self.len())
    }
}
