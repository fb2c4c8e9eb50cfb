//! A step of the plan, resolved when the machine is made: what the lists that an operator takes begin as, and one walk over
//! each arena that gives them their elements.

use super::lists::Lists;
use crate::arena::Arena;
use crate::ops::Grads;
use crate::plan::{Action, Region, Role, Step, Tensor};
use crate::shape::Element;
use crate::tensor::{Slice, SliceMut, View};
use std::ops::Range;

/// The elements that steps work on.
#[derive(Debug)]
pub(super) struct Memory<T> {
    pub(super) floats: Vec<T>,
    pub(super) ints: Vec<i64>,
    pub(super) bools: Vec<bool>,
}

#[derive(Debug)]
pub(super) struct Program<'p, T> {
    pub(super) step: &'p Step,
    /// What is read, without elements: its shape, and of what kind it is.
    pub(super) reads: Vec<View<'p, T>>,
    pub(super) writes: Vec<(&'p [usize], Element)>,
    /// For each gradient, whether it is wanted.
    pub(super) grads: Vec<bool>,
    pub(super) fresh: Grads,
    pub(super) counts: Counts,
    /// The last of what is read are the panels of a matrix.
    pub(super) has_panels: bool,
    /// Forward calls `Forward::finish`.
    pub(super) finishes: bool,
    cuts: [Vec<Cut>; 3],
    /// The `From` and the `To` of a step that has them, and the arena in which they lie.
    pub(super) from: Range<usize>,
    pub(super) to: Range<usize>,
    pub(super) element: Element,
    /// `To` has no value yet.
    pub(super) to_is_fresh: bool,
}

/// How many operands there are of each role. Those of a list come in this order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counts {
    pub(super) inputs: usize,
    pub(super) slots: usize,
    pub(super) outputs: usize,
    pub(super) saved: usize,
    pub(super) buffers: usize,
    pub(super) grad_outputs: usize,
    pub(super) grad_inputs: usize,
}

/// The next elements of an arena that a step reads or writes.
#[derive(Debug)]
struct Cut {
    /// How many elements are passed over.
    skip: usize,
    len: usize,
    to: Place,
}

/// Which entry of which list gets them.
#[derive(Debug)]
enum Place {
    Read(usize),
    /// Several, and what each has of them.
    Reads(Vec<(usize, Range<usize>)>),
    Write(usize),
    Grad(usize),
}

#[derive(Clone, Copy)]
enum List {
    Reads,
    Writes,
    Grads,
}

impl<'p, T> Program<'p, T> {
    pub(super) fn new(step: &'p Step, tensors: &'p Arena<Tensor>) -> Self {
        let count = |role: Role| step.operands.iter().filter(|operand| operand.role == role).count();
        let range = |role: Role| {
            let operand = step.operands.iter().find(|operand| operand.role == role && operand.present);
            operand.and_then(|operand| operand.tensor).map_or(0..0, |id| tensors[id].range())
        };
        let to = step.operands.iter().find(|operand| operand.role == Role::To);
        let mut program = Self {
            step,
            reads: Vec::new(),
            writes: Vec::new(),
            grads: Vec::new(),
            fresh: Grads::NONE,
            counts: Counts {
                inputs: count(Role::Input),
                slots: count(Role::Slot),
                outputs: count(Role::Output),
                saved: count(Role::Saved),
                buffers: count(Role::Buffer),
                grad_outputs: count(Role::GradOutput),
                grad_inputs: count(Role::GradInput),
            },
            has_panels: step.operands.last().is_some_and(|operand| operand.role == Role::Panels),
            finishes: matches!(&step.action, Action::Forward(call) if call.op.finishes()),
            cuts: Default::default(),
            from: range(Role::From),
            to: range(Role::To),
            element: to.and_then(|to| to.tensor).map_or(Element::Float, |id| tensors[id].element),
            to_is_fresh: to.is_some_and(|to| to.fresh),
        };
        let places: Vec<_> = step.operands.iter().map(|operand| program.place(operand, tensors)).collect();
        // The plan has no step of which a region that is written overlaps another.
        let regions = |element| step.regions(element, tensors).unwrap_or_default();
        program.cuts = Element::ALL.map(|element| cuts(&regions(element), &places));
        program
    }

    /// Makes an entry for an operand; gives its list, and its index there.
    fn place(&mut self, operand: &crate::plan::Operand, tensors: &'p Arena<Tensor>) -> (List, usize) {
        let tensor = operand.tensor.map(|id| &tensors[id]);
        let shape = tensor.map_or(&[][..], |tensor| &tensor.shape);
        let element = tensor.map_or(Element::Float, |tensor| tensor.element);
        match list(&self.step.action, operand.role) {
            List::Reads => {
                let data = match element {
                    Element::Float => Slice::Float(&[]),
                    Element::Int => Slice::Int(&[]),
                    Element::Bool => Slice::Bool(&[]),
                };
                self.reads.push(View { shape, data });
                (List::Reads, self.reads.len() - 1)
            }
            List::Writes => {
                self.writes.push((shape, element));
                (List::Writes, self.writes.len() - 1)
            }
            List::Grads => {
                let index = self.grads.len();
                if operand.fresh {
                    match index.checked_sub(self.counts.grad_inputs) {
                        Some(slot) => self.fresh = self.fresh.and(Grads::slot(slot)),
                        None => self.fresh = self.fresh.and(Grads::input(index)),
                    }
                }
                self.grads.push(tensor.is_some());
                (List::Grads, index)
            }
        }
    }

    /// Gives the entries of the lists, which are there, their elements.
    pub(super) fn fill<'t>(&self, memory: &'t mut Memory<T>, lists: &mut Lists<'t, T>) {
        let [floats, ints, bools] = &self.cuts;
        walk(&mut memory.floats, floats, lists, Slice::Float, SliceMut::Float);
        if !ints.is_empty() {
            walk(&mut memory.ints, ints, lists, Slice::Int, SliceMut::Int);
        }
        if !bools.is_empty() {
            walk(&mut memory.bools, bools, lists, Slice::Bool, SliceMut::Bool);
        }
    }
}

fn list(action: &Action, role: Role) -> List {
    match (action, role) {
        (_, Role::GradInput | Role::GradSlot) => List::Grads,
        (Action::Forward(_), Role::Output | Role::Saved | Role::Buffer) | (_, Role::Scratch) => List::Writes,
        _ => List::Reads,
    }
}

fn cuts(regions: &[Region], places: &[(List, usize)]) -> Vec<Cut> {
    let mut base = 0;
    let mut cuts = Vec::new();
    for region in regions {
        let part = |(operand, part): &(usize, Range<usize>)| {
            places.get(*operand).map(|(list, index)| (*list, *index, part.clone()))
        };
        let mut parts = region.parts.iter().filter_map(part);
        let to = match (region.parts.len(), parts.next()) {
            (1, Some((List::Reads, index, _))) => Place::Read(index),
            (_, Some((List::Writes, index, _))) => Place::Write(index),
            (_, Some((List::Grads, index, _))) => Place::Grad(index),
            (_, first) => Place::Reads(first.into_iter().chain(parts).map(|(_, index, part)| (index, part)).collect()),
        };
        cuts.push(Cut { skip: region.start.saturating_sub(base), len: region.end - region.start, to });
        base = region.end;
    }
    cuts
}

#[inline]
fn walk<'t, E, T>(
    memory: &'t mut [E],
    cuts: &[Cut],
    lists: &mut Lists<'t, T>,
    read: impl Fn(&'t [E]) -> Slice<'t, T>,
    write: impl Fn(&'t mut [E]) -> SliceMut<'t, T>,
) {
    let (reads, writes, grads) = (&mut *lists.reads, &mut *lists.writes, &mut *lists.grads);
    let mut rest = memory;
    for cut in cuts {
        let Some((_, tail)) = rest.split_at_mut_checked(cut.skip) else { return };
        let Some((elements, tail)) = tail.split_at_mut_checked(cut.len) else { return };
        rest = tail;
        match &cut.to {
            Place::Read(index) => {
                if let Some(view) = reads.get_mut(*index) {
                    view.data = read(elements);
                }
            }
            Place::Reads(parts) => {
                let elements: &'t [E] = elements;
                for (index, part) in parts {
                    if let Some(view) = reads.get_mut(*index) {
                        view.data = read(elements.get(part.clone()).unwrap_or(&[]));
                    }
                }
            }
            Place::Write(index) => {
                if let Some(view) = writes.get_mut(*index) {
                    view.data = write(elements);
                }
            }
            Place::Grad(index) => {
                if let (Some(grad), SliceMut::Float(elements)) = (grads.get_mut(*index), write(elements)) {
                    *grad = Some(elements);
                }
            }
        }
    }
}
