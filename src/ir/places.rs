//! Where everything of a model stands in the source. The lists are as long as those of the model, in the same order.

use super::graph::{Slot, SlotOf};
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
    pub scopes: Vec<ScopePlace>,
    pub checks: Vec<CheckPlace>,
    /// The calls of blocks. Frame 0 is the model's own body, and frame `n` the `n`-th call here.
    pub frames: Vec<FramePlace>,
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
    pub ties: Vec<TiePlace>,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct ScopePlace {
    /// The name of the layer that made it.
    pub name: Span,
}

/// What a block wants, and what it gets.
#[derive(Clone, Debug, Default)]
pub struct CheckPlace {
    /// The input of the block.
    pub input: InputPlace,
    /// The operand of the call.
    pub operand: Span,
    /// The frame of the block's body.
    pub frame: usize,
}

/// A call of a block.
#[derive(Clone, Debug)]
pub struct FramePlace {
    /// The path of the block.
    pub path: Path,
    pub call: Span,
    /// The frame in which the call stands.
    pub parent: usize,
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
    pub frame: usize,
}

#[derive(Clone, Debug, Default)]
pub struct AssertPlace {
    pub condition: Span,
    pub frame: usize,
    /// Each path that it names.
    pub paths: Vec<(Path, Span)>,
}

impl Places {
    /// The tie that binds a slot.
    #[must_use]
    pub fn tie(&self, slot: &Slot) -> Option<TiePlace> {
        let tie = slot.tie.as_ref()?;
        let ties = match slot.of {
            SlotOf::Layer(layer, _) => &self.layers.get(layer.index())?.ties,
            SlotOf::Declaration(index) => &self.storages.get(index)?.ties,
        };
        ties.get(tie.index).copied()
    }

    /// The name of what a slot belongs to, where it is declared.
    #[must_use]
    pub fn owner(&self, slot: &Slot) -> Span {
        let place = match slot.of {
            SlotOf::Layer(layer, _) => self.layers.get(layer.index()).map(|place| place.name),
            SlotOf::Declaration(index) => self.storages.get(index).map(|place| place.name),
        };
        place.unwrap_or(self.model)
    }

    /// The calls of blocks that led to a frame, the nearest first: what is called, and where.
    pub fn calls_to(&self, frame: usize) -> impl Iterator<Item = &FramePlace> {
        let mut at = frame;
        std::iter::from_fn(move || {
            let frame = self.frames.get(at.checked_sub(1)?)?;
            at = frame.parent;
            Some(frame)
        })
    }
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
