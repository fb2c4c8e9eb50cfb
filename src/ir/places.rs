//! Where everything of a model stands in the source. The lists are as long as those of the model, in the same order.

use super::path::Path;
use crate::span::Span;
use smallvec::SmallVec;

#[derive(Clone, Debug, Default)]
pub struct Places {
    /// The name of the model.
    pub model: Span,
    /// The declaration of each argument.
    pub arguments: Vec<Span>,
    /// Where each symbol was introduced.
    pub symbols: Vec<Span>,
    pub inputs: Vec<InputPlace>,
    pub storages: Vec<StoragePlace>,
    pub layers: Vec<LayerPlace>,
    pub calls: Vec<CallPlace>,
    /// Where each value is written.
    pub values: Vec<Span>,
    pub outputs: Vec<Span>,
    pub loss: Option<Span>,
    pub asserts: Vec<AssertPlace>,
}

#[derive(Clone, Debug, Default)]
pub struct InputPlace {
    pub name: Span,
    pub ty: Span,
    pub dims: SmallVec<[Span; 4]>,
}

#[derive(Clone, Debug, Default)]
pub struct StoragePlace {
    pub name: Span,
    pub ty: Span,
    pub init: Option<Span>,
}

#[derive(Clone, Debug, Default)]
pub struct LayerPlace {
    pub name: Span,
    /// The kind with its parentheses.
    pub kind: Span,
    /// The attributes that are written, by name.
    pub attributes: SmallVec<[(&'static str, Span); 2]>,
    /// In the order of the layer's `inits`.
    pub inits: Vec<Span>,
    pub ties: Vec<TiePlace>,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct TiePlace {
    /// `slot=@target`
    pub whole: Span,
    /// `@target`
    pub target: Span,
}

#[derive(Clone, Debug, Default)]
pub struct CallPlace {
    /// The whole call, or stage.
    pub whole: Span,
    pub operands: SmallVec<[Span; 2]>,
    /// The attributes that are written, by name.
    pub attributes: SmallVec<[(&'static str, Span); 2]>,
}

#[derive(Clone, Debug, Default)]
pub struct AssertPlace {
    pub condition: Span,
    /// Each path that it names.
    pub paths: Vec<(Path, Span)>,
}

impl LayerPlace {
    /// Where the attribute is written; the kind where it isn't.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Span {
        self.attributes.iter().find(|(known, _)| *known == name).map_or(self.kind, |(_, span)| *span)
    }
}

impl CallPlace {
    /// Where the attribute is written; the call where it isn't.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Span {
        self.attributes.iter().find(|(known, _)| *known == name).map_or(self.whole, |(_, span)| *span)
    }

    #[must_use]
    pub fn operand(&self, index: usize) -> Span {
        self.operands.get(index).copied().unwrap_or(self.whole)
    }
}

impl AssertPlace {
    /// Where the path is written; the condition where it isn't.
    #[must_use]
    pub fn path(&self, path: &Path) -> Span {
        self.paths.iter().find(|(known, _)| known == path).map_or(self.condition, |(_, span)| *span)
    }
}
