//! What must hold of a model and of a graph whatever the source was. A failure is a mistake in a stage, never in the
//! user's file; debug and test builds look after every stage.

use super::graph::{Graph, UseSite};
use super::model::{Callee, Model, ValueOf};
use super::places::Places;

/// What is wrong with a model, if anything is.
pub fn verify_model(model: &Model, places: &Places) -> Result<(), String> {
    let same = |what: &str, left: usize, right: usize| {
        if left == right { Ok(()) } else { Err(format!("{left} {what}, but {right} places")) }
    };
    same("inputs", model.inputs.len(), places.inputs.len())?;
    same("storages", model.storages.len(), places.storages.len())?;
    same("layers", model.layers.len(), places.layers.len())?;
    same("calls", model.calls.len(), places.calls.len())?;
    same("values", model.values.len(), places.values.len())?;
    same("outputs", model.outputs.len(), places.outputs.len())?;
    same("asserts", model.asserts.len(), places.asserts.len())?;
    same("arguments", model.arguments.len(), places.arguments.len())?;
    same("symbols", model.symbols.len(), places.symbols.len())?;
    same("scopes", model.scopes.len(), places.scopes.len())?;
    same("checks", model.checks.len(), places.checks.len())?;
    for (storage, place) in model.storages.iter().zip(&places.storages) {
        same("ties", storage.ties.len(), place.ties.len())?;
    }
    for (index, scope) in model.scopes.iter().enumerate() {
        if scope.parent.is_some_and(|parent| parent >= index) || scope.layers.end > model.layers.len() {
            return Err(format!("the scope {} isn't where it says", scope.path));
        }
    }
    for (layer, place) in model.layers.iter().zip(&places.layers) {
        same("ties", layer.ties.len(), place.ties.len())?;
        same("initializers", layer.inits.len(), place.inits.len())?;
    }
    for (index, call) in model.calls.iter().enumerate() {
        if let Callee::Operator(operator) = &call.callee
            && operator.op.def().is_layer()
        {
            return Err(format!("call {index} applies a layer that isn't declared"));
        }
        computed_before(&model.values, index, &call.operands, &call.results)?;
    }
    Ok(())
}

/// What is wrong with a graph, if anything is.
pub fn verify_graph(graph: &Graph) -> Result<(), String> {
    for (id, node) in graph.nodes.iter() {
        computed_before(&graph.values, id.index(), &node.operands, &node.results)?;
    }
    for (id, slot) in graph.slots.iter() {
        let storage = &graph.storages[slot.storage];
        if !storage.members.contains(&id) {
            return Err(format!("{} isn't a member of {}", slot.path, storage.path));
        }
    }
    for (id, storage) in graph.storages.iter() {
        if storage.members.iter().any(|slot| graph.slots[*slot].storage != id) {
            return Err(format!("{} counts a slot that reaches another storage", storage.path));
        }
        if let Some(axes) = storage.init.wants_axes(storage.ty.shape.rank()) {
            return Err(format!("the initializer of {} wants {axes}", storage.path));
        }
    }
    let mut counts = vec![0u64; graph.storages.len()];
    for site in &graph.uses {
        if let UseSite::Node(node) = site.at
            && graph.nodes.find(node).is_none()
        {
            return Err(format!("{} is used by no node", site.via));
        }
        if let Some(count) = counts.get_mut(site.storage.index()) {
            *count += site.count;
        }
    }
    for ((_, storage), count) in graph.storages.iter().zip(counts) {
        if storage.use_count != count {
            return Err(format!("{} is used {count} times, not {}", storage.path, storage.use_count));
        }
    }
    Ok(())
}

fn computed_before(
    values: &crate::arena::Arena<super::model::Value>,
    call: usize,
    operands: &[super::model::ValueId],
    results: &[super::model::ValueId],
) -> Result<(), String> {
    for &operand in operands {
        match values.find(operand).map(|value| &value.of) {
            None => return Err(format!("call {call} reads a value that isn't there")),
            Some(ValueOf::Result(producer, _)) if *producer >= call => {
                return Err(format!("call {call} reads what call {producer} computes"));
            }
            Some(_) => {}
        }
    }
    for (index, &result) in results.iter().enumerate() {
        if !matches!(values.find(result).map(|value| &value.of), Some(ValueOf::Result(c, i)) if *c == call && *i == index)
        {
            return Err(format!("a result of call {call} belongs to another"));
        }
    }
    Ok(())
}
