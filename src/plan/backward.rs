//! The backward steps: the forward steps from the last to the first, each adding to the gradients of what it read. All
//! uses of a storage add to one gradient.

use super::errors::PlanError;
use super::forward::Planner;
use super::layout::{Buffer, BufferId, Tensor, TensorId};
use super::step::{Action, Call, Operand, Role, Step, Then};
use super::{Seed, Start};
use crate::arena::Table;
use crate::diag::primary;
use crate::ir::{self, ValueId, ValueOf};
use crate::ops::{Follow, SlotKind};
use crate::shape::Element;
use smallvec::{SmallVec, smallvec};

impl Planner<'_> {
    pub(super) fn backward(&mut self, start: Start) -> Result<(), PlanError> {
        let roots = self.roots(start);
        let wanted = self.wanted(&roots);
        let roots: Vec<_> = roots.into_iter().filter(|(value, _)| wanted[*value]).collect();
        if roots.is_empty() {
            let labels = vec![primary(self.model_place(), "this model")];
            return Err(PlanError::NoGradient { labels });
        }
        let forward = std::mem::take(&mut self.steps);
        self.n_before = forward.len();
        self.grads = Table::filled(&self.tensors, None);
        for storage in &self.storages {
            self.grads[storage.tensor] = storage.grad;
        }
        self.steps.reserve(forward.len());
        for (value, seed) in roots {
            let Some(tensor) = self.values[value] else { continue };
            let grad = self.first(tensor, true);
            self.to(Action::Seed(seed), None, grad);
            self.seeds.push(seed);
        }
        for step in forward.iter().rev() {
            match &step.action {
                Action::Forward(call) => {
                    let mut beside = step.operands.iter().filter(|operand| operand.role == Role::Beside).rev();
                    for then in step.then.iter().rev() {
                        let others: Vec<_> =
                            beside.by_ref().take(then.beside).filter_map(|other| other.tensor).collect();
                        self.then_backward(then, &others, &wanted);
                    }
                    self.node_backward(call, &step.operands, &wanted)?;
                }
                Action::Gather(view) => {
                    if let [Operand { tensor: Some(from), .. }, Operand { tensor: Some(to), .. }] = *step.operands
                        && self.has_grad(to)
                    {
                        let (from, to) = (self.grad(from), self.grad(to));
                        self.step(Step::new(Action::Scatter(view.clone())).with(Role::From, to).with(Role::To, from));
                    }
                }
                _ => {}
            }
        }
        self.input_gradients(&wanted);
        // Those of storages that no gradient reaches.
        for index in 0..self.gradients.len() {
            if let Some(buffer) = self.gradients.get(index) {
                self.begin(*buffer);
            }
        }
        self.backward = std::mem::replace(&mut self.steps, forward);
        Ok(())
    }

    /// The values at which gradients start.
    fn roots(&self, start: Start) -> Vec<(ValueId, Seed)> {
        match self.graph.loss {
            Some(loss) if start == Start::Loss && self.loss.is_some() => vec![(loss, Seed::Loss)],
            _ => {
                let outputs = self.graph.outputs.iter().enumerate();
                outputs.map(|(index, (_, value))| (*value, Seed::Output(index))).collect()
            }
        }
    }

    /// The values whose gradients are needed: those between what is trained, or an input, and a root.
    fn wanted(&self, roots: &[(ValueId, Seed)]) -> Table<ir::Value, bool> {
        let graph = self.graph;
        let mut varies: Table<ir::Value, bool> = Table::filled(&graph.values, false);
        for (id, value) in graph.values.iter() {
            if let ValueOf::Input(_) = value.of {
                varies[id] = self.options.input_gradients && self.is_float(id);
            }
        }
        for (value, storage, _) in &graph.value_storages {
            varies[*value] = graph.storages[*storage].trainable;
        }
        let trains = |node: &ir::Node| {
            let slots = node.layer.map(|layer| graph.layers[layer].slots.as_slice()).unwrap_or_default();
            slots.iter().any(|slot| graph.storages[graph.slots[*slot].storage].trainable)
        };
        for (_, node) in graph.nodes.iter() {
            let mut passing = passing(node);
            let moves = trains(node) || passing.any(|operand| varies[operand]);
            for result in &node.results {
                varies[*result] = moves && self.is_float(*result);
            }
        }
        let mut wanted: Table<ir::Value, bool> = Table::filled(&graph.values, false);
        roots.iter().for_each(|(value, _)| wanted[*value] = varies[*value]);
        for (_, node) in graph.nodes.iter().rev() {
            if node.results.iter().any(|result| wanted[*result]) {
                passing(node).for_each(|operand| wanted[operand] |= varies[operand]);
            }
        }
        wanted
    }

    fn is_float(&self, value: ValueId) -> bool {
        self.typed.of(value).element == Element::Float
    }

    fn node_backward(
        &mut self,
        call: &Call,
        operands: &[Operand],
        wanted: &Table<ir::Value, bool>,
    ) -> Result<(), PlanError> {
        let Some(id) = self.graph.nodes.nth(call.node) else { return Ok(()) };
        let node = &self.graph.nodes[id];
        if !node.results.iter().any(|result| wanted[*result]) {
            return Ok(());
        }
        let keeps = call.op.keeps();
        let mut step = Step::new(Action::Backward(call.clone()));
        // Most have a gradient.
        step.operands.reserve_exact(2 * operands.len());
        let of = |role: Role| operands.iter().filter(move |operand| operand.role == role);
        for (index, operand) in of(Role::Input).enumerate() {
            step.push(Role::Input, operand.tensor, keeps.has_input(index));
        }
        of(Role::Slot).for_each(|operand| step.push(Role::Slot, operand.tensor, true));
        of(Role::Output).for_each(|operand| step.push(Role::Output, operand.tensor, keeps.outputs));
        let saved = of(Role::Saved).count().saturating_sub(call.op.n_working());
        for (index, operand) in of(Role::Saved).enumerate() {
            step.push(Role::Saved, operand.tensor, index < saved);
        }
        of(Role::Buffer).for_each(|operand| step.push(Role::Buffer, operand.tensor, true));
        for (operand, result) in of(Role::Output).zip(&node.results) {
            let Some(tensor) = operand.tensor else { continue };
            let float = self.is_float(*result);
            // A result without a gradient of its own counts as zeros.
            let grad = if float { self.grad(tensor) } else { tensor };
            step.push(Role::GradOutput, Some(grad), float);
        }
        let mut sums = Sums::default();
        let writes = call.op.writes();
        for (index, (operand, value)) in of(Role::Input).zip(&node.operands).enumerate() {
            let added_to = wanted[*value] && call.op.passes_gradient(index);
            let tensor = operand.tensor.filter(|_| added_to);
            let grad = tensor.map(|tensor| self.target(tensor, writes.has_input(index), &mut sums));
            step.push_grad(Role::GradInput, grad);
        }
        for (index, (operand, slot)) in of(Role::Slot).zip(&self.slots(node, SlotKind::Param)).enumerate() {
            let trained = self.graph.storages[self.graph.slots[*slot].storage].trainable;
            let tensor = operand.tensor.filter(|_| trained);
            let grad = tensor.map(|tensor| self.target(tensor, writes.has_slot(index), &mut sums));
            step.push_grad(Role::GradSlot, grad);
        }
        for ty in call.op.scratch(&self.types(&node.operands), &self.types(&node.results)) {
            let tensor = self.of_type(&ty)?;
            step.push(Role::Scratch, Some(tensor), true);
        }
        self.step(step);
        for (from, to) in sums.later {
            self.to(Action::Add, Some(from), (to, false));
        }
        Ok(())
    }

    /// The gradient of the result becomes that of the operand, in the same place. `others` are the other operands, the
    /// last first.
    fn then_backward(&mut self, then: &Then, others: &[TensorId], wanted: &Table<ir::Value, bool>) {
        let Some(id) = self.graph.nodes.nth(then.call.node) else { return };
        let node = &self.graph.nodes[id];
        if !node.results.iter().any(|result| wanted[*result]) {
            return;
        }
        let grad = self.grad(then.result);
        // Of a sum, every operand has the gradient of the result.
        let values = node.operands.iter().enumerate().filter(|(at, _)| *at != then.operand).rev();
        for ((_, value), other) in values.zip(others) {
            if wanted[*value] {
                let to = self.first(*other, true);
                self.to(Action::Add, Some(grad), to);
            }
        }
        let written_over = node.operands.get(then.operand).is_some_and(|value| wanted[*value]);
        if then.call.op.follows(then.operand) == Follow::Map && written_over {
            let mut step = Step::new(Action::Through(then.call.clone())).with(Role::To, grad);
            step.push(Role::From, Some(then.result), then.call.op.keeps().outputs);
            self.step(step);
        }
    }

    /// The gradient that a node adds to, and whether it is fresh, which it may be where the node `writes` it. Where the node
    /// adds to one twice, the second time goes to memory of its own first.
    fn target(&mut self, tensor: TensorId, writes: bool, sums: &mut Sums) -> (TensorId, bool) {
        let (grad, fresh) = self.first(tensor, writes);
        let place = &self.tensors[grad];
        let (buffer, start, end) = (place.buffer, place.start, place.start + place.len());
        let taken = sums.taken.iter().any(|&(other, from, to)| other == buffer && start < to && from < end);
        if !taken {
            sums.taken.push((buffer, start, end));
            return (grad, fresh);
        }
        let own = self.new_tensor(Element::Float, place.shape.clone(), Some((usize::MAX, 0)));
        if !writes {
            self.step(Step::new(Action::Zero).with(Role::To, own));
        }
        sums.later.push((own, grad));
        (own, writes)
    }

    /// A step from one gradient to another.
    fn to(&mut self, action: Action, from: Option<TensorId>, to: (TensorId, bool)) {
        let mut step = Step::new(action);
        from.into_iter().for_each(|from| step.push(Role::From, Some(from), true));
        step.push_grad(Role::To, Some(to));
        self.step(step);
    }

    fn has_grad(&self, tensor: TensorId) -> bool {
        self.buffers[self.tensors[tensor].buffer].grad.is_some()
    }

    /// The gradient of a tensor. Where it has no value yet, it begins as 0.
    fn grad(&mut self, tensor: TensorId) -> TensorId {
        self.first(tensor, false).0
    }

    /// The gradient of a tensor for a step that adds to it, or that `writes` it where it is fresh: where it has no value
    /// yet, and the step gives one to all of it.
    fn first(&mut self, tensor: TensorId, writes: bool) -> (TensorId, bool) {
        let of = self.tensors[tensor].clone();
        let len = self.buffers[of.buffer].len;
        let buffer = if let Some(buffer) = self.buffers[of.buffer].grad {
            buffer
        } else {
            let buffer = self.new_buffer(Element::Float, len, Some((usize::MAX, 0)));
            self.buffers[of.buffer].grad = Some(buffer);
            buffer
        };
        let fresh = writes && !self.buffers[buffer].begun && (of.start, of.len()) == (0, len);
        if fresh {
            self.buffers[buffer].begun = true;
        } else {
            self.begin(buffer);
        }
        let grad = self.grads[tensor].unwrap_or_else(|| self.tensors.push(Tensor { buffer, ..of }));
        self.grads[tensor] = Some(grad);
        (grad, fresh)
    }

    /// A gradient becomes 0 if it has no value yet.
    fn begin(&mut self, buffer: BufferId) {
        if self.buffers[buffer].begun {
            return;
        }
        let Buffer { element, len, .. } = self.buffers[buffer];
        self.buffers[buffer].begun = true;
        let all = self.tensors.push(Tensor { element, shape: smallvec![len], offset: 0, buffer, start: 0 });
        self.step(Step::new(Action::Zero).with(Role::To, all));
    }

    fn input_gradients(&mut self, wanted: &Table<ir::Value, bool>) {
        for (index, input) in self.graph.inputs.iter().enumerate() {
            let Some(Some(planned)) = self.inputs.get(index) else { continue };
            if !wanted[input.value] {
                continue;
            }
            let grad = self.grad(planned.tensor);
            self.kept.push(self.tensors[grad].buffer);
            if let Some(Some(planned)) = self.inputs.get_mut(index) {
                planned.grad = Some(grad);
            }
        }
    }
}

/// The operands of a node that its gradients reach.
fn passing(node: &ir::Node) -> impl Iterator<Item = ValueId> {
    let operands = node.operands.iter().enumerate();
    operands.filter(|(index, _)| node.operator.op.passes_gradient(*index)).map(|(_, operand)| *operand)
}

/// The gradients that one node adds to.
#[derive(Default)]
struct Sums {
    taken: SmallVec<[(BufferId, usize, usize); 4]>,
    later: Vec<(TensorId, TensorId)>,
}
