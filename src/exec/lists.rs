//! The tensors of one step, in the lists that operators take.

use super::program::{Memory, Program};
use crate::ops::{Backward, Forward, Mode};
use crate::plan::Then;
use crate::shape::Element;
use crate::tensor::random::Key;
use crate::tensor::{SliceMut, View, ViewMut};
use smallvec::SmallVec;

/// Room for most operators without a heap.
type List<V> = SmallVec<[V; 20]>;

/// Operands come grouped by their roles; each list begins with the first of its role. Made where it stays, since it is
/// large.
pub(super) struct Lists<'t, T> {
    pub(super) reads: List<View<'t, T>>,
    pub(super) writes: List<ViewMut<'t, T>>,
    pub(super) grads: List<Option<&'t mut [T]>>,
}

impl<'t, T: Copy> Lists<'t, T> {
    #[inline(always)]
    pub(super) fn new() -> Self {
        Self { reads: List::new(), writes: List::new(), grads: List::new() }
    }

    #[inline]
    pub(super) fn fill(&mut self, program: &'t Program<'_, T>, memory: &'t mut Memory<T>) {
        self.reads.extend_from_slice(&program.reads);
        self.writes.extend(program.writes.iter().map(|(shape, element)| {
            let data = match element {
                Element::Float => SliceMut::Float(&mut []),
                Element::Int => SliceMut::Int(&mut []),
                Element::Bool => SliceMut::Bool(&mut []),
            };
            ViewMut { shape, data }
        }));
        self.grads.extend(program.grads.iter().map(|wanted| -> Option<&mut [T]> { wanted.then_some(&mut []) }));
        program.fill(memory, self);
    }

    pub(super) fn forward<'l>(
        &'l mut self,
        program: &Program<'_, T>,
        mode: Mode,
        random: Key<'l>,
    ) -> Forward<'l, 't, T> {
        let counts = &program.counts;
        let (inputs, rest) = self.reads.split_at(counts.inputs.min(self.reads.len()));
        let slots = rest.get(..counts.slots).unwrap_or_default();
        let outputs = counts.outputs.min(self.writes.len());
        let (outputs, rest) = self.writes.split_at_mut(outputs);
        let (saved, buffers) = rest.split_at_mut(counts.saved.min(rest.len()));
        Forward { inputs, slots, outputs, saved, buffers, mode, random }
    }

    /// Calls `run` with each call that became part of the step, the result, and the other operands of the call.
    pub(super) fn then(&mut self, program: &Program<'_, T>, run: impl Fn(&Then, &mut [T], &[View<T>])) {
        let before = program.counts.inputs + program.counts.slots;
        let mut others = self.reads.get(before..).unwrap_or_default();
        for then in &program.step.then {
            let (own, rest) = others.split_at(then.beside.min(others.len()));
            others = rest;
            if let Some(ViewMut { data: SliceMut::Float(y), .. }) = self.writes.first_mut() {
                run(then, y, own);
            }
        }
    }

    pub(super) fn backward<'l>(&'l mut self, program: &Program<'_, T>, mode: Mode) -> Backward<'l, 't, T> {
        let counts = &program.counts;
        let mut rest: &'l [View<'t, T>] = &self.reads;
        let mut take = |count: usize| {
            let (taken, others) = rest.split_at(count.min(rest.len()));
            rest = others;
            taken
        };
        let inputs = take(counts.inputs);
        let slots = take(counts.slots);
        let outputs = take(counts.outputs);
        let saved = take(counts.saved);
        let buffers = take(counts.buffers);
        let grad_outputs = take(counts.grad_outputs);
        let n_inputs = counts.grad_inputs.min(self.grads.len());
        let (grad_inputs, grad_slots) = self.grads.split_at_mut(n_inputs);
        let (scratch, fresh) = (&mut *self.writes, program.fresh);
        Backward { inputs, slots, outputs, saved, buffers, grad_outputs, grad_inputs, grad_slots, fresh, scratch, mode }
    }
}
