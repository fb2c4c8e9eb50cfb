//! A typed graph with its sizes → steps over the memory of one arena, all known before the first step: what is computed
//! in which order, where every tensor lies and for how long, what backward keeps, and where the gradients of shared
//! storages are summed.

mod backward;
mod bindings;
mod errors;
mod forward;
mod fuse;
mod layout;
mod node;
mod pack;
mod print;
mod step;
mod strided;

pub use bindings::{Bindings, unknown_size};
pub use errors::PlanError;
pub use layout::{Axes, Sizes, Tensor, TensorId};
pub use print::{plan_json, plan_text};
pub use step::{Action, Call, Operand, Region, Role, Step, Then};
pub use strided::Strided;

use crate::arena::Arena;
use crate::infer::Typed;
use crate::ir::{Path, Places, StorageKind};
use crate::ops::{self, Init};
use crate::shape::Element;
use std::collections::BTreeSet;
use std::ops::Range;

/// The largest number of elements of one tensor.
const MAX_ELEMENTS: usize = 1 << 40;

/// What is wanted beside the outputs.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Where gradients start; `None` if none are wanted.
    pub start: Option<Start>,
    /// The gradients of float inputs are wanted too.
    pub input_gradients: bool,
    /// What no gradient reaches has memory of its own, also where it has the elements of something else.
    pub separate_constants: bool,
    /// Every call is a step of its own.
    pub apart: bool,
    /// The indices of the inputs that the data hasn't got.
    pub absent: BTreeSet<usize>,
}

/// Where gradients start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Or every output that is a float, if there is no loss or an input that it needs is absent.
    Loss,
    /// Every output that is a float.
    Outputs,
}

#[derive(Clone, Debug)]
pub struct Plan {
    pub tensors: Arena<Tensor>,
    pub sizes: Sizes,
    pub storages: Vec<Storage>,
    /// The gradients of all storages, in the arena of floats.
    pub gradients: Range<usize>,
    /// Numbers that stand in expressions, and their values.
    pub constants: Vec<(TensorId, ops::Value)>,
    /// One for each input of the model; `None` for one that nothing reads, or that is absent.
    pub inputs: Vec<Option<Input>>,
    pub outputs: Vec<Output>,
    /// `None` if the model has no loss, or an input that it needs is absent.
    pub loss: Option<TensorId>,
    /// What comes before the next forward step whenever a storage has changed: matrices in panels for all steps that
    /// multiply by them.
    pub pack: Vec<Step>,
    pub forward: Vec<Step>,
    pub backward: Vec<Step>,
    pub seeds: Vec<Seed>,
}

impl Plan {
    /// How many floats the storages have: they are the first of the arena, whatever the sizes of the inputs.
    #[must_use]
    pub fn storage_floats(&self) -> usize {
        let floats = self.storages.iter().map(|storage| &self.tensors[storage.tensor]);
        floats.filter(|tensor| tensor.element == Element::Float).map(|tensor| tensor.range().end).max().unwrap_or(0)
    }
}

/// A param, buffer or slot with memory of its own.
#[derive(Clone, Debug)]
pub struct Storage {
    pub path: Path,
    pub kind: StorageKind,
    pub init: Init,
    pub tensor: TensorId,
    /// `None` unless it is trained and gradients are wanted.
    pub grad: Option<TensorId>,
    pub use_count: u64,
    /// The slots that reach it.
    pub members: Vec<Member>,
}

/// A slot that reaches a storage.
#[derive(Clone, Debug)]
pub struct Member {
    pub path: Path,
    /// As it is written behind the name of a storage; empty for the whole.
    pub view: String,
    pub shape: Axes,
    /// Copies, one of the other, that end in what the slot sees; none where that is the whole.
    pub copies: Vec<Strided>,
}

#[derive(Clone, Debug)]
pub struct Input {
    pub tensor: TensorId,
    pub grad: Option<TensorId>,
}

#[derive(Clone, Debug)]
pub struct Output {
    pub name: String,
    pub tensor: TensorId,
}

/// Where a gradient starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seed {
    Loss,
    /// The index of the output.
    Output(usize),
}

/// Lays out a model. Every size must be known, and every requirement is checked.
pub fn plan(typed: &Typed<'_>, places: &Places, bindings: &Bindings, options: &Options) -> Result<Plan, PlanError> {
    bindings.check(typed)?;
    let mut planner = forward::Planner::new(typed, places, bindings, options)?;
    planner.forward()?;
    if !options.apart {
        planner.fuse();
    }
    if let Some(start) = options.start {
        planner.backward(start)?;
    }
    planner.pack();
    Ok(planner.finish())
}
