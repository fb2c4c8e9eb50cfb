//! Tokens to items and bodies. Cuts the file at the places where items and statements begin and has each piece parsed
//! by its rule, so that a mistake costs one piece. Recursion goes as deep as bodies are nested, which is limited.

use super::ast::{Broken, Definition, Expr, For, If, Item, Statement, Train};
use super::brackets::{MAX_DEPTH, stray};
use super::declared;
use super::diagnose;
use super::errors::SyntaxError;
use super::expr::Builder;
use super::grammar::Rule;
use super::piece::Piece;
use super::starts::{begins_block, begins_statement, is_lone_call, is_statement_if, means_item};
use super::token::{Bracket, Keyword, Kind, Tokens};
use crate::span::Span;

pub(super) fn items(tokens: &Tokens, errors: &mut Vec<SyntaxError>) -> Vec<Item> {
    let mut splitter = Splitter { tokens, errors, at: 0, depth: 0, lost: false };
    let mut items = Vec::new();
    while splitter.at < tokens.len() {
        items.push(splitter.item());
    }
    items
}

pub(super) struct Splitter<'t, 'a, 'e> {
    pub(super) tokens: &'t Tokens<'a>,
    pub(super) errors: &'e mut Vec<SyntaxError>,
    at: usize,
    /// How many `for` and `if` are open.
    depth: usize,
    /// Whether a `{` was missing, so that a `}` closes too much and statements may follow where none can stand.
    lost: bool,
}

impl Splitter<'_, '_, '_> {
    fn item(&mut self) -> Item {
        let from = self.at;
        let word = if means_item(self.tokens, from) { self.tokens.word(from) } else { "" };
        let item = match word {
            "use" => {
                let piece = self.flat_item();
                let span = self.span(piece);
                self.read(Rule::use_piece, piece, |builder, pair| builder.use_item(pair, span)).map(Item::Use)
            }
            "const" => {
                let piece = self.flat_item();
                let span = self.span(piece);
                self.read(Rule::const_piece, piece, |builder, pair| builder.const_item(pair, span)).map(Item::Const)
            }
            "block" | "model" => self.definition(word == "model"),
            "train" => self.train(),
            _ => self.no_item(),
        };
        item.unwrap_or_else(|| {
            let declares = declared::by_item(self.tokens, Piece { from, to: self.at });
            Item::Error(Broken { declares, span: self.tokens.span_of(from, self.at) })
        })
    }

    pub(super) fn span(&self, piece: Piece) -> Span {
        self.tokens.span_of(piece.from, piece.to)
    }

    /// The piece up to the next item or stray `}`.
    fn flat_item(&mut self) -> Piece {
        let from = self.at;
        self.at += 1;
        while self.at < self.tokens.len()
            && !means_item(self.tokens, self.at)
            && self.tokens.kind(self.at) != Kind::Close(Bracket::Curly)
        {
            self.at = self.tokens.skip(self.at);
        }
        Piece { from, to: self.at }
    }

    /// Text outside of all items, up to the next one.
    fn no_item(&mut self) -> Option<Item> {
        let from = self.at;
        let mut reported = std::mem::take(&mut self.lost);
        while self.at < self.tokens.len() && (self.at == from || !means_item(self.tokens, self.at)) {
            let token = self.tokens.get(self.at);
            reported |= token.broken && token.kind != Kind::Close(Bracket::Curly);
            self.at = self.tokens.skip(self.at);
        }
        if reported {
            return None;
        }
        self.errors.push(match self.tokens.kind(from) {
            Kind::Close(bracket) => stray(self.tokens, from, bracket),
            _ => diagnose::no_item(self.tokens, from),
        });
        None
    }

    fn definition(&mut self, model: bool) -> Option<Item> {
        let from = self.at;
        let open = self.find_body(from + 2, self.tokens.len());
        let to = open.unwrap_or(self.at);
        let head = self.read(Rule::head_piece, Piece { from, to }, Builder::head);
        let Some(open) = open else { return self.unopened(from, to, head.is_some()) };
        let body = self.body(open);
        let (name, arguments) = head?;
        let definition = Definition { name, arguments, body, span: self.tokens.span_of(from, self.at) };
        Some(if model { Item::Model(definition) } else { Item::Block(definition) })
    }

    /// The `{` of a head that is looked for from `from` on. Without one, `at` is where the head ends.
    fn find_body(&mut self, from: usize, end: usize) -> Option<usize> {
        self.at = from.min(end);
        while self.at < end {
            match self.tokens.kind(self.at) {
                Kind::Open(Bracket::Curly) => return Some(self.at),
                Kind::Close(Bracket::Curly) => return None,
                _ if begins_statement(self.tokens, self.at) || means_item(self.tokens, self.at) => return None,
                _ => self.at = self.tokens.skip(self.at),
            }
        }
        None
    }

    /// Reads the body at a `{` and stands behind its `}` then.
    fn body(&mut self, open: usize) -> Vec<Statement> {
        self.at = open + 1;
        let statements = self.statements(self.tokens.close(open));
        self.at = self.tokens.skip(open);
        statements
    }

    /// Reads the statements after a head whose `{` is missing, for their mistakes, up to their `}`. A head with a mistake
    /// of its own was reported.
    fn unopened(&mut self, from: usize, to: usize, sound: bool) -> Option<Item> {
        if sound {
            self.errors.push(diagnose::missing_body(self.tokens, from, to));
        }
        let mut end = self.at;
        while end < self.tokens.len()
            && !means_item(self.tokens, end)
            && self.tokens.kind(end) != Kind::Close(Bracket::Curly)
        {
            end = self.tokens.skip(end);
        }
        self.statements(end);
        self.at = if self.tokens.kind(end) == Kind::Close(Bracket::Curly) { end + 1 } else { end };
        None
    }

    fn train(&mut self) -> Option<Item> {
        let from = self.at;
        let open = self.find_body(from + 1, self.tokens.len());
        let to = open.unwrap_or(self.at);
        let head = self.read(Rule::train_piece, Piece { from, to }, Builder::train_head);
        let Some(open) = open else { return self.unopened(from, to, head.is_some()) };
        let end = self.tokens.close(open);
        self.at = open + 1;
        let mut fields = Vec::new();
        while self.at < end {
            let piece = self.next_piece(end);
            let span = self.span(piece);
            let (setting, _) = self.attempt(Rule::setting_piece, piece, |builder, pair| builder.binding(pair, span));
            fields.extend(setting);
        }
        self.at = self.tokens.skip(open);
        Some(Item::Train(Train { name: head?, fields, span: self.tokens.span_of(from, self.at) }))
    }

    /// The piece from here to the next statement.
    fn next_piece(&mut self, end: usize) -> Piece {
        let from = self.at;
        self.at = self.tokens.skip(from).min(end);
        while self.at < end && !begins_statement(self.tokens, self.at) {
            self.at = self.tokens.skip(self.at).min(end);
        }
        Piece { from, to: self.at }
    }

    fn statements(&mut self, end: usize) -> Vec<Statement> {
        // A statement has about so many tokens. Room that isn't needed costs no memory before it is written to.
        let mut out = Vec::with_capacity(end.saturating_sub(self.at) / 8);
        while self.at < end {
            let from = self.at;
            match self.tokens.kind(from) {
                // A stray closer that was reported.
                Kind::Close(_) => self.at += 1,
                Kind::Keyword(Keyword::For) => out.push(self.loop_statement(end)),
                Kind::Keyword(Keyword::If) if is_statement_if(self.tokens, from, usize::MAX) => {
                    out.push(self.condition(end));
                }
                Kind::Name if begins_block(self.tokens, from) => out.push(self.nested(end)),
                Kind::Keyword(Keyword::Else) => {
                    if self.tokens.kind(from + 1) == Kind::Keyword(Keyword::If) {
                        self.at += 1;
                    }
                    let piece = Piece { from, ..self.next_piece(end) };
                    self.no_statement(piece);
                }
                _ => self.plain(end, &mut out),
            }
        }
        out
    }

    /// Text that is nothing is one mistake, but each line with a call that has no name is one of its own.
    pub(super) fn no_statement(&mut self, piece: Piece) {
        if (piece.from..piece.to).any(|index| self.tokens.get(index).broken) {
            return;
        }
        let mut at = piece.from;
        while at < piece.to {
            if at == piece.from || is_lone_call(self.tokens, at) {
                self.errors.push(diagnose::no_statement(self.tokens, at));
            }
            at = self.tokens.skip(at);
        }
    }

    fn plain(&mut self, end: usize, out: &mut Vec<Statement>) {
        let begins = begins_statement(self.tokens, self.at);
        let piece = self.next_piece(end);
        let (statement, rest) = if begins {
            self.statement(piece)
        } else {
            self.no_statement(piece);
            (None, Some(piece))
        };
        out.extend(statement);
        if let Some(rest) = rest {
            let declares = declared::by_statement(self.tokens, rest);
            out.push(Statement::Error(Broken { declares, span: self.span(rest) }));
        }
    }

    fn loop_statement(&mut self, end: usize) -> Statement {
        let from = self.at;
        let Some(open) = self.find_body(from + 1, end) else { return self.bodiless(from, Rule::for_piece) };
        let head = self.read(Rule::for_piece, Piece { from, to: open }, Builder::for_head);
        self.depth += 1;
        let body = if self.is_too_deep(from) { self.skip_body(open) } else { self.body(open) };
        self.depth -= 1;
        let span = self.tokens.span_of(from, self.at);
        match head {
            Some((name, over)) => Statement::For(For { name, over, body, span }),
            None => Statement::Error(Broken { declares: declared::in_body(&body), span }),
        }
    }

    fn nested(&mut self, end: usize) -> Statement {
        let from = self.at;
        let Some(open) = self.find_body(from + 2, end) else { return self.bodiless(from, Rule::head_piece) };
        let head = self.read(Rule::head_piece, Piece { from, to: open }, Builder::head);
        let body = self.body(open);
        let span = self.tokens.span_of(from, self.at);
        match head {
            Some((name, arguments)) => Statement::Block(Definition { name, arguments, body, span }),
            None => {
                let declares = declared::by_item(self.tokens, Piece { from, to: open });
                Statement::Error(Broken { declares, span })
            }
        }
    }

    /// A block, `for` or `if` without `{`: the head's own mistake if it has one, else the missing brace.
    fn bodiless(&mut self, from: usize, rule: Rule) -> Statement {
        let to = self.at.max(from + 1);
        self.at = to;
        self.lost = true;
        if self.read(rule, Piece { from, to }, |_, _| Some(())).is_some() {
            self.errors.push(diagnose::missing_body(self.tokens, from, to));
        }
        let declares = declared::by_item(self.tokens, Piece { from, to });
        Statement::Error(Broken { declares, span: self.tokens.span_of(from, to) })
    }

    fn skip_body(&mut self, open: usize) -> Vec<Statement> {
        self.at = self.tokens.skip(open);
        Vec::new()
    }

    /// Brackets are counted before, but a chain of `else if` nests without any.
    fn is_too_deep(&mut self, at: usize) -> bool {
        if self.depth == MAX_DEPTH + 1 {
            self.errors.push(diagnose::too_deep(self.tokens, at));
        }
        self.depth > MAX_DEPTH
    }

    fn condition(&mut self, end: usize) -> Statement {
        let start = self.at;
        let depth = self.depth;
        let mut arms: Vec<(usize, Option<Expr>, Vec<Statement>)> = Vec::new();
        let mut otherwise = Vec::new();
        loop {
            let from = self.at;
            let Some(open) = self.find_body(from + 1, end) else {
                otherwise = vec![self.bodiless(from, Rule::if_piece)];
                break;
            };
            self.depth += 1;
            if self.is_too_deep(from) {
                self.skip_body(open);
            } else {
                let piece = Piece { from, to: open };
                let condition =
                    self.read(Rule::if_piece, piece, |builder, pair| builder.expression(pair.into_inner().nth(1)?));
                arms.push((from, condition, self.body(open)));
            }
            if self.at >= end || self.tokens.kind(self.at) != Kind::Keyword(Keyword::Else) {
                break;
            }
            self.at += 1;
            match self.tokens.kind(self.at) {
                Kind::Keyword(Keyword::If) if self.at < end => {}
                Kind::Open(Bracket::Curly) if self.depth <= MAX_DEPTH => {
                    otherwise = self.body(self.at);
                    break;
                }
                Kind::Open(Bracket::Curly) => {
                    self.skip_body(self.at);
                    break;
                }
                _ => {
                    self.lost = true;
                    self.errors.push(diagnose::missing_body(self.tokens, self.at - 1, self.at));
                    if self.at < end {
                        self.next_piece(end);
                    }
                    break;
                }
            }
        }
        self.depth = depth;
        for (from, condition, then) in arms.into_iter().rev() {
            let span = self.tokens.span_of(from, self.at);
            otherwise = vec![if let Some(condition) = condition {
                Statement::If(If { condition, then, otherwise, span })
            } else {
                let mut declares = declared::in_body(&then);
                declares.extend(declared::in_body(&otherwise));
                Statement::Error(Broken { declares, span })
            }];
        }
        let span = self.tokens.span_of(start, self.at);
        otherwise.pop().unwrap_or(Statement::Error(Broken { declares: Vec::new(), span }))
    }
}
