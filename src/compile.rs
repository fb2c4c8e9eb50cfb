//! The stages one after another, from a text to models of which everything is known. Nothing is read or printed here.

use crate::diag::{Diagnostic, Diagnostics};
use crate::infer::{Typed, Types, infer};
use crate::ir::{Graph, Model, Places, verify_graph, verify_model};
use crate::lower::{self, Settings, lower};
use crate::resolve::resolve;
use crate::span::SourceFile;
use crate::syntax::{self, ast};

/// A file after all stages.
#[derive(Debug)]
pub struct Checked {
    pub tree: ast::File,
    /// Those whose declarations could be read, in source order.
    pub models: Vec<CheckedModel>,
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

/// Reads a file and looks at it as closely as can be without running it. All mistakes are reported at once.
#[must_use]
pub fn check(file: &SourceFile, settings: &Settings) -> Checked {
    let mut diagnostics = Diagnostics::new();
    let tree = syntax::parse(file, &mut diagnostics);
    let lowered = lower(&tree, settings, &mut diagnostics);
    let readable = !diagnostics.has_errors();
    let mut models = Vec::new();
    for lower::Lowered { model, places, diagnostics: mut found } in lowered {
        verify("lower", || verify_model(&model, &places));
        let graph = resolve(&model, &places, &mut found);
        verify("resolve", || verify_graph(&graph));
        let connected = readable && !found.has_errors();
        let types = infer(&graph, &places, &mut found);
        if connected {
            let sound = !found.has_errors();
            models.push(CheckedModel { model, places, graph, types, sound });
        }
        diagnostics.extend(found);
    }
    Checked { tree, models, diagnostics: diagnostics.sorted() }
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
