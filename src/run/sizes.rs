//! The sizes of a run: what the user set, and what the shapes of the data tell.

use super::inputs::surplus;
use super::{Request, RunError};
use crate::CheckedModel;
use crate::diag::{Diagnostics, primary};
use crate::infer::Typed;
use crate::ops::Value;
use crate::plan::{Bindings, Options};
use crate::shape::{Dim, SymbolKind};
use std::collections::{BTreeMap, BTreeSet};

/// Sizes for the symbols, and which inputs are absent.
pub(super) fn bind(
    model: &CheckedModel,
    typed: &Typed<'_>,
    request: &Request,
    diagnostics: &mut Diagnostics,
) -> Option<(Bindings, Options)> {
    let graph = typed.graph();
    for ((name, value), place) in graph.arguments.iter().zip(&model.places.arguments) {
        if matches!(value, Value::Int(dim) if dim.as_const().is_none()) {
            diagnostics.push(RunError::ArgumentUnset {
                name: name.clone(),
                labels: vec![primary(*place, "to run, every argument needs a value")],
                help: format!("set it: `--set {name}=…`"),
            });
        }
    }
    let mut bindings = Bindings::new();
    for symbol in &graph.symbols {
        if let Some(size) = request.sizes.get(&*symbol.name).filter(|_| symbol.kind != SymbolKind::Local) {
            bindings.set(symbol, *size);
        }
    }
    let mut options = Options::default();
    let mut shapes = BTreeMap::new();
    if let Some(data) = &request.data {
        let names = graph.inputs.iter().map(|input| input.name.as_str());
        surplus(data, "data", "input", names, diagnostics);
        for (index, input) in graph.inputs.iter().enumerate() {
            match data.arrays.get(&input.name) {
                Some(array) => {
                    shapes.insert(index, array.shape.clone());
                }
                None => {
                    options.absent.insert(index);
                }
            }
        }
        if let Err(error) = bindings.learn(typed, &model.places, &shapes) {
            diagnostics.push(error);
        }
    }
    unknown(model, typed, &bindings, &options.absent, diagnostics);
    (!diagnostics.has_errors()).then_some((bindings, options))
}

/// Reports every size that is needed and not known.
fn unknown(
    model: &CheckedModel,
    typed: &Typed<'_>,
    bindings: &Bindings,
    absent: &BTreeSet<usize>,
    diagnostics: &mut Diagnostics,
) {
    let mut told = BTreeSet::new();
    for (index, input) in typed.graph().inputs.iter().enumerate() {
        if absent.contains(&index) {
            continue;
        }
        for symbol in input.ty.shape.iter().flat_map(Dim::symbols) {
            let dim = typed.types().dim(&Dim::symbol(symbol.clone()));
            if symbol.kind != SymbolKind::Argument && bindings.size(&dim).is_none() && told.insert(symbol.id) {
                diagnostics.push(crate::plan::unknown_size(&symbol, &model.places));
            }
        }
    }
}
