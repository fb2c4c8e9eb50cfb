//! The tensors of one step, in the lists that operators take.

use super::program::{Memory, Program};
use crate::ops::{Backward, Forward, Mode};
use crate::plan::Then;
use crate::shape::Element;
use crate::tensor::random::Key;
use crate::tensor::{Slice, SliceMut, View, ViewMut};
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

    /// Calls `run` with what a forward step takes, and then `follow` with each call that became part of it, a piece of the
    /// result, and the elements of the call's other operands at the same places.
    pub(super) fn forward<E>(
        &mut self,
        program: &Program<'_, T>,
        mode: Mode,
        random: Key<'_>,
        run: impl FnOnce(Forward<'_, 't, T>) -> Result<(), E>,
        follow: impl Fn(&Then, &mut [T], &[View<T>]) + Sync,
    ) -> Result<(), E>
    where
        T: Sync,
    {
        let counts = &program.counts;
        let (inputs, rest) = self.reads.split_at(counts.inputs.min(self.reads.len()));
        let (slots, rest) = rest.split_at(counts.slots.min(rest.len()));
        let (panels, beside) = panels(program, rest);
        let then = &program.step.then;
        let finish = |at: usize, y: &mut [T]| {
            let mut beside = beside;
            for then in then {
                let (own, rest) = beside.split_at(then.beside.min(beside.len()));
                beside = rest;
                let part = |view: &View<'t, T>| {
                    let data = view.floats().get(at..at + y.len()).unwrap_or_default();
                    View { shape: view.shape, data: Slice::Float(data) }
                };
                let own: SmallVec<[View<T>; 4]> = own.iter().map(part).collect();
                follow(then, y, &own);
            }
        };
        let outputs = counts.outputs.min(self.writes.len());
        let (outputs, rest) = self.writes.split_at_mut(outputs);
        let (saved, buffers) = rest.split_at_mut(counts.saved.min(rest.len()));
        run(Forward { inputs, slots, outputs, saved, buffers, panels, finish: &finish, mode, random })?;
        if let Some(ViewMut { data: SliceMut::Float(y), .. }) = self.writes.first_mut()
            && !program.finishes
            && !then.is_empty()
        {
            finish(0, y);
        }
        Ok(())
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
        let (panels, _) = panels(program, rest);
        Backward {
            inputs,
            slots,
            outputs,
            saved,
            buffers,
            grad_outputs,
            grad_inputs,
            grad_slots,
            fresh: program.fresh,
            scratch: &mut self.writes,
            panels,
            mode,
        }
    }
}

/// The panels, if the step has some, and what comes before them.
fn panels<'l, 't, T>(program: &Program<'_, T>, reads: &'l [View<'t, T>]) -> (Option<&'l [T]>, &'l [View<'t, T>]) {
    match reads {
        [others @ .., panels] if program.has_panels => (Some(panels.floats()), others),
        _ => (None, reads),
    }
}
