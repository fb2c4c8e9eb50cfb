//! The forward step of one node: its operator with numbers for its sizes, and the memory of what it reads and writes.

use super::errors::PlanError;
use super::forward::Planner;
use super::layout::{Axes, Tensor, TensorId};
use super::step::{Action, Call, Role, Step};
use super::strided::Strided;
use crate::diag::primary;
use crate::ir::{self, NodeId, SlotId, ValueId};
use crate::ops::{Attributes, HangsOn, Op, SlotKind};
use crate::shape::TensorType;
use smallvec::SmallVec;
use std::sync::Arc;

impl Planner<'_> {
    pub(super) fn node(&mut self, id: NodeId) -> Result<(), PlanError> {
        let node = &self.graph.nodes[id];
        let op = &node.operator.op;
        let mut operands: SmallVec<[TensorId; 4]> = SmallVec::new();
        for operand in &node.operands {
            operands.push(self.value(*operand)?);
        }
        let (inputs, results) = (self.types(&node.operands), self.types(&node.results));
        if op.is_reshape()
            && (op.passes_gradient(0) || !self.options.separate_constants)
            && let ([operand, ..], [result], [ty]) = (operands.as_slice(), node.results.as_slice(), results.as_slice())
        {
            let shape = self.shape(&ty.shape)?;
            let tensor = Tensor { shape, ..self.tensors[*operand].clone() };
            self.values[*result] = Some(self.tensors.push(tensor));
            self.constant[*result] = node.operands.first().is_some_and(|operand| self.constant[*operand]);
            return Ok(());
        }
        let is_constant = self.is_constant(node);
        if !is_constant {
            node.operands.iter().for_each(|operand| self.keep_constant(*operand));
        }
        let slots = self.slots(node, SlotKind::Param);
        let mut step = Step::new(Action::Forward(self.call(id)?));
        step.operands.reserve_exact(operands.len() + slots.len() + results.len());
        operands.iter().for_each(|tensor| step.push(Role::Input, Some(*tensor), true));
        for slot in slots {
            step.push(Role::Slot, Some(self.slot(slot)?), true);
        }
        for (result, ty) in node.results.iter().zip(&results) {
            let tensor = self.of_type(ty)?;
            self.values[*result] = Some(tensor);
            self.constant[*result] = is_constant;
            step.push(Role::Output, Some(tensor), true);
        }
        let spares = self.options.start.is_none() && op.spares_saved();
        for ty in op.saved(&inputs, &results) {
            if spares {
                step.push(Role::Saved, None, false);
                continue;
            }
            let tensor = self.of_type(&ty)?;
            step.push(Role::Saved, Some(tensor), true);
        }
        let mut put = Vec::new();
        for slot in self.slots(node, SlotKind::Buffer) {
            let tensor = self.buffer(slot, &step, &mut put)?;
            step.push(Role::Buffer, Some(tensor), true);
        }
        step.once = is_constant;
        self.step(step);
        for (view, from, to) in put.into_iter().rev() {
            self.step(Step::new(Action::Put(view)).with(Role::From, from).with(Role::To, to));
        }
        Ok(())
    }

    pub(super) fn types(&self, values: &[ValueId]) -> SmallVec<[TensorType; 2]> {
        values.iter().map(|value| self.typed.of(*value)).collect()
    }

    /// Whether a node gives the same in every pass.
    fn is_constant(&self, node: &ir::Node) -> bool {
        let has_slots = node.layer.is_some_and(|layer| !self.graph.layers[layer].slots.is_empty());
        match node.operator.op.hangs_on() {
            HangsOn::Nothing => !has_slots,
            HangsOn::Operands => !has_slots && node.operands.iter().all(|operand| self.constant[*operand]),
            HangsOn::Random => false,
        }
    }

    /// The slots of a node that are params, or those that are buffers.
    pub(super) fn slots(&self, node: &ir::Node, kind: SlotKind) -> SmallVec<[SlotId; 4]> {
        let slots = node.layer.map(|layer| self.graph.layers[layer].slots.as_slice()).unwrap_or_default();
        slots.iter().copied().filter(|slot| self.graph.slots[*slot].kind == kind).collect()
    }

    /// The operator with numbers for the symbols in its attributes.
    fn operator(&self, node: &ir::Node) -> Result<Arc<dyn Op>, PlanError> {
        let layer = node.layer.map(|layer| &self.graph.layers[layer].operator);
        let symbolic = |operator: &ir::Operator| operator.attributes.is_symbolic();
        if !symbolic(&node.operator) && !layer.is_some_and(symbolic) {
            return Ok(node.operator.op.clone());
        }
        let known =
            |attributes: &Attributes| attributes.map(&|dim| self.bindings.substitute(&self.typed.types().dim(dim)));
        let attributes = known(&node.operator.attributes);
        let built = match layer {
            Some(layer) => (layer.op.def().build)(&known(&layer.attributes))
                .and_then(|op| op.at_call(&attributes).map(|at_call| at_call.unwrap_or(op))),
            None => (node.operator.op.def().build)(&attributes),
        };
        built.map_err(|error| PlanError::Attribute {
            message: error.message,
            labels: vec![primary(self.places.model, "with the sizes that are given")],
        })
    }

    fn call(&mut self, id: NodeId) -> Result<Call, PlanError> {
        let node = &self.graph.nodes[id];
        let op = self.operator(node)?;
        let name = match node.layer {
            Some(layer) => self.graph.layers[layer].path.shared(),
            None => {
                let name = node.operator.op.def().name;
                self.named.get_key_value(name).map_or_else(|| name.into(), |(known, _)| known.clone())
            }
        };
        let count = self.named.entry(name.clone()).or_insert(0);
        let index = *count;
        *count += 1;
        Ok(Call { op, node: id.index(), name, index })
    }

    /// Where a node reads and writes a slot that is a buffer. What can't be written in place is copied, and `put` back in
    /// reverse after the node.
    fn buffer(
        &mut self,
        slot: SlotId,
        step: &Step,
        put: &mut Vec<(Strided, TensorId, TensorId)>,
    ) -> Result<TensorId, PlanError> {
        let slot = &self.graph.slots[slot];
        let Some(planned) = self.storages.get(slot.storage.index()) else {
            return self.of_type(&TensorType::float([]));
        };
        let mut from = planned.tensor;
        // What was copied of the storage before is no longer what it holds.
        let copied: Vec<_> = self
            .gathered
            .range((slot.storage, String::new())..)
            .take_while(|((storage, _), _)| *storage == slot.storage)
            .map(|(key, _)| key.clone())
            .collect();
        for key in copied {
            self.gathered.remove(&key);
        }
        for copy in self.copies(&self.tensors[from].shape.clone(), &slot.view)? {
            let source = self.tensors[from].clone();
            let dense =
                Tensor { start: source.start + copy.start, shape: Axes::from_slice(&copy.shape), ..source.clone() };
            if copy.is_dense() && !self.overlaps(step, &dense) {
                from = self.tensors.push(dense);
                continue;
            }
            let to = self.new_tensor(source.element, Axes::from_slice(&copy.shape), Some((usize::MAX, 0)));
            self.step(Step::new(Action::Gather(copy.clone())).with(Role::From, from).with(Role::To, to));
            put.push((copy, to, from));
            from = to;
        }
        Ok(from)
    }

    /// Whether a step has an operand in this place already.
    fn overlaps(&self, step: &Step, tensor: &Tensor) -> bool {
        step.operands.iter().filter_map(|operand| operand.tensor).any(|id| {
            let other = &self.tensors[id];
            other.buffer == tensor.buffer
                && other.start < tensor.start + tensor.len()
                && tensor.start < other.start + other.len()
        })
    }
}
