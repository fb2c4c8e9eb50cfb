//! The names that broken text would have declared, as far as can be told, so that later stages don't report them as
//! unknown.

use super::ast::{Name, Statement};
use super::characters::plain;
use super::piece::Piece;
use super::token::{Keyword, Kind, Tokens};

fn name(tokens: &Tokens, index: usize) -> Option<Name> {
    // Letters that were taken for others were meant as those.
    let name = Name { text: plain(tokens.word(index)), span: tokens.span(index) };
    (tokens.kind(index) == Kind::Name).then_some(name)
}

pub(super) fn by_item(tokens: &Tokens, piece: Piece) -> Vec<Name> {
    match tokens.word(piece.from) {
        "const" | "block" | "model" => name(tokens, piece.from + 1).into_iter().collect(),
        "use" => {
            let imported = |&index: &usize| tokens.kind(index + 1) != Kind::Keyword(Keyword::As);
            (piece.from + 1..piece.to).filter(imported).filter_map(|index| name(tokens, index)).collect()
        }
        _ => Vec::new(),
    }
}

pub(super) fn by_statement(tokens: &Tokens, piece: Piece) -> Vec<Name> {
    let mut at = piece.from;
    while tokens.kind(at) == Kind::Keyword(Keyword::Frozen) {
        at += 1;
    }
    match tokens.kind(at) {
        Kind::Keyword(Keyword::Layer | Keyword::Param | Keyword::Buffer | Keyword::Input) => {
            name(tokens, at + 1).into_iter().collect()
        }
        // A word that is no keyword stands where one should.
        Kind::Name if tokens.kind(at + 1) == Kind::Name && at + 1 < piece.to => {
            name(tokens, at + 1).into_iter().collect()
        }
        Kind::Name => targets(tokens, Piece { from: at, to: piece.to }),
        _ => Vec::new(),
    }
}

/// The names in front of a `=`, or of what was written in its place.
fn targets(tokens: &Tokens, piece: Piece) -> Vec<Name> {
    let mut names = Vec::new();
    for at in piece.from..piece.to {
        match tokens.kind(at) {
            Kind::Name => names.extend(name(tokens, at)),
            Kind::Comma => {}
            Kind::Assign | Kind::Augmented | Kind::Bad => return names,
            _ => break,
        }
    }
    Vec::new()
}

/// All names bound in a body whose head is broken.
pub(super) fn in_body(body: &[Statement]) -> Vec<Name> {
    let mut names = Vec::new();
    for statement in body {
        match statement {
            Statement::Input(input) => names.push(input.name.clone()),
            Statement::Storage(storage) => names.push(storage.name.clone()),
            Statement::Layer(layer) => names.push(layer.name.clone()),
            Statement::Let(binding) => names.extend(binding.targets.iter().cloned()),
            Statement::Block(block) => names.push(block.name.clone()),
            Statement::For(inner) => names.extend(in_body(&inner.body)),
            Statement::If(inner) => {
                names.extend(in_body(&inner.then));
                names.extend(in_body(&inner.otherwise));
            }
            Statement::Error(broken) => names.extend(broken.declares.iter().cloned()),
            Statement::Output(_) | Statement::Loss(_) | Statement::Assert(_) => {}
        }
    }
    names
}
