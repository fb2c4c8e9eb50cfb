//! Names: those of a file, and those of the body of one model.

use super::errors::LowerError;
use crate::diag::{Diagnostics, label, primary};
use crate::ir::{Reference, ValueId};
use crate::ops::Value;
use crate::shape::Symbol;
use crate::span::Span;
use crate::syntax::ast;
use std::collections::HashMap;

/// The names that every body of a file sees.
pub(super) struct FileScope {
    /// `None` for one that was reported.
    pub(super) consts: HashMap<String, (Option<Value>, Span)>,
}

/// What an expression stands for.
#[derive(Clone, Debug)]
pub(super) enum Item {
    /// Known before anything runs.
    Const(Value),
    Value(ValueId),
    /// The results of a call that has several, or none.
    Results(Vec<ValueId>),
    /// A param, buffer or slot.
    Storage(Reference),
    List(Vec<Self>),
    /// It was reported; nothing more is said of it.
    Unknown,
}

/// What a name of a body was declared as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Declared {
    Argument,
    Param,
    Buffer,
    Layer,
}

impl Declared {
    pub(super) const fn describe(self) -> &'static str {
        match self {
            Self::Argument => "the argument",
            Self::Param => "the param",
            Self::Buffer => "the buffer",
            Self::Layer => "the layer",
        }
    }
}

/// The names of one body.
#[derive(Default)]
pub(super) struct Scope {
    /// Arguments, params, buffers and layers: declared anywhere, each once.
    pub(super) declared: HashMap<String, (Declared, Span)>,
    /// `None` for an argument that was reported.
    pub(super) arguments: HashMap<String, Option<Value>>,
    pub(super) symbols: HashMap<String, Symbol>,
    /// Inputs and values, bound so far.
    pub(super) values: HashMap<String, Item>,
    /// Names that a value gets somewhere in the body.
    pub(super) later: HashMap<String, Span>,
    /// Names declared by text that isn't valid.
    pub(super) broken: HashMap<String, Span>,
}

impl FileScope {
    pub(super) fn new(file: &ast::File, diagnostics: &mut Diagnostics) -> Self {
        let mut scope = Self { consts: HashMap::new() };
        let mut definitions: HashMap<&str, Span> = HashMap::new();
        for item in &file.items {
            match item {
                ast::Item::Const(item) => {
                    let name = &item.name;
                    if let Some((_, first)) = scope.consts.get(&name.text) {
                        diagnostics.push(duplicate(name, *first));
                        continue;
                    }
                    let value = super::constant::file_constant(&scope, &item.value, diagnostics);
                    scope.consts.insert(name.text.clone(), (value, name.span));
                }
                ast::Item::Model(item) | ast::Item::Block(item) => {
                    if let Some(first) = definitions.insert(&item.name.text, item.name.span) {
                        diagnostics.push(duplicate(&item.name, first));
                    }
                }
                ast::Item::Error(broken) => {
                    for name in &broken.declares {
                        scope.consts.entry(name.text.clone()).or_insert((None, name.span));
                    }
                }
                ast::Item::Use(_) | ast::Item::Train(_) => {}
            }
        }
        scope
    }
}

pub(super) fn duplicate(name: &ast::Name, first: Span) -> LowerError {
    LowerError::DuplicateName {
        name: name.text.clone(),
        labels: vec![primary(name.span, "declared again here"), label(first, "first declared here")],
        help: Some("give one of them another name".to_owned()),
    }
}
