//! Where a dimension came from: back through the calls that passed it on, to the call, input or param that made it.

use super::Inference;
use crate::ir::{LayerId, NodeId, ValueId, ValueOf};
use crate::shape::Dim;
use crate::span::Span;

/// The place that introduced a dimension.
pub(super) struct Origin {
    pub(super) place: Span,
    pub(super) text: String,
    /// The layer whose call made it.
    pub(super) layer: Option<LayerId>,
}

impl Inference<'_> {
    pub(super) fn origin(&self, value: ValueId, axis: usize) -> Option<Origin> {
        let mut at = value;
        let mut axis = axis;
        let dim = self.types[value].as_ref()?.shape.get(axis)?.clone();
        loop {
            match &self.graph.values[at].of {
                ValueOf::Input(index) => {
                    let place = self.places.inputs.get(*index)?;
                    let span = place.dims.get(axis).copied().unwrap_or(place.ty);
                    return Some(Origin { place: span, text: format!("{dim} is declared here"), layer: None });
                }
                ValueOf::Storage(reference) => {
                    let text = format!("`{}` is {}", reference.path, self.types[at].as_ref()?);
                    return Some(Origin { place: self.place(at), text, layer: None });
                }
                ValueOf::Scalar(_) => return None,
                ValueOf::Result(call, _) => {
                    let node = self.graph.nodes.nth(*call)?;
                    match self.passed_on(node, &dim) {
                        Some((operand, from)) => (at, axis) = (operand, from),
                        None => return Some(self.made(node, at, &dim)),
                    }
                }
            }
        }
    }

    /// The operand from which a node has a dimension.
    fn passed_on(&self, node: NodeId, dim: &Dim) -> Option<(ValueId, usize)> {
        self.graph.nodes[node].operands.iter().find_map(|operand| {
            let ty = self.types[*operand].as_ref()?;
            // From the end, where features stand.
            let axis = ty.shape.iter().rposition(|other| other == dim)?;
            Some((*operand, axis))
        })
    }

    fn made(&self, node: NodeId, value: ValueId, dim: &Dim) -> Origin {
        let call = &self.graph.nodes[node];
        let ty = self.types[value].as_ref().map_or_else(String::new, ToString::to_string);
        let name = match call.layer {
            Some(layer) => self.graph.layers[layer].path.to_string(),
            None => call.operator.op.def().name.to_owned(),
        };
        let text = format!("the {dim} comes from here: `{name}` gives {ty}");
        Origin { place: self.call(node), text, layer: call.layer }
    }
}
