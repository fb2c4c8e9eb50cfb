//! Shape errors of operators, which name operands and attributes, with the places in the source added.

use super::Inference;
use super::errors::InferError;
use crate::diag::{label, primary};
use crate::ir::NodeId;
use crate::ops::{Cause, ShapeError, ShapeErrorKind};
use crate::shape::TensorType;
use crate::span::Span;
use miette::LabeledSpan;

impl Inference<'_> {
    pub(super) fn shape_error(&mut self, id: NodeId, inputs: &[TensorType], error: ShapeError) {
        let mut labels = Labels::default();
        let mut help = error.help;
        for (cause, text) in &error.causes {
            match cause {
                Cause::Operand(operand) => labels.push(self.operand_place(id, *operand), text.clone()),
                Cause::Attribute(name) => labels.push(self.attribute_place(id, name), text.clone()),
                Cause::Axis { operand, axis } => {
                    labels.push(self.operand_place(id, *operand), text.clone());
                    let node = &self.graph.nodes[id];
                    let origin = node.operands.get(*operand).and_then(|value| self.origin(*value, *axis));
                    let Some(origin) = origin else { continue };
                    if help.is_none() && origin.layer.is_some() && origin.layer == node.layer {
                        let found = inputs.get(*operand).and_then(|ty| ty.shape.get(*axis));
                        let gives = found.map_or_else(String::new, |dim| format!(", and this one gives {dim}"));
                        help = Some(format!("a layer applied to its own output must be square{gives}"));
                    }
                    labels.push(origin.place, origin.text);
                }
            }
        }
        if labels.0.is_empty() {
            labels.push(self.call(id), "here".to_owned());
        }
        let (message, labels) = (error.message, labels.0);
        let mut error = match error.kind {
            ShapeErrorKind::Mismatch => InferError::Mismatch { message, labels, help },
            ShapeErrorKind::Rank => InferError::Rank { message, labels, help },
            ShapeErrorKind::Element => InferError::Element { message, labels, help },
            ShapeErrorKind::Axis => InferError::Axis { message, labels, help },
            ShapeErrorKind::Range => InferError::Range { message, labels, help },
            ShapeErrorKind::Reshape => InferError::Reshape { message, labels, help },
        };
        let frame = self.places.calls.get(id.index()).map_or(0, |place| place.frame);
        error.extend(self.context(frame, self.call(id)));
        self.diagnostics.push(error);
    }

    /// The operand where a call has several, the whole call where it has one.
    fn operand_place(&self, id: NodeId, operand: usize) -> Span {
        match self.places.calls.get(id.index()) {
            Some(place) if place.operands.len() > 1 => place.operand(operand),
            Some(place) => place.whole,
            None => Span::default(),
        }
    }

    fn attribute_place(&self, id: NodeId, name: &str) -> Span {
        let layer = self.graph.nodes[id].layer.and_then(|layer| self.places.layers.get(layer.index()));
        match (layer, self.places.calls.get(id.index())) {
            (Some(layer), _) => layer.attribute(name),
            (None, Some(call)) => call.attribute(name),
            (None, None) => Span::default(),
        }
    }
}

/// Labels, each place once: what is said first of it stands.
#[derive(Default)]
struct Labels(Vec<LabeledSpan>);

impl Labels {
    fn push(&mut self, place: Span, text: String) {
        let new = if self.0.is_empty() { primary(place, text) } else { label(place, text) };
        if !self.0.iter().any(|old| old.inner() == new.inner()) {
            self.0.push(new);
        }
    }
}
