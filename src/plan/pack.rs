//! Matrices by which steps multiply are put into panels, once for all steps between two changes of the storages: in plans
//! that train those that two steps use, in others all.
//!
//! In: the steps. Out: the same, some with one operand more, and the steps that make those.

use super::forward::Planner;
use super::layout::{BufferId, TensorId};
use super::step::{Action, Operand, Role, Step};
use crate::ops::{Factor, FactorOf, Pass};
use crate::shape::Element;
use std::collections::{BTreeMap, BTreeSet};

/// Larger matrices are read from memory in any order, and a copy of them costs much.
const MAX_ELEMENTS: usize = 1 << 22;

/// Where a matrix lies, its shape, and whether its axes are exchanged.
type Key = (BufferId, usize, Vec<usize>, bool);

impl Planner<'_> {
    pub(super) fn pack(&mut self) {
        let storages: BTreeSet<BufferId> =
            self.storages.iter().map(|storage| self.tensors[storage.tensor].buffer).collect();
        let mut found: BTreeMap<Key, (TensorId, usize, Vec<usize>)> = BTreeMap::new();
        for (index, step) in self.steps.iter().enumerate() {
            let Some((factor, tensor)) = factor(step) else { continue };
            let of = &self.tensors[tensor];
            if of.element != Element::Float || !storages.contains(&of.buffer) {
                continue;
            }
            let Some(len) = factor.panels(&of.shape) else { continue };
            let key = (of.buffer, of.start, of.shape.clone(), factor.transposed);
            found.entry(key).or_insert((tensor, len, Vec::new())).2.push(index);
        }
        let trains = self.options.start.is_some();
        for ((.., transposed), (from, len, steps)) in found {
            if len == 0 || len > MAX_ELEMENTS || trains && steps.len() < 2 {
                continue;
            }
            let to = self.new_tensor(Element::Float, vec![len], None);
            let pack = Step::new(Action::Pack { transposed }).with(Role::From, from).with(Role::To, to);
            self.packs.push(pack);
            for index in steps {
                if let Some(step) = self.steps.get_mut(index) {
                    step.push(Role::Panels, Some(to), true);
                }
            }
        }
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
