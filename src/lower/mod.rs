//! Syntax tree to model: arguments get their values, constants are computed, repeats unrolled, and every expression
//! becomes a list of calls. Paths of references are left for `resolve`, types for `infer`.

mod arguments;
mod body;
mod calls;
mod constant;
mod declare;
mod errors;
mod expr;
mod layers;
mod query;
mod reference;
mod scope;
mod statement;
mod symbols;

pub use errors::LowerError;

use crate::diag::{Diagnostics, primary};
use crate::ir::{Model, Places};
use crate::ops::Value;
use crate::syntax::ast;
use body::Body;
use indexmap::IndexMap;
use scope::FileScope;

/// What the user sets from outside.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Only this model is wanted.
    pub model: Option<String>,
    /// Values of arguments; a name that a model hasn't is not its concern.
    pub set: IndexMap<String, Value>,
}

/// A model, where its parts stand in the source, and what is wrong with it.
#[derive(Clone, Debug)]
pub struct Lowered {
    pub model: Model,
    pub places: Places,
    pub diagnostics: Diagnostics,
}

/// Every model of a file, or the one that the settings name. What is wrong is reported and left out; `diagnostics` gets
/// what belongs to no model.
pub fn lower(file: &ast::File, settings: &Settings, diagnostics: &mut Diagnostics) -> Vec<Lowered> {
    let scope = FileScope::new(file, diagnostics);
    let mut models = Vec::new();
    let mut broken = false;
    for item in &file.items {
        match item {
            ast::Item::Error(_) => broken = true,
            ast::Item::Model(definition)
                if settings.model.as_ref().is_none_or(|name| *name == definition.name.text) =>
            {
                models.push(Body::lower(definition, &scope, settings));
            }
            ast::Item::Use(item) => diagnostics.push(LowerError::Unsupported {
                what: "imports",
                labels: vec![primary(item.span, "this")],
                help: None,
            }),
            ast::Item::Block(item) => diagnostics.push(LowerError::Unsupported {
                what: "blocks",
                labels: vec![primary(item.name.span, "this")],
                help: None,
            }),
            _ => {}
        }
    }
    let defines = |item: &ast::Item| matches!(item, ast::Item::Model(_) | ast::Item::Block(_));
    if !broken && !file.items.iter().any(defines) {
        diagnostics.push(LowerError::NoModel { labels: Vec::new() });
    }
    models
}

/// The models of a file and the names of their arguments.
#[must_use]
pub fn models(file: &ast::File) -> Vec<(&str, Vec<&str>)> {
    let definitions = file.items.iter().filter_map(|item| match item {
        ast::Item::Model(definition) => Some(definition),
        _ => None,
    });
    definitions
        .map(|definition| {
            let arguments = definition.arguments.iter().map(|argument| argument.name.text.as_str()).collect();
            (definition.name.text.as_str(), arguments)
        })
        .collect()
}
