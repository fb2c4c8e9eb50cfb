//! The tensors of one step, in the lists that operators take.

use crate::arena::Arena;
use crate::ops::{Backward, Forward, Mode};
use crate::plan::{Action, Role, Step, Tensor, Then};
use crate::shape::Element;
use crate::tensor::random::Key;
use crate::tensor::{Slice, SliceMut, View, ViewMut};
use smallvec::SmallVec;

/// Room for most operators without a heap.
type List<V> = SmallVec<[V; 20]>;

/// Operands come grouped by their roles; each list begins with the first of its role.
pub(super) struct Lists<'t, T> {
    step: &'t Step,
    reads: List<View<'t, T>>,
    writes: List<ViewMut<'t, T>>,
    grads: List<Option<&'t mut [T]>>,
    /// For each operand, its index in its list.
    index: SmallVec<[u32; 36]>,
}

impl<'t, T> Lists<'t, T> {
    /// The lists, for now without elements.
    pub(super) fn new(step: &'t Step, tensors: &'t Arena<Tensor>) -> Self {
        let mut lists =
            Self { step, reads: List::new(), writes: List::new(), grads: List::new(), index: SmallVec::new() };
        for operand in &step.operands {
            let kind = lists.kind(operand.role);
            let index = match kind {
                Kind::Read => lists.reads.len(),
                Kind::Write => lists.writes.len(),
                Kind::Grad => lists.grads.len(),
            };
            lists.index.push(index as u32);
            let tensor = operand.tensor.map(|id| &tensors[id]);
            let shape = tensor.map_or(&[][..], |tensor| &tensor.shape);
            let element = tensor.map_or(Element::Float, |tensor| tensor.element);
            match (kind, element) {
                (Kind::Read, Element::Float) => lists.reads.push(View { shape, data: Slice::Float(&[]) }),
                (Kind::Read, Element::Int) => lists.reads.push(View { shape, data: Slice::Int(&[]) }),
                (Kind::Read, Element::Bool) => lists.reads.push(View { shape, data: Slice::Bool(&[]) }),
                (Kind::Write, Element::Float) => lists.writes.push(ViewMut { shape, data: SliceMut::Float(&mut []) }),
                (Kind::Write, Element::Int) => lists.writes.push(ViewMut { shape, data: SliceMut::Int(&mut []) }),
                (Kind::Write, Element::Bool) => lists.writes.push(ViewMut { shape, data: SliceMut::Bool(&mut []) }),
                (Kind::Grad, _) => lists.grads.push(tensor.map(|_| -> &mut [T] { &mut [] })),
            }
        }
        lists
    }

    fn kind(&self, role: Role) -> Kind {
        match (&self.step.action, role) {
            (_, Role::GradInput | Role::GradSlot) => Kind::Grad,
            (Action::Forward(_), Role::Output | Role::Saved | Role::Buffer) | (_, Role::Scratch) => Kind::Write,
            _ => Kind::Read,
        }
    }

    /// Gives an operand its elements.
    pub(super) fn put(&mut self, operand: usize, elements: Result<Slice<'t, T>, SliceMut<'t, T>>) {
        let (Some(&at), Some(role)) = (self.index.get(operand), self.step.operands.get(operand)) else { return };
        let at = at as usize;
        match (self.kind(role.role), elements) {
            (Kind::Read, Ok(data)) => {
                if let Some(view) = self.reads.get_mut(at) {
                    view.data = data;
                }
            }
            (Kind::Write, Err(data)) => {
                if let Some(view) = self.writes.get_mut(at) {
                    view.data = data;
                }
            }
            (Kind::Grad, Err(SliceMut::Float(data))) => {
                if let Some(grad) = self.grads.get_mut(at) {
                    *grad = Some(data);
                }
            }
            _ => {}
        }
    }

    pub(super) fn forward<'l>(&'l mut self, mode: Mode, random: Key<'l>) -> Forward<'l, 't, T> {
        let (inputs, outputs) = (count(self.step, Role::Input), count(self.step, Role::Output));
        let (inputs, rest) = self.reads.split_at(inputs.min(self.reads.len()));
        let slots = rest.get(..count(self.step, Role::Slot)).unwrap_or_default();
        let outputs = outputs.min(self.writes.len());
        let (outputs, rest) = self.writes.split_at_mut(outputs);
        let saved = count(self.step, Role::Saved).min(rest.len());
        let (saved, buffers) = rest.split_at_mut(saved);
        Forward { inputs, slots, outputs, saved, buffers, mode, random }
    }

    /// Calls `run` with each call that became part of the step, the result, and the other operands of the call.
    pub(super) fn then(&mut self, run: impl Fn(&Then, &mut [T], &[View<T>])) {
        let before = count(self.step, Role::Input) + count(self.step, Role::Slot);
        let mut others = self.reads.get(before..).unwrap_or_default();
        for then in &self.step.then {
            let (own, rest) = others.split_at(then.beside.min(others.len()));
            others = rest;
            if let Some(ViewMut { data: SliceMut::Float(y), .. }) = self.writes.first_mut() {
                run(then, y, own);
            }
        }
    }

    pub(super) fn backward<'l>(&'l mut self, mode: Mode) -> Backward<'l, 't, T> {
        let mut rest: &'l [View<'t, T>] = &self.reads;
        let mut take = |count: usize| {
            let (taken, others) = rest.split_at(count.min(rest.len()));
            rest = others;
            taken
        };
        let [inputs, slots, outputs, saved, buffers, grad_outputs] =
            [Role::Input, Role::Slot, Role::Output, Role::Saved, Role::Buffer, Role::GradOutput]
                .map(|role| take(count(self.step, role)));
        let n_inputs = count(self.step, Role::GradInput).min(self.grads.len());
        let (grad_inputs, grad_slots) = self.grads.split_at_mut(n_inputs);
        let scratch = &mut self.writes;
        Backward { inputs, slots, outputs, saved, buffers, grad_outputs, grad_inputs, grad_slots, scratch, mode }
    }
}

fn count(step: &Step, role: Role) -> usize {
    step.operands.iter().filter(|operand| operand.role == role).count()
}

#[derive(Clone, Copy)]
enum Kind {
    Read,
    Write,
    Grad,
}
