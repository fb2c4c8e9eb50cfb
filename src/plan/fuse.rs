//! Functions of single elements become part of the step that makes their operand: they write their result over it, and
//! backward turns the result's gradient into the operand's where it lies.
//!
//! In: the forward steps. Out: fewer of them. What could have become a part and didn't says why.

use super::forward::Planner;
use super::layout::{Buffer, BufferId, Tensor};
use super::step::{Action, Operand, Role, Step, Then};
use crate::arena::{Arena, Table};
use crate::ops::Follow;
use crate::shape::Element;

/// What is known of a buffer while steps are joined.
#[derive(Clone, Default)]
struct Uses {
    /// The buffer whose place it takes, if it does.
    place: Option<BufferId>,
    /// The last step that writes it.
    written: Option<usize>,
    /// How many operands of steps lie in it.
    count: usize,
    kept: bool,
}

struct Buffers(Table<Buffer, Uses>);

impl Buffers {
    fn new(buffers: &Arena<Buffer>, tensors: &Arena<Tensor>, steps: &[Step], kept: &[BufferId]) -> Self {
        let mut uses = Table::filled(buffers, Uses::default());
        for (index, step) in steps.iter().enumerate() {
            for operand in &step.operands {
                let Some(tensor) = operand.tensor else { continue };
                let uses: &mut Uses = &mut uses[tensors[tensor].buffer];
                uses.count += 1;
                if !matches!(operand.role, Role::Input | Role::Slot | Role::From) {
                    uses.written = Some(index);
                }
            }
        }
        kept.iter().for_each(|kept| uses[*kept].kept = true);
        Self(uses)
    }

    /// Where a buffer has its place: another one never moves again.
    fn place(&self, buffer: BufferId) -> BufferId {
        self.0[buffer].place.unwrap_or(buffer)
    }

    fn of(&self, buffer: BufferId) -> &Uses {
        &self.0[self.place(buffer)]
    }

    /// What lay in `from` lies in the place of `to`, which `maker` writes.
    fn join(&mut self, from: BufferId, to: BufferId, maker: usize) {
        let to = self.place(to);
        let Uses { count, kept, .. } = self.0[from];
        self.0[from].place = Some(to);
        self.0[to] = Uses { place: None, written: Some(maker), count, kept };
    }
}

impl Planner<'_> {
    pub(super) fn fuse(&mut self) {
        let mut buffers = Buffers::new(&self.buffers, &self.tensors, &self.steps, &self.kept);
        let mut gone = vec![false; self.steps.len()];
        for (index, gone) in gone.iter_mut().enumerate() {
            match self.joinable(index, &buffers) {
                None => {}
                Some(Ok(join)) => {
                    self.join(index, &join, &mut buffers);
                    *gone = true;
                }
                Some(Err(reason)) => {
                    if let Some(step) = self.steps.get_mut(index) {
                        step.apart = Some(reason);
                    }
                }
            }
        }
        for id in self.tensors.ids() {
            self.tensors[id].buffer = buffers.place(self.tensors[id].buffer);
        }
        self.kept.iter_mut().for_each(|kept| *kept = buffers.place(*kept));
        // Steps have new times.
        for id in self.buffers.ids() {
            let buffer = &mut self.buffers[id];
            if buffers.place(id) != id {
                buffer.len = 0;
            }
            if let Some(live) = &mut buffer.live {
                *live = if live.0 == 0 { (0, 0) } else { (usize::MAX, 0) };
            }
        }
        let steps = std::mem::take(&mut self.steps);
        steps.into_iter().zip(gone).filter(|(_, gone)| !gone).for_each(|(step, _)| self.step(step));
    }

    /// What a step can become a part of, or why it can't. `None` if its operator never does.
    fn joinable(&self, index: usize, buffers: &Buffers) -> Option<Result<Join, &'static str>> {
        let step = self.steps.get(index).filter(|step| !step.once)?;
        let Action::Forward(call) = &step.action else { return None };
        let inputs = || step.operands.iter().filter(|operand| operand.role == Role::Input);
        let result = step.operands.iter().find(|operand| operand.role == Role::Output)?.tensor?;
        let output = &self.tensors[result];
        if output.element != Element::Float {
            return None;
        }
        let mut reason = None;
        for (at, input) in inputs().enumerate() {
            let tensor = &self.tensors[input.tensor?];
            if call.op.follows(at) == Follow::No || tensor.element != Element::Float {
                continue;
            }
            let found = self.maker(call.op.keeps().has_input(at), tensor, output, buffers).and_then(|maker| {
                let mut others = inputs().enumerate().filter(|(other, _)| *other != at);
                let ready = others.all(|(_, other)| {
                    other.tensor.is_some_and(|other| {
                        let other = &self.tensors[other];
                        (&other.shape, other.element) == (&output.shape, Element::Float)
                            && buffers.of(other.buffer).written.is_none_or(|written| written < maker)
                    })
                });
                if ready {
                    Ok(Join { at, operand: tensor.buffer, result, maker })
                } else {
                    Err("its other operand has another shape or comes later")
                }
            });
            match found {
                Ok(join) => return Some(Ok(join)),
                Err(why) => reason = reason.or(Some(why)),
            }
        }
        reason.map(Err)
    }

    /// The step that makes a tensor over which `output` may be written.
    fn maker(&self, kept: bool, tensor: &Tensor, output: &Tensor, buffers: &Buffers) -> Result<usize, &'static str> {
        let uses = buffers.of(tensor.buffer);
        let trains = self.options.start.is_some();
        if tensor.shape != output.shape {
            return Err("its operand is broadcast");
        }
        if uses.kept {
            return Err("its operand is an output");
        }
        if uses.count > 2 {
            return Err("its operand is read elsewhere too");
        }
        if trains && kept {
            return Err("its backward reads its operand");
        }
        let step = uses.written.and_then(|written| Some((written, self.steps.get(written)?)));
        let Some((maker, Step { action: Action::Forward(call), operands, then, once, .. })) = step else {
            return Err("its operand is an input, a storage or a copy");
        };
        if *once {
            return Err("its operand is computed once");
        }
        let outputs = operands.iter().filter(|operand| operand.role == Role::Output);
        if outputs.count() != 1 || tensor.start != 0 || tensor.len() != self.buffers[buffers.place(tensor.buffer)].len {
            return Err("its operand is one of several results, or a part of one");
        }
        // Only the last of those that became part of a step can keep its result.
        let last = then.last().map_or(call, |then| &then.call);
        if trains && last.op.keeps().outputs {
            return Err("the backward of the step before reads its operand");
        }
        Ok(maker)
    }

    fn join(&mut self, index: usize, join: &Join, buffers: &mut Buffers) {
        let &Join { at, operand, result, maker } = join;
        let Some(Step { action: Action::Forward(call), operands, .. }) = self.steps.get(index).cloned() else { return };
        buffers.join(self.tensors[result].buffer, operand, maker);
        let inputs = operands.into_iter().filter(|operand| operand.role == Role::Input).enumerate();
        let beside = inputs.filter(|(other, _)| *other != at);
        let beside: Vec<Operand> = beside.map(|(_, other)| Operand { role: Role::Beside, ..other }).collect();
        if let Some(step) = self.steps.get_mut(maker) {
            step.then.push(Then { call, operand: at, result, beside: beside.len() });
            step.operands.extend(beside);
        }
    }
}

/// A step that becomes part of its maker.
struct Join {
    /// Which of its operands is written over, and where that lies.
    at: usize,
    operand: BufferId,
    result: super::layout::TensorId,
    /// The step that makes the operand.
    maker: usize,
}
