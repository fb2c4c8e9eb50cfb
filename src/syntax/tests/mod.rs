//! Tests of the reader as a whole.

mod mistakes;
mod robust;
mod valid;

use super::ast::File;
use super::parse;
use crate::diag::{Diagnostic, Diagnostics};
use crate::span::SourceMap;

/// The tree of a text and what was found in it.
fn read(text: &str) -> (File, Vec<Diagnostic>, SourceMap) {
    let mut map = SourceMap::new();
    // A file in front, so that offsets of the map and of the file differ.
    map.add("before", "xyz").unwrap();
    let span = map.add("test", text).unwrap();
    let mut diagnostics = Diagnostics::new();
    let tree = parse(map.file_at(span.start).unwrap(), &mut diagnostics);
    (tree, diagnostics.sorted(), map)
}

fn body(statements: &str) -> String {
    format!("model M {{\n{statements}\n}}\n")
}

/// The tree of a text without mistakes, which the grammar's own rule for files accepts too.
fn good(text: &str) -> (File, SourceMap) {
    use pest::Parser;
    let (tree, found, map) = read(text);
    let found: Vec<_> = found.iter().map(|one| format!("{} at `{}`", one.message, map.slice(one.span()))).collect();
    assert!(found.is_empty(), "{found:#?} in\n{text}");
    if let Err(error) = super::grammar::Grammar::parse(super::grammar::Rule::file, text) {
        panic!("the grammar refuses what the reader took:\n{error}");
    }
    (tree, map)
}
