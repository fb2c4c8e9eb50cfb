//! The types and requirements of a graph as text and JSON.

use super::Typed;
use crate::ir::{Value, ValueId, ValueOf, shape_json};
use crate::shape::{Dim, Relation};
use serde_json::{Value as Json, json};
use std::fmt::Write;

/// A line for each value, then the requirements.
#[must_use]
pub fn typed_text(typed: &Typed<'_>) -> String {
    let mut out = format!("model {}\n", typed.graph().name);
    for (id, value) in typed.graph().values.iter() {
        let name = value.name.as_deref().map_or_else(String::new, |name| format!(" {name}"));
        let ty = typed.types().of(id).map_or_else(String::new, |ty| ty.to_string());
        let _ = writeln!(out, "  %{}{name}: {ty} = {}", id.index(), source(typed, value));
    }
    for required in &typed.types().required {
        let _ = writeln!(out, "  requires {}", required.requirement);
    }
    let _ = writeln!(out, "  flops {}", flops(typed));
    out
}

#[must_use]
pub fn typed_json(typed: &Typed<'_>) -> Json {
    let value = |(id, value): (ValueId, &Value)| {
        let ty = typed.types().of(id);
        json!({
            "name": value.name.as_deref(),
            "element": ty.as_ref().map(|ty| ty.element.name()),
            "shape": ty.as_ref().map(|ty| shape_json(&ty.shape)),
        })
    };
    let requires: Vec<Json> = typed
        .types()
        .required
        .iter()
        .map(|required| {
            let kind = relation_name(required.requirement.relation);
            json!({"text": required.requirement.to_string(), "kind": kind})
        })
        .collect();
    json!({
        "schema": "wnet.typed/1",
        "name": typed.graph().name,
        "values": typed.graph().values.iter().map(value).collect::<Vec<_>>(),
        "requires": requires,
        "flops": crate::ir::dim_json(&flops(typed)),
    })
}

/// As in the JSON of `check`.
#[must_use]
pub const fn relation_name(relation: Relation) -> &'static str {
    match relation {
        Relation::Equal => "eq",
        Relation::AtMost => "le",
        Relation::Divides => "divides",
    }
}

/// The additions and multiplications of a forward pass.
pub fn flops(typed: &Typed<'_>) -> Dim {
    let types = |ids: &[ValueId]| ids.iter().map(|id| typed.of(*id)).collect::<Vec<_>>();
    let nodes = typed.graph().nodes.iter();
    nodes.fold(Dim::ZERO, |sum, (_, node)| {
        sum.add(&node.operator.op.flops(&types(&node.operands), &types(&node.results)))
    })
}

fn source(typed: &Typed<'_>, value: &Value) -> String {
    match &value.of {
        ValueOf::Input(_) => "input".to_owned(),
        ValueOf::Scalar(number) => number.to_string(),
        ValueOf::Storage(reference) => format!("@{}{}", reference.path, reference.view),
        ValueOf::Result(call, _) => {
            let Some(id) = typed.graph().nodes.nth(*call) else { return String::new() };
            let node = &typed.graph().nodes[id];
            let name = match node.layer {
                Some(layer) => typed.graph().layers[layer].path.to_string(),
                None => node.operator.op.def().name.to_owned(),
            };
            let operands: Vec<String> = node.operands.iter().map(|id| format!("%{}", id.index())).collect();
            format!("{name} {}", operands.join(", "))
        }
    }
}
