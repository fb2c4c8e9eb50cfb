//! Pieces to trees: one that has to be whole, and a statement that may have a line behind it which is nothing.

use super::ast::Statement;
use super::diagnose;
use super::expr::Builder;
use super::grammar::Rule;
use super::piece::{self, Piece};
use super::quick;
use super::split::Splitter;
use pest::iterators::Pair;

impl Splitter<'_, '_, '_> {
    /// A statement without a body. Every rest was reported.
    pub(super) fn statement(&mut self, piece: Piece) -> (Option<Statement>, Option<Piece>) {
        let span = self.span(piece);
        match quick::statement(self.tokens, piece, span) {
            None => self.attempt(Rule::statement_piece, piece, |builder, pair| builder.plain(pair, span)),
            Some(statement) if piece::check(self.tokens, piece, self.errors) => {
                // A character that can't be seen was reported, and is no token; the grammar stops there.
                debug_assert!(
                    !self.errors.is_empty() || self.by_grammar(piece).as_ref() == Some(&statement),
                    "both readers agree on {statement:?}"
                );
                (Some(statement), None)
            }
            Some(_) => (None, Some(piece)),
        }
    }

    /// What the grammar makes of a statement.
    fn by_grammar(&mut self, piece: Piece) -> Option<Statement> {
        let pair = piece::parse(self.tokens, piece, Rule::statement_piece).ok()?;
        let span = self.span(piece);
        self.build(piece, pair, |builder, pair| builder.plain(pair, span))
    }

    /// Parses a piece that has to be whole. Every `None` was reported.
    pub(super) fn read<T>(
        &mut self,
        rule: Rule,
        piece: Piece,
        build: impl Fn(&Builder, Pair<Rule>) -> Option<T>,
    ) -> Option<T> {
        let before = self.errors.len();
        if !piece::check(self.tokens, piece, self.errors) {
            return None;
        }
        match piece::parse(self.tokens, piece, rule) {
            Ok(pair) => self.build(piece, pair, build),
            Err(failure) => {
                if self.errors.len() == before {
                    self.errors.push(diagnose::explain(self.tokens, piece, rule, &failure));
                }
                None
            }
        }
    }

    /// Parses a piece that may have a line behind it which is nothing at all: then the piece before it counts, and
    /// the rest is handed back. Every rest was reported.
    pub(super) fn attempt<T>(
        &mut self,
        rule: Rule,
        piece: Piece,
        build: impl Fn(&Builder, Pair<Rule>) -> Option<T>,
    ) -> (Option<T>, Option<Piece>) {
        let before = self.errors.len();
        if !piece::check(self.tokens, piece, self.errors) {
            return (None, Some(piece));
        }
        let failure = match piece::parse(self.tokens, piece, rule) {
            Ok(pair) => {
                let value = self.build(piece, pair, build);
                let rest = value.is_none().then_some(piece);
                return (value, rest);
            }
            Err(failure) => failure,
        };
        if self.errors.len() > before {
            return (None, Some(piece));
        }
        if diagnose::is_foreign_line(self.tokens, piece, &failure) {
            let whole = Piece { from: piece.from, to: failure.at };
            let rest = Piece { from: failure.at, to: piece.to };
            if let Ok(pair) = piece::parse(self.tokens, whole, rule) {
                self.no_statement(rest);
                return (self.build(whole, pair, build), Some(rest));
            }
        }
        self.errors.push(diagnose::explain(self.tokens, piece, rule, &failure));
        (None, Some(piece))
    }

    fn build<T>(
        &mut self,
        piece: Piece,
        pair: Pair<Rule>,
        build: impl Fn(&Builder, Pair<Rule>) -> Option<T>,
    ) -> Option<T> {
        let builder = Builder::new(self.tokens.span(piece.from).start);
        let value = build(&builder, pair);
        let mistakes = builder.errors.into_inner();
        if mistakes.is_empty() {
            if value.is_none() {
                self.errors.push(diagnose::no_statement(self.tokens, piece.from));
            }
            return value;
        }
        self.errors.extend(mistakes);
        None
    }
}
