//! Text to syntax tree. `decode` takes a file's bytes, [`parse`] its text; what is wrong is reported, and all the rest
//! is read. Names are not looked up here and nothing is evaluated.

pub mod ast;
mod brackets;
mod build;
mod declared;
mod diagnose;
mod errors;
mod expected;
mod expr;
mod format;
mod grammar;
mod piece;
mod print;
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
use std::thread;

/// Enough for the deepest text that is read, in a build without optimization too. It is reserved, not used up.
const STACK: usize = 64 << 20;

/// The syntax tree of a file. Text that is none stands in it as [`ast::Item::Error`] or [`ast::Statement::Error`], and
/// `diagnostics` says why.
pub fn parse(file: &SourceFile, diagnostics: &mut Diagnostics) -> ast::File {
    let (tree, errors) = deep(|| read(file));
    for error in errors {
        diagnostics.push(error);
    }
    tree
}

/// Does work that recurses with the text, as pest, the tree's builder and all that walks a tree do. A caller's stack may
/// be small.
fn deep<T: Send>(work: impl Fn() -> T + Sync) -> T {
    thread::scope(|scope| {
        let builder = thread::Builder::new().stack_size(STACK);
        let worker = builder.spawn_scoped(scope, &work).ok();
        worker.and_then(|worker| worker.join().ok())
    })
    .unwrap_or_else(work)
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
