//! The blocks of the standard library as their files describe them: the comment above each, its shape line, its
//! arguments and inputs as they are written.

use wnet::diag::Diagnostics;
use wnet::program::standard_files;
use wnet::span::{SourceFile, SourceMap};
use wnet::syntax::ast::{Definition, Item, Statement};
use wnet::syntax::parse;

pub struct File {
    pub name: &'static str,
    /// The comment at its beginning.
    pub comment: Vec<String>,
    pub blocks: Vec<Block>,
}

pub struct Block {
    pub name: String,
    /// `Name(arguments)` as it stands in the file.
    pub signature: String,
    /// The names of the arguments, and each as it is declared.
    pub arguments: Vec<(String, String)>,
    /// The types of its inputs, without those that an `if` asks for.
    pub inputs: Vec<String>,
    /// The lines of the comment above it, without the last.
    pub comment: Vec<String>,
    /// The last line of the comment: `[batch, d] -> [batch, d]`.
    pub shape: String,
}

impl Block {
    /// The types that the shape line has before its arrow, and those behind it.
    pub fn types(&self) -> (Vec<String>, Vec<String>) {
        let (inputs, outputs) =
            self.shape.split_once(" -> ").unwrap_or_else(|| panic!("{}: {}", self.name, self.shape));
        let split =
            |text: &str| text.split_inclusive("], ").map(|part| part.trim_end_matches(", ").to_owned()).collect();
        (split(inputs), split(outputs))
    }
}

pub fn all() -> Vec<File> {
    standard_files().into_iter().map(|(name, text)| file(name, text)).collect()
}

fn file(name: &'static str, text: &'static str) -> File {
    let mut map = SourceMap::new();
    map.add(name, text).unwrap();
    let source = &map.files()[0];
    let tree = parse(source, &mut Diagnostics::new());
    let blocks = tree.items.iter().filter_map(|item| match item {
        Item::Block(definition) => Some(block(source, definition)),
        _ => None,
    });
    let comment = text.lines().map_while(|line| line.strip_prefix('#')).map(|line| line.trim().to_owned()).collect();
    File { name, comment, blocks: blocks.collect() }
}

fn block(source: &SourceFile, definition: &Definition) -> Block {
    let above = &source.text()[..definition.span.start as usize];
    let lines = above.trim_end_matches(' ').lines().rev();
    let mut comment: Vec<String> =
        lines.map_while(|line| line.strip_prefix("# ")).map(|line| line.trim().to_owned()).collect();
    comment.reverse();
    let shape = comment.pop().unwrap_or_default();
    let text = source.slice(definition.span);
    let (signature, _) = text.split_once(" {").unwrap();
    let arguments = definition.arguments.iter();
    let inputs = definition.body.iter().filter_map(|statement| match statement {
        Statement::Input(input) => Some(source.slice(input.ty.span).to_owned()),
        _ => None,
    });
    Block {
        name: definition.name.text.clone(),
        signature: signature.trim_start_matches("block ").to_owned(),
        arguments: arguments
            .map(|argument| (argument.name.text.clone(), source.slice(argument.span).to_owned()))
            .collect(),
        inputs: inputs.collect(),
        comment,
        shape,
    }
}
