//! Text to syntax tree. `decode` takes a file's bytes, [`parse`] its text; what is wrong is reported, and all the rest
//! is read. Names are not looked up here and nothing is evaluated.

pub mod ast;
mod attempt;
mod brackets;
mod build;
mod characters;
mod declared;
mod diagnose;
mod errors;
mod expected;
mod expr;
mod format;
mod grammar;
mod operator;
mod piece;
mod place;
mod print;
mod quick;
mod scan;
mod source;
mod split;
mod starts;
#[cfg(test)]
mod tests;
mod token;

pub use errors::SyntaxError;
pub use format::{FormatError, format};
pub use print::{tree_json, tree_text};
pub use source::{MAX_SOURCE, SourceError, decode};

use crate::diag::Diagnostics;
use crate::span::SourceFile;
use crate::stack::with_room;

/// The syntax tree of a file. Text that is none stands in it as [`ast::Item::Error`] or [`ast::Statement::Error`], and
/// `diagnostics` says why.
pub fn parse(file: &SourceFile, diagnostics: &mut Diagnostics) -> ast::File {
    // pest and the tree's builder recurse with the text, and a caller's stack may be small.
    let (tree, errors) = with_room(|| read(file));
    for error in errors {
        diagnostics.push(error);
    }
    tree
}

fn read(file: &SourceFile) -> (ast::File, Vec<SyntaxError>) {
    let mut errors = Vec::new();
    let mut tokens = scan::scan(file, &mut errors);
    let items = if brackets::pair(&mut tokens, &mut errors) {
        split::items(&tokens, &mut errors)
    } else {
        vec![ast::Item::Error(ast::Broken { declares: Vec::new(), span: file.span() })]
    };
    (ast::File { items }, errors)
}
