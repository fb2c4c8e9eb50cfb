//! Runs a plan: forward, and backward into the gradients of storages and inputs. All memory is allocated when the
//! machine is made; a step allocates nothing.

mod carve;
mod float;
mod lists;

pub use float::Float;

use crate::ops::{DataError, Mode, Value};
use crate::plan::{Action, Plan, Role, Seed, Step, Strided, TensorId};
use crate::shape::Element;
use crate::tensor::nest::{Nest, dense_steps};
use crate::tensor::random::{Key, Stream};
use crate::tensor::{Slice, SliceMut, View};
use carve::carve;
use lists::Lists;
use std::ops::Range;

/// The memory of one model, and what runs in it.
#[derive(Debug)]
pub struct Machine<'p, T> {
    plan: &'p Plan,
    floats: Vec<T>,
    ints: Vec<i64>,
    bools: Vec<bool>,
    seed: u64,
    /// How many forward passes there were.
    passes: u64,
    /// The constants are there: a whole pass has made them.
    has_constants: bool,
}

/// A step met data that it can't take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepError {
    /// The index of the node in the graph.
    pub node: usize,
    /// The layer's path, or the operator's name.
    pub name: String,
    pub error: DataError,
}

/// There isn't as much memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfMemory;

impl<'p, T: Float> Machine<'p, T> {
    /// Storages have their initial values, each drawn from a stream of its own.
    pub fn new(plan: &'p Plan, seed: u64) -> Result<Self, OutOfMemory> {
        let mut machine = Self {
            plan,
            floats: filled(plan.sizes.floats, T::zero())?,
            ints: filled(plan.sizes.ints, 0)?,
            bools: filled(plan.sizes.bools, false)?,
            seed,
            passes: 0,
            has_constants: false,
        };
        for storage in &plan.storages {
            let tensor = &plan.tensors[storage.tensor];
            let mut stream = Stream::new(seed, storage.path.as_str());
            if let SliceMut::Float(out) = machine.slice_mut(storage.tensor) {
                storage.init.fill(&tensor.shape, &mut stream, out);
                continue;
            }
            let mut values = filled(tensor.len(), 0.0)?;
            storage.init.fill(&tensor.shape, &mut stream, &mut values);
            match machine.slice_mut(storage.tensor) {
                SliceMut::Int(out) => out.iter_mut().zip(&values).for_each(|(out, value)| *out = *value as i64),
                SliceMut::Bool(out) => out.iter_mut().zip(&values).for_each(|(out, value)| *out = *value != 0.0),
                SliceMut::Float(_) => {}
            }
        }
        for (tensor, value) in &plan.constants {
            match (machine.slice_mut(*tensor), value) {
                (SliceMut::Float(out), Value::Float(value)) => out.fill(T::from_f64(*value)),
                (SliceMut::Int(out), Value::Int(value)) => out.fill(value.as_const().unwrap_or(0)),
                (SliceMut::Bool(out), Value::Bool(value)) => out.fill(*value),
                _ => {}
            }
        }
        Ok(machine)
    }

    #[must_use]
    pub fn plan(&self) -> &'p Plan {
        self.plan
    }

    /// The elements of a tensor, as the steps so far left them.
    #[must_use]
    pub fn view(&self, id: TensorId) -> View<'_, T> {
        let tensor = &self.plan.tensors[id];
        let range = tensor.range();
        let data = match tensor.element {
            Element::Float => Slice::Float(self.floats.get(range).unwrap_or(&[])),
            Element::Int => Slice::Int(self.ints.get(range).unwrap_or(&[])),
            Element::Bool => Slice::Bool(self.bools.get(range).unwrap_or(&[])),
        };
        View { shape: &tensor.shape, data }
    }

    /// To write inputs and storages before a pass.
    pub fn slice_mut(&mut self, id: TensorId) -> SliceMut<'_, T> {
        let tensor = &self.plan.tensors[id];
        let range = tensor.range();
        match tensor.element {
            Element::Float => SliceMut::Float(self.floats.get_mut(range).unwrap_or(&mut [])),
            Element::Int => SliceMut::Int(self.ints.get_mut(range).unwrap_or(&mut [])),
            Element::Bool => SliceMut::Bool(self.bools.get_mut(range).unwrap_or(&mut [])),
        }
    }

    /// All floats; their addresses are those of the plan.
    pub fn floats_mut(&mut self) -> &mut [T] {
        &mut self.floats
    }

    /// All floats of the storages, and the gradients of those that are trained, as the plan lays them out.
    pub fn trained(&mut self) -> (&mut [T], &mut [T]) {
        let len = self.plan.gradients.len();
        let start = self.plan.gradients.start.min(self.floats.len());
        let (storages, rest) = self.floats.split_at_mut(start);
        (storages, rest.get_mut(..len).unwrap_or(&mut []))
    }

    /// All floats of the storages, in their order.
    pub fn storages_mut(&mut self) -> &mut [T] {
        let end = self.plan.storage_floats();
        self.floats.get_mut(..end).unwrap_or(&mut [])
    }

    /// The next forward pass is the one with this number, on which random numbers hang.
    pub fn seek(&mut self, pass: u64) {
        self.passes = pass;
    }

    /// Computes the outputs, and the loss if there is one.
    pub fn forward(&mut self, mode: Mode) -> Result<(), StepError> {
        self.forward_steps(0..self.plan.forward.len(), mode)?;
        self.passes += 1;
        self.has_constants = true;
        Ok(())
    }

    /// Some of the steps of a forward pass. Done again, they draw the same random numbers again.
    pub fn forward_steps(&mut self, steps: Range<usize>, mode: Mode) -> Result<(), StepError> {
        let plan = self.plan;
        for step in plan.forward.get(steps).unwrap_or_default() {
            if !(step.once && self.has_constants) {
                self.step(step, mode, &|_| None)?;
            }
        }
        Ok(())
    }

    /// Computes the gradients, which start as `seeds` says; where it says nothing, from ones.
    pub fn backward(&mut self, mode: Mode, seeds: &dyn Fn(Seed) -> Option<Vec<T>>) -> Result<(), StepError> {
        self.backward_steps(0..self.plan.backward.len(), mode, seeds)
    }

    /// Some of the steps of a backward pass. With the first one the gradients of all storages become 0.
    pub fn backward_steps(
        &mut self,
        steps: Range<usize>,
        mode: Mode,
        seeds: &dyn Fn(Seed) -> Option<Vec<T>>,
    ) -> Result<(), StepError> {
        let plan = self.plan;
        if steps.start == 0
            && let Some(gradients) = self.floats.get_mut(plan.gradients.clone())
        {
            gradients.fill(T::zero());
        }
        for step in plan.backward.get(steps).unwrap_or_default() {
            self.step(step, mode, seeds)?;
        }
        Ok(())
    }

    fn step(&mut self, step: &Step, mode: Mode, seeds: &dyn Fn(Seed) -> Option<Vec<T>>) -> Result<(), StepError> {
        match &step.action {
            Action::Forward(call) => {
                // Each pass and each call has numbers of its own.
                let random = Key { seed: self.seed, name: &call.name, index: self.passes << 32 | call.index };
                let mut lists = self.lists(step);
                T::forward(&*call.op, lists.forward(mode, random)).map_err(|error| StepError {
                    node: call.node,
                    name: call.name.to_string(),
                    error,
                })?;
                lists.then(|then, y, others| T::follow(&*then.call.op, then.operand, y, others));
            }
            Action::Through(call) => {
                let (y, grad) = pair(&mut self.floats, step);
                T::through(&*call.op, grad, y);
            }
            Action::Backward(call) => T::backward(&*call.op, self.lists(step).backward(mode)),
            Action::Zero => self.to(step).fill(T::zero()),
            Action::Seed(seed) => {
                let to = self.to(step);
                match seeds(*seed) {
                    Some(values) => to.iter_mut().zip(values).for_each(|(to, value)| *to += value),
                    None => to.iter_mut().for_each(|to| *to += T::one()),
                }
            }
            Action::Add => {
                let (from, to) = pair(&mut self.floats, step);
                to.iter_mut().zip(from).for_each(|(to, from)| *to += *from);
            }
            Action::Gather(view) => {
                gather(&mut self.floats, step, 0, view);
                gather(&mut self.ints, step, 1, view);
                gather(&mut self.bools, step, 2, view);
            }
            Action::Put(view) => {
                put(&mut self.floats, step, 0, view);
                put(&mut self.ints, step, 1, view);
                put(&mut self.bools, step, 2, view);
            }
            Action::Scatter(view) => {
                let (from, to) = pair(&mut self.floats, step);
                each(view, |seen, dense| {
                    if let (Some(to), Some(from)) = (to.get_mut(seen), from.get(dense)) {
                        *to += *from;
                    }
                });
            }
        }
        Ok(())
    }

    fn lists<'a>(&'a mut self, step: &'a Step) -> Lists<'a, T> {
        let mut lists = Lists::new(step, &self.plan.tensors);
        let [floats, ints, bools] = &step.regions;
        carve(&mut self.floats, floats, |index, part| lists.put(index, part.map(Slice::Float, SliceMut::Float)));
        carve(&mut self.ints, ints, |index, part| lists.put(index, part.map(Slice::Int, SliceMut::Int)));
        carve(&mut self.bools, bools, |index, part| lists.put(index, part.map(Slice::Bool, SliceMut::Bool)));
        lists
    }

    /// The only operand of a step that writes floats.
    fn to(&mut self, step: &Step) -> &mut [T] {
        let tensor = step.operands.first().and_then(|operand| operand.tensor);
        let range = tensor.map_or(0..0, |id| self.plan.tensors[id].range());
        self.floats.get_mut(range).unwrap_or(&mut [])
    }
}

/// `From` and `To` of a step over one arena.
fn pair<'a, E>(memory: &'a mut [E], step: &Step) -> (&'a [E], &'a mut [E]) {
    pair_at(memory, step, 0)
}

fn pair_at<'a, E>(memory: &'a mut [E], step: &Step, arena: usize) -> (&'a [E], &'a mut [E]) {
    let mut found: (&[E], &mut [E]) = (&[], &mut []);
    let regions = step.regions.get(arena).map_or(&[][..], Vec::as_slice);
    carve(memory, regions, |index, part| match (part, step.operands.get(index).map(|operand| operand.role)) {
        (carve::Part::Read(from), Some(Role::From)) => found.0 = from,
        (carve::Part::Write(to), Some(Role::To)) => found.1 = to,
        _ => {}
    });
    found
}

fn gather<E: Copy>(memory: &mut [E], step: &Step, arena: usize, view: &Strided) {
    let (from, to) = pair_at(memory, step, arena);
    if to.is_empty() {
        return;
    }
    each(view, |seen, dense| {
        if let (Some(to), Some(from)) = (to.get_mut(dense), from.get(seen)) {
            *to = *from;
        }
    });
}

fn put<E: Copy>(memory: &mut [E], step: &Step, arena: usize, view: &Strided) {
    let (from, to) = pair_at(memory, step, arena);
    if to.is_empty() {
        return;
    }
    each(view, |seen, dense| {
        if let (Some(to), Some(from)) = (to.get_mut(seen), from.get(dense)) {
            *to = *from;
        }
    });
}

/// Calls `visit` with the place of each element that is seen, and its place among those.
fn each(view: &Strided, mut visit: impl FnMut(usize, usize)) {
    let nest = Nest::new(&view.shape, [&view.steps, &dense_steps(&view.shape)]);
    nest.for_each_run(|[seen, dense], length, [step, next]| {
        for index in 0..length {
            visit(view.start + seen + index * step, dense + index * next);
        }
    });
}

fn filled<E: Clone>(len: usize, value: E) -> Result<Vec<E>, OutOfMemory> {
    let mut memory = Vec::new();
    memory.try_reserve_exact(len).map_err(|_| OutOfMemory)?;
    memory.resize(len, value);
    Ok(memory)
}
