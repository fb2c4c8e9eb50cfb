//! The steps of a plan, and which regions of memory each reads and writes.

use super::Seed;
use super::layout::{Tensor, TensorId};
use super::strided::Strided;
use crate::arena::Arena;
use crate::ops::Op;
use crate::shape::Element;
use smallvec::{SmallVec, smallvec};
use std::sync::Arc;

/// One step. What it writes overlaps nothing else that it reads or writes.
#[derive(Clone, Debug)]
pub struct Step {
    pub action: Action,
    /// What it reads and writes.
    pub operands: Vec<Operand>,
    /// It hangs on nothing that changes, so that the first pass does it for all.
    pub once: bool,
    /// What is done with the only result of a forward step before the next, in this order.
    pub then: Vec<Then>,
    /// Why a step that could have become part of another didn't.
    pub apart: Option<&'static str>,
}

/// A call that became part of the step that makes one of its operands, over which its result is written.
#[derive(Clone, Debug)]
pub struct Then {
    pub call: Call,
    /// Which operand that is.
    pub operand: usize,
    pub result: TensorId,
    /// How many other operands it has. They are among those of the step, with this role.
    pub beside: usize,
}

#[derive(Clone, Debug)]
pub enum Action {
    Forward(Call),
    Backward(Call),
    /// The gradient `To` of a result becomes, where it lies, that of the operand over which the result `From` was
    /// written.
    Through(Call),
    /// `To` becomes 0.
    Zero,
    /// `To` += `From`, or `To` becomes `From` if it is fresh.
    Add,
    /// The gradient `To` starts here.
    Seed(Seed),
    /// `To` becomes what the view sees of `From`.
    Gather(Strided),
    /// What the view sees of `To` += `From`
    Scatter(Strided),
    /// What the view sees of `To` becomes `From`.
    Put(Strided),
    /// `To` becomes the matrix `From`, perhaps with its axes exchanged, in panels for products.
    Pack {
        transposed: bool,
    },
}

/// Which node is computed.
#[derive(Clone, Debug)]
pub struct Call {
    pub op: Arc<dyn Op>,
    /// The index of the node in its graph.
    pub node: usize,
    /// The layer's path, or the operator's name.
    pub name: Arc<str>,
    /// Which of several nodes of this name it is; random numbers depend on both.
    pub index: u64,
}

/// What a tensor is to a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    Input,
    Slot,
    Output,
    Saved,
    /// A slot that a forward step may write to.
    Buffer,
    GradOutput,
    GradInput,
    GradSlot,
    /// What a backward step works in.
    Scratch,
    From,
    To,
    /// Another operand of a call that became part of the step.
    Beside,
    /// The matrix that the operator multiplies by, in panels. It comes last.
    Panels,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operand {
    pub role: Role,
    /// `None` for a gradient that isn't wanted.
    pub tensor: Option<TensorId>,
    /// Its elements are there, not only its shape.
    pub present: bool,
    /// A gradient that has no value yet: the step writes it, where others would add to it.
    pub fresh: bool,
}

/// Neighbouring elements of one kind: one operand that is written, or all that are read there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    pub start: usize,
    pub end: usize,
    pub write: bool,
    /// Indices of the operands in it, and where each lies in it.
    pub parts: SmallVec<[(usize, std::ops::Range<usize>); 1]>,
}

impl Action {
    fn writes(&self, role: Role) -> bool {
        match self {
            Self::Forward(_) => matches!(role, Role::Output | Role::Saved | Role::Buffer),
            Self::Backward(_) => matches!(role, Role::GradInput | Role::GradSlot | Role::Scratch),
            _ => role == Role::To,
        }
    }
}

impl Step {
    pub(super) fn new(action: Action) -> Self {
        Self { action, operands: Vec::new(), then: Vec::new(), apart: None, once: false }
    }

    pub(super) fn with(mut self, role: Role, tensor: TensorId) -> Self {
        self.push(role, Some(tensor), true);
        self
    }

    pub(super) fn push(&mut self, role: Role, tensor: Option<TensorId>, present: bool) {
        self.operands.push(Operand { role, tensor, present, fresh: false });
    }

    /// A gradient, and whether it is fresh; `None` for one that isn't wanted.
    pub(super) fn push_grad(&mut self, role: Role, grad: Option<(TensorId, bool)>) {
        let (tensor, fresh) = (grad.map(|(tensor, _)| tensor), grad.is_some_and(|(_, fresh)| fresh));
        self.operands.push(Operand { role, tensor, present: true, fresh });
    }

    /// The tensors that it writes.
    pub fn written<'s>(&'s self, tensors: &'s Arena<Tensor>) -> impl Iterator<Item = &'s Tensor> {
        let written = self.operands.iter().filter(|operand| operand.present && self.action.writes(operand.role));
        written.filter_map(|operand| Some(&tensors[operand.tensor?]))
    }

    /// The operands of one kind by place, in increasing order. `Err` if one that is written overlaps another.
    pub fn regions(&self, element: Element, tensors: &Arena<Tensor>) -> Result<Vec<Region>, String> {
        let mut parts: SmallVec<[(usize, usize, usize); 8]> = SmallVec::new();
        for (index, operand) in self.operands.iter().enumerate() {
            let Some(tensor) = operand.tensor.filter(|_| operand.present).map(|id| &tensors[id]) else { continue };
            if tensor.element == element && !tensor.is_empty() {
                parts.push((tensor.offset, tensor.offset + tensor.len(), index));
            }
        }
        parts.sort_unstable();
        let mut regions: Vec<Region> = Vec::with_capacity(parts.len());
        for (start, end, index) in parts {
            let write = self.operands.get(index).is_some_and(|operand| self.action.writes(operand.role));
            match regions.last_mut() {
                Some(last) if start < last.end => {
                    if last.write || write {
                        return Err(format!("operand {index} overlaps one that is written"));
                    }
                    last.parts.push((index, start - last.start..end - last.start));
                    last.end = last.end.max(end);
                }
                _ => regions.push(Region { start, end, write, parts: smallvec![(index, 0..end - start)] }),
            }
        }
        Ok(regions)
    }
}
