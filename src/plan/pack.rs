//! Matrices by which steps multiply are put into panels, once for all steps between two changes of the storages: in plans
//! that train those that two steps use, in others all. Where a forward step that trains multiplies many rows, its panels
//! are made just before it.
//!
//! In: the steps. Out: the same, some with one operand more, and the steps that make those.

use super::forward::Planner;
use super::layout::{Axes, BufferId, TensorId};
use super::step::{Action, Operand, Role, Step};
use crate::arena::Table;
use crate::ops::{Factor, FactorOf, Pass};
use crate::shape::Element;
use smallvec::smallvec;

/// Larger matrices are read from memory in any order, and a copy of them costs much.
const MAX_ELEMENTS: usize = 1 << 22;

/// So many rows win back the time that panels take which only they meet.
const MANY: usize = 512;

/// Where a matrix lies, its shape, and whether its axes are exchanged.
type Key = (BufferId, usize, Axes, bool);

/// The step with this index multiplies by a matrix, which has so many elements in panels.
struct Use {
    key: Key,
    index: usize,
    tensor: TensorId,
    len: usize,
}

impl Planner<'_> {
    pub(super) fn pack(&mut self) {
        let mut is_storage = Table::filled(&self.buffers, false);
        self.storages.iter().for_each(|storage| is_storage[self.tensors[storage.tensor].buffer] = true);
        let mut uses: Vec<Use> = Vec::new();
        for (index, step) in self.steps.iter().chain(&self.backward).enumerate() {
            let Some((factor, tensor)) = factor(step) else { continue };
            let of = &self.tensors[tensor];
            if of.element != Element::Float || !is_storage[of.buffer] {
                continue;
            }
            let len = factor.panels(&of.shape).filter(|len| (1..=MAX_ELEMENTS).contains(len));
            let key = (of.buffer, of.start, of.shape.clone(), factor.transposed);
            uses.extend(len.map(|len| Use { key, index, tensor, len }));
        }
        // Those of one matrix come together, and in the order of the steps.
        uses.sort_by(|a, b| a.key.cmp(&b.key));
        let trains = self.options.start.is_some();
        let mut before: Vec<(usize, Step)> = Vec::new();
        for uses in uses.chunk_by(|a, b| a.key == b.key) {
            let [first, others @ ..] = uses else { continue };
            let lone = trains && others.is_empty();
            if lone && self.rows(first).is_none_or(|rows| rows < MANY) {
                continue;
            }
            // Made just before a step, they are needed at its time alone.
            let time = lone.then_some((first.index + 1, first.index + 1));
            let to = self.new_tensor(Element::Float, smallvec![first.len], time);
            let action = Action::Pack { transposed: first.key.3 };
            let pack = Step::new(action).with(Role::From, first.tensor).with(Role::To, to);
            if lone {
                before.push((first.index, pack));
            } else {
                self.packs.push(pack);
            }
            for Use { index, .. } in uses {
                let step = match index.checked_sub(self.steps.len()) {
                    Some(index) => self.backward.get_mut(index),
                    None => self.steps.get_mut(*index),
                };
                if let Some(step) = step {
                    step.push(Role::Panels, Some(to), true);
                }
            }
        }
        before.sort_by_key(|(index, _)| *index);
        let mut before = before.into_iter().peekable();
        for (index, step) in std::mem::take(&mut self.steps).into_iter().enumerate() {
            self.steps.extend(before.next_if(|(at, _)| *at == index).map(|(_, pack)| pack));
            self.steps.push(step);
        }
    }

    /// How many rows a forward step multiplies.
    fn rows(&self, of: &Use) -> Option<usize> {
        let output = self.steps.get(of.index)?.operands.iter().find(|operand| operand.role == Role::Output)?;
        let (_, _, shape, transposed) = &of.key;
        let columns = if *transposed { shape.first() } else { shape.last() };
        self.tensors[output.tensor?].len().checked_div(*columns?)
    }
}

/// The matrix that a step multiplies by.
fn factor(step: &Step) -> Option<(Factor, TensorId)> {
    let (call, pass) = match &step.action {
        Action::Forward(call) if !step.once => (call, Pass::Forward),
        Action::Backward(call) => (call, Pass::Backward),
        _ => return None,
    };
    let factor = call.op.factor(pass)?;
    let (role, nth) = match factor.of {
        FactorOf::Input(nth) => (Role::Input, nth),
        FactorOf::Slot(nth) => (Role::Slot, nth),
    };
    let mut operands = step.operands.iter().filter(|operand: &&Operand| operand.role == role);
    Some((factor, operands.nth(nth)?.tensor?))
}
