//! Runs a plan: forward, and backward into the gradients of storages and inputs. All memory is allocated when the
//! machine is made; a step allocates nothing.

mod float;
mod lists;
mod program;

pub use float::Float;

use crate::ops::{DataError, Forward, Mode, Value};
use crate::plan::{Action, Plan, Seed, Step, Strided, TensorId, Then};
use crate::shape::Element;
use crate::tensor::gemm::Matrix;
use crate::tensor::nest::{Nest, dense_steps};
use crate::tensor::random::{Key, Stream};
use crate::tensor::{Slice, SliceMut, View, panels};
use lists::Lists;
use program::{Memory, Program};
use std::ops::Range;

/// The memory of one model, and what runs in it.
#[derive(Debug)]
pub struct Machine<'p, T> {
    plan: &'p Plan,
    memory: Memory<T>,
    pack: Vec<Program<'p, T>>,
    forward: Vec<Program<'p, T>>,
    backward: Vec<Program<'p, T>>,
    seed: u64,
    /// How many forward passes there were.
    passes: u64,
    /// The constants are there: a whole pass has made them.
    has_constants: bool,
    storage_floats: usize,
    /// No storage has changed since the panels were made.
    has_panels: bool,
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
        let programs = |steps: &'p [Step]| steps.iter().map(|step| Program::new(step, &plan.tensors)).collect();
        let mut machine = Self {
            plan,
            memory: Memory {
                floats: filled(plan.sizes.floats, T::zero())?,
                ints: filled(plan.sizes.ints, 0)?,
                bools: filled(plan.sizes.bools, false)?,
            },
            pack: programs(&plan.pack),
            forward: programs(&plan.forward),
            backward: programs(&plan.backward),
            seed,
            passes: 0,
            has_constants: false,
            storage_floats: plan.storage_floats(),
            has_panels: false,
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
            Element::Float => Slice::Float(self.memory.floats.get(range).unwrap_or(&[])),
            Element::Int => Slice::Int(self.memory.ints.get(range).unwrap_or(&[])),
            Element::Bool => Slice::Bool(self.memory.bools.get(range).unwrap_or(&[])),
        };
        View { shape: &tensor.shape, data }
    }

    /// To write inputs and storages before a pass.
    pub fn slice_mut(&mut self, id: TensorId) -> SliceMut<'_, T> {
        let tensor = &self.plan.tensors[id];
        let range = tensor.range();
        self.has_panels &= range.start >= self.storage_floats || tensor.element != Element::Float;
        match tensor.element {
            Element::Float => SliceMut::Float(self.memory.floats.get_mut(range).unwrap_or(&mut [])),
            Element::Int => SliceMut::Int(self.memory.ints.get_mut(range).unwrap_or(&mut [])),
            Element::Bool => SliceMut::Bool(self.memory.bools.get_mut(range).unwrap_or(&mut [])),
        }
    }

    /// All floats; their addresses are those of the plan.
    pub fn floats_mut(&mut self) -> &mut [T] {
        self.has_panels = false;
        &mut self.memory.floats
    }

    /// All floats of the storages, and the gradients of those that are trained, as the plan lays them out.
    pub fn trained(&mut self) -> (&mut [T], &mut [T]) {
        self.has_panels = false;
        let len = self.plan.gradients.len();
        let start = self.plan.gradients.start.min(self.memory.floats.len());
        let (storages, rest) = self.memory.floats.split_at_mut(start);
        (storages, rest.get_mut(..len).unwrap_or(&mut []))
    }

    /// All floats of the storages, in their order.
    pub fn storages_mut(&mut self) -> &mut [T] {
        self.has_panels = false;
        self.memory.floats.get_mut(..self.storage_floats).unwrap_or(&mut [])
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
        let pass = Pass { mode, seed: self.seed, number: self.passes, seeds: &|_| None };
        if !std::mem::replace(&mut self.has_panels, true) {
            for program in &self.pack {
                pass.step(program, &mut self.memory)?;
            }
        }
        for program in self.forward.get(steps).unwrap_or_default() {
            if !(program.step.once && self.has_constants) {
                pass.step(program, &mut self.memory)?;
            }
        }
        Ok(())
    }

    /// Computes the gradients, which start as `seeds` says; where it says nothing, from ones.
    pub fn backward(&mut self, mode: Mode, seeds: &dyn Fn(Seed) -> Option<Vec<T>>) -> Result<(), StepError> {
        self.backward_steps(0..self.plan.backward.len(), mode, seeds)
    }

    /// Some of the steps of a backward pass. The gradients are those of the pass when all of them are done in their order.
    pub fn backward_steps(
        &mut self,
        steps: Range<usize>,
        mode: Mode,
        seeds: &dyn Fn(Seed) -> Option<Vec<T>>,
    ) -> Result<(), StepError> {
        let pass = Pass { mode, seed: self.seed, number: self.passes, seeds };
        for program in self.backward.get(steps).unwrap_or_default() {
            pass.step(program, &mut self.memory)?;
        }
        Ok(())
    }
}

/// What holds for all steps of a pass.
struct Pass<'a, T> {
    mode: Mode,
    seed: u64,
    number: u64,
    seeds: &'a dyn Fn(Seed) -> Option<Vec<T>>,
}

impl<T: Float> Pass<'_, T> {
    fn step(&self, program: &Program<'_, T>, memory: &mut Memory<T>) -> Result<(), StepError> {
        let mode = self.mode;
        match &program.step.action {
            Action::Forward(call) => {
                // Each pass and each call has numbers of its own.
                let random = Key { seed: self.seed, name: &call.name, index: self.number << 32 | call.index };
                let mut lists = Lists::new();
                lists.fill(program, memory);
                let follow = |then: &Then, y: &mut [T], others: &[View<T>]| {
                    T::follow(&*then.call.op, then.operand, y, others);
                };
                let run = |cx: Forward<T>| T::forward(&*call.op, cx);
                let done = lists.forward(program, mode, random, run, follow);
                done.map_err(|error| StepError { node: call.node, name: call.name.to_string(), error })?;
            }
            Action::Backward(call) => {
                let mut lists = Lists::new();
                lists.fill(program, memory);
                T::backward(&*call.op, lists.backward(program, mode));
            }
            Action::Through(call) => {
                let [y, grad] = pair(&mut memory.floats, program);
                T::through(&*call.op, grad, y);
            }
            Action::Zero => to(&mut memory.floats, program).fill(T::zero()),
            Action::Seed(seed) => {
                let to = to(&mut memory.floats, program);
                if program.to_is_fresh {
                    to.fill(T::zero());
                }
                match (self.seeds)(*seed) {
                    Some(values) => to.iter_mut().zip(values).for_each(|(to, value)| *to += value),
                    None => to.iter_mut().for_each(|to| *to += T::one()),
                }
            }
            Action::Add => {
                let [from, to] = pair(&mut memory.floats, program);
                if program.to_is_fresh {
                    to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
                } else {
                    to.iter_mut().zip(from).for_each(|(to, from)| *to += *from);
                }
            }
            Action::Gather(view) => match program.element {
                Element::Float => gather(&mut memory.floats, program, view),
                Element::Int => gather(&mut memory.ints, program, view),
                Element::Bool => gather(&mut memory.bools, program, view),
            },
            Action::Put(view) => match program.element {
                Element::Float => put(&mut memory.floats, program, view),
                Element::Int => put(&mut memory.ints, program, view),
                Element::Bool => put(&mut memory.bools, program, view),
            },
            Action::Pack { transposed } => {
                let [from, to] = pair(&mut memory.floats, program);
                if let Some([rows, columns]) = program.reads.first().map(|from| from.shape) {
                    let matrix = Matrix::new(from, *rows, *columns);
                    panels::pack(if *transposed { matrix.t() } else { matrix }, to);
                }
            }
            Action::Scatter(view) => {
                let [from, to] = pair(&mut memory.floats, program);
                each(view, |seen, dense| {
                    if let (Some(to), Some(from)) = (to.get_mut(seen), from.get(dense)) {
                        *to += *from;
                    }
                });
            }
        }
        Ok(())
    }
}

/// The `To` of a step.
fn to<'a, T, E>(memory: &'a mut [E], program: &Program<'_, T>) -> &'a mut [E] {
    memory.get_mut(program.to.clone()).unwrap_or(&mut [])
}

/// The `From` and the `To` of a step.
fn pair<'a, T, E>(memory: &'a mut [E], program: &Program<'_, T>) -> [&'a mut [E]; 2] {
    memory.get_disjoint_mut([program.from.clone(), program.to.clone()]).unwrap_or_default()
}

fn gather<T, E: Copy>(memory: &mut [E], program: &Program<'_, T>, view: &Strided) {
    let [from, to] = pair(memory, program);
    each(view, |seen, dense| {
        if let (Some(to), Some(from)) = (to.get_mut(dense), from.get(seen)) {
            *to = *from;
        }
    });
}

fn put<T, E: Copy>(memory: &mut [E], program: &Program<'_, T>, view: &Strided) {
    let [from, to] = pair(memory, program);
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
