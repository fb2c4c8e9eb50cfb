//! Models and graphs as JSON, the same facts as in their text.

use super::graph::{Graph, UseKind};
use super::model::{Callee, Input, Model, Operator, Reference, Value, ValueId, ValueOf};
use crate::arena::Arena;
use crate::ops;
use crate::shape::{Dim, Shape};
use serde_json::{Map, Value as Json, json};

/// A dimension: a number, or a string if it hangs on symbols.
#[must_use]
pub fn dim_json(dim: &Dim) -> Json {
    dim.as_const().map_or_else(|| Json::from(dim.to_string()), Json::from)
}

/// A shape as a list of dimensions.
#[must_use]
pub fn shape_json(shape: &Shape) -> Json {
    shape.iter().map(dim_json).collect()
}

/// A value known before anything runs.
#[must_use]
pub fn value_json(value: &ops::Value) -> Json {
    match value {
        ops::Value::None => Json::Null,
        ops::Value::Bool(value) => Json::from(*value),
        ops::Value::Int(dim) => dim_json(dim),
        ops::Value::Float(value) => Json::from(*value),
        ops::Value::Str(text) => Json::from(&**text),
        ops::Value::List(items) => items.iter().map(value_json).collect(),
        ops::Value::Init(init) => Json::from(init.to_string()),
    }
}

/// The arguments of a model by name.
#[must_use]
pub fn arguments_json(arguments: &[(String, ops::Value)]) -> Json {
    arguments.iter().map(|(name, value)| (name.clone(), value_json(value))).collect::<Map<_, _>>().into()
}

#[must_use]
pub fn model_json(model: &Model) -> Json {
    json!({
        "schema": "wnet.model/1",
        "name": model.name,
        "args": arguments_json(&model.arguments),
        "inputs": inputs_json(&model.inputs),
        "storages": model.storages.iter().map(|storage| json!({
            "path": storage.path.as_str(),
            "kind": if storage.kind == ops::SlotKind::Param { "param" } else { "buffer" },
            "type": storage.ty.to_string(),
            "frozen": storage.frozen,
            "init": storage.init.as_ref().map(ToString::to_string),
        })).collect::<Vec<_>>(),
        "layers": model.layers.iter().map(|layer| json!({
            "path": layer.path.as_str(),
            "kind": layer.operator.op.def().name,
            "attributes": attributes_json(&layer.operator),
            "frozen": layer.frozen,
            "inits": layer.inits.iter().map(|(slot, init)| (slot.clone(), Json::from(init.to_string()))).collect::<Map<_, _>>(),
            "ties": layer.ties.iter().map(|tie| (tie.slot.clone(), Json::from(reference(&tie.target)))).collect::<Map<_, _>>(),
        })).collect::<Vec<_>>(),
        "values": values_json(&model.values),
        "calls": model.calls.iter().map(|call| {
            let (layer, operator) = match &call.callee {
                Callee::Layer(path, operator) => (Some(path.as_str()), operator.as_ref()),
                Callee::Operator(operator) => (None, Some(operator)),
            };
            json!({
                "layer": layer,
                "op": operator.map(|operator| operator.op.def().name),
                "attributes": operator.map(attributes_json),
                "operands": ids(&call.operands),
                "results": ids(&call.results),
            })
        }).collect::<Vec<_>>(),
        "outputs": outputs_json(&model.outputs),
        "loss": model.loss.map(ValueId::index),
        "asserts": model.asserts.iter().map(|assert| assert.condition.to_string()).collect::<Vec<_>>(),
    })
}

#[must_use]
pub fn graph_json(graph: &Graph) -> Json {
    json!({
        "schema": "wnet.graph/1",
        "name": graph.name,
        "args": arguments_json(&graph.arguments),
        "inputs": inputs_json(&graph.inputs),
        "storages": graph.storages.iter().map(|(_, storage)| json!({
            "path": storage.path.as_str(),
            "kind": storage.kind.name(),
            "type": storage.ty.to_string(),
            "init": storage.init.to_string(),
            "trainable": storage.trainable,
            "use_count": storage.use_count,
        })).collect::<Vec<_>>(),
        "layers": graph.layers.iter().map(|(_, layer)| json!({
            "path": layer.path.as_str(),
            "kind": layer.operator.op.def().name,
            "attributes": attributes_json(&layer.operator),
            "calls": layer.calls,
            "slots": layer.slots.iter().map(|slot| {
                let slot = &graph.slots[*slot];
                json!({
                    "path": slot.path.as_str(),
                    "shape": shape_json(&slot.shape),
                    "storage": slot.storage.index(),
                    "view": slot.view.to_string(),
                })
            }).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "values": values_json(&graph.values),
        "nodes": graph.nodes.iter().map(|(_, node)| json!({
            "layer": node.layer.map(|layer| graph.layers[layer].path.as_str()),
            "op": node.operator.op.def().name,
            "attributes": attributes_json(&node.operator),
            "operands": ids(&node.operands),
            "results": ids(&node.results),
        })).collect::<Vec<_>>(),
        "outputs": outputs_json(&graph.outputs),
        "loss": graph.loss.map(ValueId::index),
        "uses": graph.uses.iter().map(|site| json!({
            "storage": site.storage.index(),
            "path": site.path.as_str(),
            "via": site.via.as_str(),
            "as": if site.kind == UseKind::Call { "call" } else { "value" },
            "count": site.count,
        })).collect::<Vec<_>>(),
    })
}

fn inputs_json(inputs: &[Input]) -> Json {
    let input = |input: &Input| json!({"name": input.name, "type": input.ty.to_string(), "value": input.value.index()});
    inputs.iter().map(input).collect()
}

fn outputs_json(outputs: &[(String, ValueId)]) -> Json {
    outputs.iter().map(|(name, value)| json!({"name": name, "value": value.index()})).collect()
}

fn attributes_json(operator: &Operator) -> Json {
    operator.attributes.iter().map(|(name, value)| (name.to_owned(), value_json(value))).collect::<Map<_, _>>().into()
}

fn values_json(values: &Arena<Value>) -> Json {
    let value = |value: &Value| match &value.of {
        ValueOf::Input(index) => json!({"name": value.name.as_deref(), "input": index}),
        ValueOf::Result(call, index) => json!({"name": value.name.as_deref(), "call": call, "result": index}),
        ValueOf::Storage(target) => json!({"name": value.name.as_deref(), "storage": reference(target)}),
        ValueOf::Scalar(number) => json!({"name": value.name.as_deref(), "scalar": value_json(number)}),
    };
    values.iter().map(|(_, item)| value(item)).collect()
}

fn reference(reference: &Reference) -> String {
    format!("{}{}", reference.path, reference.view)
}

fn ids(ids: &[ValueId]) -> Vec<usize> {
    ids.iter().map(|id| id.index()).collect()
}
