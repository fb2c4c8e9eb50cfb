//! The forward steps, and the memory of everything that they read and write.

use super::bindings::{Bindings, bad_size};
use super::errors::PlanError;
use super::layout::{self, Axes, Buffer, BufferId, Tensor, TensorId};
use super::step::{Action, Role, Step};
use super::strided::{self, Strided};
use super::{Input, MAX_ELEMENTS, Member, Options, Output, Plan, Seed, Storage};
use crate::arena::{Arena, Table};
use crate::diag::primary;
use crate::infer::Typed;
use crate::ir::{self, Places, SlotId, StorageId, ValueId, ValueOf, View};
use crate::ops::{self, SlotKind};
use crate::shape::{Element, Shape, TensorType};
use foldhash::{HashMap, HashMapExt};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) struct Planner<'a> {
    pub(super) typed: &'a Typed<'a>,
    pub(super) graph: &'a ir::Graph,
    pub(super) places: &'a Places,
    pub(super) bindings: &'a Bindings,
    pub(super) options: &'a Options,
    pub(super) buffers: Arena<Buffer>,
    pub(super) tensors: Arena<Tensor>,
    pub(super) values: Table<ir::Value, Option<TensorId>>,
    /// The values that are the same in every pass.
    pub(super) constant: Table<ir::Value, bool>,
    value_views: BTreeMap<ValueId, (StorageId, &'a View)>,
    pub(super) storages: Vec<Storage>,
    /// Copies of what views see, each made once.
    pub(super) gathered: BTreeMap<(StorageId, String), TensorId>,
    constants: Vec<(TensorId, ops::Value)>,
    pub(super) inputs: Vec<Option<Input>>,
    pub(super) outputs: Vec<Output>,
    pub(super) loss: Option<TensorId>,
    pub(super) packs: Vec<Step>,
    /// The steps so far of the pass that is planned.
    pub(super) steps: Vec<Step>,
    /// How many steps come before those.
    pub(super) n_before: usize,
    pub(super) backward: Vec<Step>,
    pub(super) seeds: Vec<Seed>,
    pub(super) gradients: Vec<BufferId>,
    /// The gradient of each tensor of the forward steps.
    pub(super) grads: Table<Tensor, Option<TensorId>>,
    /// How often a node of this name was met.
    pub(super) named: HashMap<Arc<str>, u64>,
    /// Buffers that must outlive the last step.
    pub(super) kept: Vec<BufferId>,
}

impl<'a> Planner<'a> {
    pub(super) fn new(
        typed: &'a Typed<'a>,
        places: &'a Places,
        bindings: &'a Bindings,
        options: &'a Options,
    ) -> Result<Self, PlanError> {
        let graph = typed.graph();
        let mut planner = Self {
            typed,
            graph,
            places,
            bindings,
            options,
            buffers: Arena::new(),
            tensors: Arena::new(),
            values: Table::filled(&graph.values, None),
            constant: Table::filled(&graph.values, false),
            value_views: graph.value_storages.iter().map(|(value, storage, view)| (*value, (*storage, view))).collect(),
            storages: Vec::new(),
            gathered: BTreeMap::new(),
            constants: Vec::new(),
            inputs: vec![None; graph.inputs.len()],
            outputs: Vec::new(),
            loss: None,
            packs: Vec::new(),
            steps: Vec::new(),
            n_before: 0,
            backward: Vec::new(),
            seeds: Vec::new(),
            gradients: Vec::new(),
            grads: Table::default(),
            named: HashMap::with_capacity(graph.layers.len()),
            kept: Vec::new(),
        };
        planner.reserve();
        planner.storages()?;
        Ok(planner)
    }

    /// Makes room for what every node and storage has: a tensor, a step, and the same again for its gradient.
    fn reserve(&mut self) {
        let (storages, nodes) = (self.graph.storages.len(), self.graph.nodes.len());
        let passes = 1 + usize::from(self.options.start.is_some());
        self.storages.reserve(storages);
        self.steps.reserve(nodes);
        self.buffers.reserve(passes * (storages + nodes));
        self.tensors.reserve(passes * (storages + nodes));
    }

    /// Memory that is always there: the storages, and then the gradients of those that are trained.
    fn storages(&mut self) -> Result<(), PlanError> {
        for (_, storage) in self.graph.storages.iter() {
            let shape = self.shape(&storage.ty.shape)?;
            let tensor = self.new_tensor(storage.ty.element, shape.clone(), None);
            let mut members = Vec::with_capacity(storage.members.len());
            for slot in &storage.members {
                members.push(self.member(*slot, &shape)?);
            }
            self.storages.push(Storage {
                path: storage.path.clone(),
                kind: storage.kind,
                init: storage.init.substitute(&|symbol| {
                    let dim = crate::shape::Dim::symbol(symbol.clone());
                    self.bindings.size(&self.typed.types().dim(&dim)).map(Into::into)
                }),
                tensor,
                grad: None,
                use_count: storage.use_count,
                members,
            });
        }
        if self.options.start.is_some() {
            let trainable = self.graph.storages.iter().map(|(_, storage)| storage.trainable);
            for (index, _) in trainable.enumerate().filter(|(_, trainable)| *trainable) {
                let Some(tensor) = self.storages.get(index).map(|planned| planned.tensor) else { continue };
                let Tensor { shape, buffer, .. } = self.tensors[tensor].clone();
                let grad = self.new_tensor(Element::Float, shape, None);
                self.buffers[buffer].grad = Some(self.tensors[grad].buffer);
                self.gradients.push(self.tensors[grad].buffer);
                if let Some(planned) = self.storages.get_mut(index) {
                    planned.grad = Some(grad);
                }
            }
        }
        Ok(())
    }

    fn member(&self, slot: SlotId, storage: &[usize]) -> Result<Member, PlanError> {
        let slot = &self.graph.slots[slot];
        Ok(Member {
            path: slot.path.clone(),
            view: slot.view.to_string(),
            shape: self.shape(&slot.shape)?,
            copies: if slot.view.is_whole() { Vec::new() } else { self.copies(storage, &slot.view)? },
        })
    }

    /// Which nodes are needed for the outputs and the loss, and which values can be computed at all.
    fn needed(&self) -> Result<(Table<ir::Node, bool>, Option<ValueId>), PlanError> {
        let graph = self.graph;
        let mut missing: Table<ir::Value, Option<usize>> = Table::filled(&graph.values, None);
        for (index, input) in graph.inputs.iter().enumerate() {
            missing[input.value] = self.options.absent.contains(&index).then_some(index);
        }
        for (_, node) in graph.nodes.iter() {
            let absent = node.operands.iter().find_map(|operand| missing[*operand]);
            node.results.iter().for_each(|result| missing[*result] = absent);
        }
        for ((name, value), place) in graph.outputs.iter().zip(&self.places.outputs) {
            if let Some(input) = missing[*value].and_then(|index| graph.inputs.get(index)) {
                return Err(PlanError::MissingInput {
                    output: name.clone(),
                    input: input.name.clone(),
                    labels: vec![primary(*place, "this output")],
                });
            }
        }
        let loss = graph.loss.filter(|loss| missing[*loss].is_none());
        let mut wanted: Table<ir::Value, bool> = Table::filled(&graph.values, false);
        graph.outputs.iter().map(|(_, value)| *value).chain(loss).for_each(|value| wanted[value] = true);
        let mut needed: Table<ir::Node, bool> = Table::filled(&graph.nodes, false);
        for (id, node) in graph.nodes.iter().rev() {
            let computed = node.results.iter().all(|result| missing[*result].is_none());
            let updates = computed && !self.slots(node, SlotKind::Buffer).is_empty();
            if updates || node.results.iter().any(|result| wanted[*result]) {
                needed[id] = true;
                node.operands.iter().for_each(|operand| wanted[*operand] = true);
            }
        }
        Ok((needed, loss))
    }

    pub(super) fn forward(&mut self) -> Result<(), PlanError> {
        let (needed, loss) = self.needed()?;
        for (id, _) in self.graph.nodes.iter() {
            if needed[id] {
                self.node(id)?;
            }
        }
        for (name, value) in &self.graph.outputs {
            let tensor = self.value(*value)?;
            self.keep_constant(*value);
            self.kept.push(self.tensors[tensor].buffer);
            self.outputs.push(Output { name: name.clone(), tensor });
        }
        if let Some(loss) = loss {
            let tensor = self.value(loss)?;
            self.keep_constant(loss);
            self.kept.push(self.tensors[tensor].buffer);
            self.loss = Some(tensor);
        }
        Ok(())
    }

    /// What every pass reads of a constant must outlive the first one, which makes it.
    pub(super) fn keep_constant(&mut self, value: ValueId) {
        if let Some(tensor) = self.values[value].filter(|_| self.constant[value]) {
            let buffer = self.tensors[tensor].buffer;
            self.buffers[buffer].live = None;
        }
    }

    /// Where a value lies. Results of nodes have their place already.
    pub(super) fn value(&mut self, id: ValueId) -> Result<TensorId, PlanError> {
        if let Some(tensor) = self.values[id] {
            return Ok(tensor);
        }
        let tensor = match &self.graph.values[id].of {
            ValueOf::Storage(_) => match self.value_views.get(&id) {
                Some(&(storage, view)) => self.seen(storage, view)?,
                None => self.of_type(&self.typed.of(id))?,
            },
            ValueOf::Scalar(value) => {
                let tensor = self.new_tensor(self.typed.of(id).element, Axes::new(), None);
                let value = match value {
                    ops::Value::Int(dim) => match self.bindings.size(&self.typed.types().dim(dim)) {
                        Some(size) => ops::Value::Int(size.into()),
                        None => value.clone(),
                    },
                    other => other.clone(),
                };
                self.constants.push((tensor, value));
                self.constant[id] = true;
                tensor
            }
            ValueOf::Input(index) => {
                let tensor = self.of_type(&self.typed.of(id))?;
                let buffer = self.tensors[tensor].buffer;
                // It is written before the first step.
                self.buffers[buffer].live = Some((0, 0));
                if let Some(entry) = self.inputs.get_mut(*index) {
                    *entry = Some(Input { tensor, grad: None });
                }
                tensor
            }
            ValueOf::Result(..) => self.of_type(&self.typed.of(id))?,
        };
        self.values[id] = Some(tensor);
        Ok(tensor)
    }

    pub(super) fn slot(&mut self, id: SlotId) -> Result<TensorId, PlanError> {
        let slot = &self.graph.slots[id];
        self.seen(slot.storage, &slot.view)
    }

    /// What a view sees of a storage: a part of its memory if that is dense, else a copy.
    fn seen(&mut self, storage: StorageId, view: &View) -> Result<TensorId, PlanError> {
        let Some(planned) = self.storages.get(storage.index()) else { return self.of_type(&TensorType::float([])) };
        if view.is_whole() {
            return Ok(planned.tensor);
        }
        let key = (storage, view.to_string());
        if let Some(tensor) = self.gathered.get(&key) {
            return Ok(*tensor);
        }
        let mut from = planned.tensor;
        let copies = self.copies(&self.tensors[from].shape.clone(), view)?;
        for copy in copies {
            let source = self.tensors[from].clone();
            from = if copy.is_dense() {
                self.tensors.push(Tensor { start: source.start + copy.start, shape: copy.shape.into(), ..source })
            } else {
                let to = self.new_tensor(source.element, Axes::from_slice(&copy.shape), Some((usize::MAX, 0)));
                self.step(Step::new(Action::Gather(copy)).with(Role::From, from).with(Role::To, to));
                to
            };
        }
        self.gathered.insert(key, from);
        Ok(from)
    }

    pub(super) fn copies(&self, storage: &[usize], view: &View) -> Result<Vec<Strided>, PlanError> {
        let size = |dim: &crate::shape::Dim| {
            self.bindings.size(&self.typed.types().dim(dim)).and_then(|size| usize::try_from(size).ok())
        };
        strided::copies(storage, view, size, |shape| shape.iter().map(size).collect())
            .ok_or_else(|| bad_size(view.to_string(), &crate::shape::Dim::INVALID, self.places))
    }

    pub(super) fn model_place(&self) -> crate::span::Span {
        self.places.model
    }

    pub(super) fn step(&mut self, step: Step) {
        let time = self.n_before + self.steps.len() + 1;
        for operand in &step.operands {
            if let Some(tensor) = operand.tensor.filter(|_| operand.present) {
                let buffer = self.tensors[tensor].buffer;
                self.touch(buffer, time);
            }
        }
        self.steps.push(step);
    }

    fn touch(&mut self, buffer: BufferId, time: usize) {
        if let Some((first, last)) = &mut self.buffers[buffer].live {
            (*first, *last) = ((*first).min(time), (*last).max(time));
        }
    }

    pub(super) fn shape(&self, shape: &Shape) -> Result<Axes, PlanError> {
        let shape = self.bindings.shape(shape, self.typed, self.places)?;
        // Steps along other axes are multiplied even where one axis has no elements.
        let count = shape.iter().try_fold(1u128, |product, size| product.checked_mul((*size).max(1) as u128));
        if count.is_none_or(|count| count > MAX_ELEMENTS as u128) {
            let count = count.map_or_else(|| "2^128 or more".to_owned(), |count| count.to_string());
            let labels = vec![primary(self.places.model, "with the sizes that are given")];
            return Err(PlanError::TooLarge { shape: format!("{shape:?}"), count, limit: MAX_ELEMENTS, labels });
        }
        Ok(shape)
    }

    pub(super) fn of_type(&mut self, ty: &TensorType) -> Result<TensorId, PlanError> {
        let shape = self.shape(&ty.shape)?;
        Ok(self.new_tensor(ty.element, shape, Some((usize::MAX, 0))))
    }

    pub(super) fn new_tensor(&mut self, element: Element, shape: Axes, live: Option<(usize, usize)>) -> TensorId {
        let buffer = self.new_buffer(element, shape.iter().product(), live);
        self.tensors.push(Tensor { element, shape, offset: 0, buffer, start: 0 })
    }

    pub(super) fn new_buffer(&mut self, element: Element, len: usize, live: Option<(usize, usize)>) -> BufferId {
        self.buffers.push(Buffer { element, len, live, offset: 0, grad: None, begun: false })
    }

    /// Gives everything its place.
    #[allow(clippy::panic, reason = "debug and test builds stop where an invariant breaks")]
    pub(super) fn finish(mut self) -> Plan {
        let end = self.steps.len() + self.backward.len() + 1;
        for buffer in std::mem::take(&mut self.kept) {
            self.touch(buffer, end);
        }
        for id in self.buffers.ids() {
            // What no step touches needs a place all the same: it is an input that is an output.
            if let Some((first, last)) = &mut self.buffers[id].live
                && *first > *last
            {
                (*first, *last) = (0, end);
            }
        }
        let sizes = layout::assign(&mut self.buffers);
        for id in self.tensors.ids() {
            self.tensors[id].offset = self.buffers[self.tensors[id].buffer].offset + self.tensors[id].start;
        }
        if cfg!(debug_assertions) {
            for step in self.packs.iter().chain(&self.steps).chain(&self.backward) {
                for element in Element::ALL {
                    if let Err(message) = step.regions(element, &self.tensors) {
                        panic!("{message} in {:?}", step.action);
                    }
                }
            }
        }
        let place = |id: &BufferId| self.buffers[*id].offset..self.buffers[*id].offset + self.buffers[*id].len;
        let gradients = match (self.gradients.first(), self.gradients.last()) {
            (Some(first), Some(last)) => place(first).start..place(last).end,
            _ => 0..0,
        };
        Plan {
            sizes,
            gradients,
            tensors: self.tensors,
            storages: self.storages,
            constants: self.constants,
            inputs: self.inputs,
            outputs: self.outputs,
            loss: self.loss,
            pack: self.packs,
            forward: self.steps,
            backward: self.backward,
            seeds: self.seeds,
        }
    }
}
