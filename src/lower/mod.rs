//! Syntax tree to model: arguments get their values, constants are computed, blocks put in where they are called, arrays,
//! loops and repeats unrolled, and every expression becomes a list of calls. Paths of references are complete, but not
//! looked up; types are left for `infer`.

mod aliases;
mod arguments;
mod arithmetic;
mod body;
mod calls;
mod constant;
mod count;
mod declare;
mod errors;
mod expr;
mod files;
mod foreign;
mod instance;
mod layers;
mod lookup;
mod nested;
mod outer;
mod parameters;
mod pipeline;
mod query;
mod reference;
mod remedy;
mod scope;
mod statement;
mod subscripts;
mod symbols;
mod ties;
mod training;
mod units;
mod views;

pub use errors::LowerError;
pub use training::{Field, FieldValue, Training, training};

use crate::diag::Diagnostics;
use crate::ir::{Model, Path, Places};
use crate::ops::Value;
use crate::program::Program;
use crate::span::Span;
use crate::stack::with_room;
use crate::syntax::ast;
use body::Lowering;
use files::{Defined, Files};
use foldhash::{HashSet, HashSetExt};
use indexmap::IndexMap;
use scope::{Fixed, Scope};
use std::rc::Rc;

/// What the user sets from outside.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Only this model is wanted.
    pub model: Option<String>,
    /// Values of arguments; a name that a model hasn't is not its concern.
    pub set: IndexMap<String, Value>,
    /// The largest number of layers and calls; a million if it isn't said.
    pub max_nodes: Option<u64>,
}

/// A model, where its parts stand in the source, and what is wrong with it.
#[derive(Clone, Debug)]
pub struct Lowered {
    pub model: Model,
    pub places: Places,
    pub diagnostics: Diagnostics,
    /// It is a block that no model uses, looked at for its mistakes.
    pub alone: bool,
}

/// Every model of the first file, or the one that the settings name; then the blocks that none of them uses. What is
/// wrong is reported and left out; `diagnostics` gets what belongs to no model.
pub fn lower(program: &Program, settings: &Settings, diagnostics: &mut Diagnostics) -> Vec<Lowered> {
    // Blocks call blocks, and a caller's stack may be small.
    let (models, found) = with_room(|| {
        let mut found = Diagnostics::new();
        let models = lower_here(program, settings, &mut found);
        (models, found)
    });
    diagnostics.extend(found);
    models
}

fn lower_here(program: &Program, settings: &Settings, diagnostics: &mut Diagnostics) -> Vec<Lowered> {
    let files = Files::new(program, diagnostics);
    let Some(tree) = program.files.first().map(|file| &file.tree) else { return Vec::new() };
    let wanted = |name: &ast::Name| settings.model.as_ref().is_none_or(|wanted| *wanted == name.text);
    let mut models = Vec::new();
    let mut used = HashSet::new();
    for item in &tree.items {
        if let ast::Item::Model(definition) = item
            && wanted(&definition.name)
        {
            models.push(read(definition, true, &[], &files, settings, &mut used));
        }
    }
    for item in &tree.items {
        if let ast::Item::Block(definition) = item
            && !used.contains(&definition.name.span)
        {
            models.push(read(definition, false, &[], &files, settings, &mut used));
        }
    }
    for item in &tree.items {
        if let ast::Item::Model(definition) | ast::Item::Block(definition) = item
            && (matches!(item, ast::Item::Block(_)) || wanted(&definition.name))
        {
            nested::unused(definition, &mut Vec::new(), &mut used, &mut |block, around, used| {
                models.push(read(block, false, around, &files, settings, used));
            });
        }
    }
    let empty = |item: &ast::Item| !matches!(item, ast::Item::Model(_) | ast::Item::Block(_) | ast::Item::Error(_));
    if tree.items.iter().all(empty) {
        diagnostics.push(LowerError::NoModel { labels: Vec::new() });
    }
    models
}

/// A model, or a block by itself, with the definitions in whose bodies it stands.
fn read<'a>(
    definition: &'a ast::Definition,
    is_model: bool,
    around: &[&'a ast::Definition],
    files: &Files<'a>,
    settings: &Settings,
    used: &mut HashSet<Span>,
) -> Lowered {
    let mut lowering = Lowering::new(files, settings, !is_model);
    let name = &definition.name;
    lowering.model.name.clone_from(&name.text);
    lowering.places.model = name.span;
    lowering.scope = Scope::new(Rc::new(Fixed::new(Path::new(""), &name.text, is_model, 0, None)), 0);
    lowering.surround(around);
    let defined = Defined { definition, file: 0, is_model, nest: None };
    lowering.arguments(
        defined,
        |name| settings.set.get(name).filter(|_| is_model).map(|value| Some(value.clone())),
        name.span,
    );
    lowering.expect(definition.body.len());
    lowering.nest(definition);
    lowering.count_ahead(&definition.body);
    lowering.declare_body(&definition.body);
    lowering.model_body(definition);
    lowering.check_results(definition);
    lowering.model.partial |= lowering.diagnostics.has_errors();
    used.extend(lowering.used);
    let Lowering { model, places, diagnostics, .. } = lowering;
    Lowered { model, places, diagnostics, alone: !is_model }
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
