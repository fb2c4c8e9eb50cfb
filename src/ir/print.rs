//! Stable text of models and graphs, for people and snapshots. Values are numbered, `%3`, with the name that they were
//! bound to last.

use super::graph::{Graph, UseKind};
use super::model::{Callee, Input, Model, Operator, Reference, StorageDecl, Value, ValueId, ValueOf};
use crate::arena::Arena;
use crate::ops;
use std::fmt::Write;

/// A model, a line for each declaration and call.
#[must_use]
pub fn model_text(model: &Model) -> String {
    let mut out = head(&model.name, &model.arguments, &model.inputs);
    for storage in &model.storages {
        let _ = writeln!(out, "  {}", declaration(storage));
    }
    for layer in &model.layers {
        let frozen = if layer.frozen { "frozen " } else { "" };
        let _ = write!(out, "  {frozen}layer {} = {}", layer.path, operator(&layer.operator));
        for (slot, init) in &layer.inits {
            let _ = write!(out, " {slot}={init}");
        }
        for tie in &layer.ties {
            let _ = write!(out, " {}=@{}", tie.slot, reference(&tie.target));
        }
        out.push('\n');
    }
    let mut printed = vec![false; model.values.len()];
    for call in &model.calls {
        leaves(&mut out, &model.values, &call.operands, &mut printed);
        let callee = match &call.callee {
            Callee::Layer(path, None) => path.to_string(),
            Callee::Layer(path, Some(at_call)) => format!("{path}: {}", operator(at_call)),
            Callee::Operator(op) => operator(op),
        };
        line(&mut out, &model.values, &call.results, &callee, &call.operands);
    }
    tail(&mut out, &model.values, &model.outputs, model.loss, &mut printed);
    for assert in &model.asserts {
        let _ = writeln!(out, "  assert {}", assert.condition);
    }
    out
}

/// A graph, a line for each storage, slot, node and use.
#[must_use]
pub fn graph_text(graph: &Graph) -> String {
    let mut out = head(&graph.name, &graph.arguments, &graph.inputs);
    for (id, storage) in graph.storages.iter() {
        let frozen = if storage.trainable || storage.kind == super::StorageKind::Buffer { "" } else { "frozen " };
        let _ = writeln!(
            out,
            "  storage {id:?} {frozen}{} {}: {} = {}",
            storage.kind.name(),
            storage.path,
            storage.ty,
            storage.init
        );
    }
    for (_, layer) in graph.layers.iter() {
        let calls = if layer.calls == 1 { "call" } else { "calls" };
        let _ = writeln!(out, "  layer {} = {}, {} {calls}", layer.path, operator(&layer.operator), layer.calls);
        for slot in &layer.slots {
            let slot = &graph.slots[*slot];
            let _ = writeln!(out, "    slot {}: {} -> {:?}{}", slot.path, slot.shape, slot.storage, slot.view);
        }
    }
    let mut printed = vec![false; graph.values.len()];
    for (_, node) in graph.nodes.iter() {
        leaves(&mut out, &graph.values, &node.operands, &mut printed);
        let callee = match node.layer {
            Some(layer) => graph.layers[layer].path.to_string(),
            None => operator(&node.operator),
        };
        line(&mut out, &graph.values, &node.results, &callee, &node.operands);
    }
    tail(&mut out, &graph.values, &graph.outputs, graph.loss, &mut printed);
    for site in &graph.uses {
        let kind = if site.kind == UseKind::Call { "call" } else { "value" };
        let _ = writeln!(out, "  use {:?} by {kind} {} via {} x{}", site.storage, site.path, site.via, site.count);
    }
    out
}

fn head(name: &str, arguments: &[(String, ops::Value)], inputs: &[Input]) -> String {
    let mut out = format!("model {name}\n");
    for (name, value) in arguments {
        let _ = writeln!(out, "  argument {name} = {value}");
    }
    for input in inputs {
        let _ = writeln!(out, "  input %{} {}: {}", input.value.index(), input.name, input.ty);
    }
    out
}

fn declaration(storage: &StorageDecl) -> String {
    let frozen = if storage.frozen { "frozen " } else { "" };
    let kind = if storage.kind == ops::SlotKind::Param { "param" } else { "buffer" };
    let init = storage.init.as_ref().map_or_else(String::new, |init| format!(" = {init}"));
    format!("{frozen}{kind} {}: {}{init}", storage.path, storage.ty)
}

/// The operator with its attributes, as it is written in a layer or call.
pub(super) fn operator(operator: &Operator) -> String {
    let name = operator.op.def().name;
    let attributes: Vec<String> = operator.attributes.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let parentheses = operator.op.def().is_layer() || !attributes.is_empty();
    if parentheses { format!("{name}({})", attributes.join(", ")) } else { name.to_owned() }
}

fn reference(reference: &Reference) -> String {
    format!("{}{}", reference.path, reference.view)
}

/// Values that no call computes are shown where they are first needed.
fn leaves(out: &mut String, values: &Arena<Value>, ids: &[ValueId], printed: &mut [bool]) {
    for &id in ids {
        let Some(done) = printed.get_mut(id.index()) else { continue };
        if std::mem::replace(done, true) {
            continue;
        }
        match &values[id].of {
            ValueOf::Storage(target) => _ = writeln!(out, "  %{} = @{}", id.index(), reference(target)),
            ValueOf::Scalar(value) => _ = writeln!(out, "  %{} = {value}", id.index()),
            ValueOf::Input(_) | ValueOf::Result(..) => {}
        }
    }
}

fn line(out: &mut String, values: &Arena<Value>, results: &[ValueId], callee: &str, operands: &[ValueId]) {
    let list = |ids: &[ValueId]| ids.iter().map(|id| format!("%{}", id.index())).collect::<Vec<_>>().join(", ");
    let _ = write!(out, "  {} = {callee} {}", list(results), list(operands));
    let names: Vec<&str> = results.iter().filter_map(|id| values[*id].name.as_deref()).collect();
    if !names.is_empty() {
        let _ = write!(out, "  # {}", names.join(", "));
    }
    out.push('\n');
}

fn tail(
    out: &mut String,
    values: &Arena<Value>,
    outputs: &[(String, ValueId)],
    loss: Option<ValueId>,
    printed: &mut [bool],
) {
    for (name, value) in outputs {
        leaves(out, values, &[*value], printed);
        let _ = writeln!(out, "  output {name} = %{}", value.index());
    }
    if let Some(value) = loss {
        leaves(out, values, &[value], printed);
        let _ = writeln!(out, "  loss %{}", value.index());
    }
}
