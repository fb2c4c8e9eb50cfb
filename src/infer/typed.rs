//! The gate: a graph of which everything is known to fit. What is run is made from this.

use super::Types;
use crate::ir::{Graph, ValueId};
use crate::shape::TensorType;

/// A graph without errors, with the type of every value.
#[derive(Clone, Copy, Debug)]
pub struct Typed<'a> {
    graph: &'a Graph,
    types: &'a Types,
}

impl<'a> Typed<'a> {
    /// `None` if a value has no type. `types` must be those of the graph, and no stage may have reported an error.
    #[must_use]
    pub fn new(graph: &'a Graph, types: &'a Types) -> Option<Self> {
        graph.values.ids().all(|value| types.values[value].is_some()).then_some(Self { graph, types })
    }

    #[must_use]
    pub fn graph(&self) -> &'a Graph {
        self.graph
    }

    #[must_use]
    pub fn types(&self) -> &'a Types {
        self.types
    }

    /// The type of a value, as its operator stated it.
    #[must_use]
    pub fn of(&self, value: ValueId) -> TensorType {
        self.types.values[value].clone().unwrap_or_else(|| TensorType::float([]))
    }
}
