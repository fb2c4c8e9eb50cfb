//! The stages one after another, from a text to models of which everything is known. Nothing is read or printed here.

use crate::diag::{Diagnostic, Diagnostics};
use crate::infer::{Typed, Types, infer};
use crate::ir::{Graph, Model, Places, verify_graph, verify_model};
use crate::lower::{self, Settings, lower};
use crate::ops::Value;
use crate::plan::Bindings;
use crate::program::{Library, NoFiles, collect};
use crate::recipe::{self, Recipe};
use crate::resolve::resolve;
use crate::shape::SymbolKind;
use crate::span::{SourceFile, SourceMap};
use crate::syntax::ast;
use std::collections::HashSet;

/// A file after all stages.
#[derive(Debug, Default)]
pub struct Checked {
    pub tree: ast::File,
    /// Those whose declarations could be read, in source order.
    pub models: Vec<CheckedModel>,
    /// What the `train` blocks say.
    pub recipes: Vec<Recipe>,
    /// In source order.
    pub diagnostics: Vec<Diagnostic>,
}

/// A model with everything that was learnt of it.
#[derive(Debug)]
pub struct CheckedModel {
    pub model: Model,
    pub places: Places,
    pub graph: Graph,
    pub types: Types,
    /// No stage reported an error.
    pub sound: bool,
}

impl CheckedModel {
    /// What can be run; `None` if anything is wrong.
    #[must_use]
    pub fn typed(&self) -> Option<Typed<'_>> {
        if self.sound { Typed::new(&self.graph, &self.types) } else { None }
    }
}

/// Reads a file and looks at it as closely as can be without running it. All mistakes are reported at once. The file can
/// import nothing but what is built in.
#[must_use]
pub fn check(file: &SourceFile, settings: &Settings) -> Checked {
    let mut map = SourceMap::new();
    // Places in the imports follow those of the file, wherever it lies.
    let read = map.add_at(file);
    if read { compile(&mut map, &mut NoFiles, settings) } else { Checked::default() }
}

/// The same of the first file of a map, with all that it imports, which the map then holds too.
#[must_use]
pub fn compile(map: &mut SourceMap, library: &mut dyn Library, settings: &Settings) -> Checked {
    let mut diagnostics = Diagnostics::new();
    let mut program = collect(map, library, &mut diagnostics);
    let lowered = lower(&program, settings, &mut diagnostics);
    let readable = !diagnostics.has_errors();
    let mut models = Vec::new();
    let mut seen = HashSet::new();
    for lower::Lowered { model, places, diagnostics: found, alone } in lowered {
        verify("lower", || verify_model(&model, &places));
        let mut later = Diagnostics::new();
        let graph = resolve(&model, &places, &mut later);
        verify("resolve", || verify_graph(&graph));
        let connected = readable && !found.has_errors() && !later.has_errors();
        let mut types = infer(&graph, &places, &mut later);
        sizes(&graph, settings).settle(&mut types.required).into_iter().for_each(|error| later.push(error));
        let later = later.once();
        if connected && !alone {
            let sound = !later.has_errors();
            models.push(CheckedModel { model, places, graph, types, sound });
        }
        diagnostics.extend_new(found, &mut seen);
        diagnostics.extend_new(later, &mut seen);
    }
    let training = lower::training(&program, &mut diagnostics);
    let tree = if program.files.is_empty() { ast::File::default() } else { program.files.swap_remove(0).tree };
    let names: Vec<&str> = lower::models(&tree).into_iter().map(|(name, _)| name).collect();
    let recipes = recipe::read(&training, &names, &mut diagnostics);
    Checked { tree, models, recipes, diagnostics: diagnostics.sorted() }
}

/// What is set of the sizes of a model's inputs.
fn sizes(graph: &Graph, settings: &Settings) -> Bindings {
    let mut bindings = Bindings::new();
    for symbol in graph.symbols.iter().filter(|symbol| symbol.kind == SymbolKind::Input) {
        if let Some(size) = settings.set.get(&*symbol.name).and_then(Value::as_int) {
            bindings.set(symbol, size);
        }
    }
    bindings
}

/// A failure is a mistake of the stage.
#[allow(clippy::panic, reason = "debug and test builds stop where an invariant breaks")]
fn verify(stage: &str, look: impl FnOnce() -> Result<(), String>) {
    if cfg!(debug_assertions)
        && let Err(message) = look()
    {
        panic!("after {stage}: {message}");
    }
}
