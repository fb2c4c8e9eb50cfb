//! The update that ends a training step: gradients are clipped, and every storage that is trained is stepped once, however
//! many slots use it.

use super::Trained;
use crate::exec::{Machine, OutOfMemory};
use crate::optim::{Factors, MAX_STATES, Optimizer, Part, Schedule, Step, clip};
use crate::plan::Plan;
use crate::tensor::threads;
use smallvec::SmallVec;
use std::ops::Range;
use std::sync::Mutex;

/// What an element costs, in operations, beside the waiting for memory.
const COST: usize = 8;

/// How gradients become steps.
#[derive(Debug)]
pub struct Method {
    pub optimizer: Box<dyn Optimizer>,
    pub schedule: Option<Box<dyn Schedule>>,
    /// The largest norm of all gradients together.
    pub clip_norm: Option<f64>,
    /// The largest absolute value of an element.
    pub clip_value: Option<f64>,
}

/// What the optimizer keeps of every storage from step to step.
#[derive(Debug)]
pub struct States<T> {
    parts: Vec<Trainable<T>>,
    /// How many steps there were.
    pub steps: u64,
}

/// Storages that are stepped as one: neighbours, where no element hangs on another.
#[derive(Debug)]
struct Trainable<T> {
    param: Range<usize>,
    /// Among the gradients.
    grad: Range<usize>,
    shape: Vec<usize>,
    states: [Vec<T>; MAX_STATES],
    names: SmallVec<[&'static str; MAX_STATES]>,
    storages: Vec<Stored>,
}

/// Which elements of the states belong to a storage.
#[derive(Debug)]
struct Stored {
    index: usize,
    ranges: [Range<usize>; MAX_STATES],
}

/// A state of a storage: the storage's index in the plan, the name of the state, its elements.
pub type Kept<'s, T> = (usize, &'static str, &'s mut [T]);

impl<T: Trained> States<T> {
    /// As before the first step.
    pub fn new(plan: &Plan, optimizer: &dyn Optimizer) -> Result<Self, OutOfMemory> {
        let mut parts: Vec<Trainable<T>> = Vec::new();
        for (index, storage) in plan.storages.iter().enumerate() {
            let Some(grad) = storage.grad else { continue };
            let (tensor, grad) = (&plan.tensors[storage.tensor], plan.tensors[grad].range());
            let (param, start) = (tensor.range(), plan.gradients.start);
            let grad = grad.start - start..grad.end - start;
            let states = optimizer.states(&tensor.shape);
            let last = parts
                .last_mut()
                .filter(|last| optimizer.by_element() && last.param.end == param.start && last.grad.end == grad.start);
            let part = match last {
                Some(last) => {
                    (last.param.end, last.grad.end) = (param.end, grad.end);
                    last
                }
                None => {
                    let names = states.iter().map(|state| state.name).collect();
                    let shape = tensor.shape.to_vec();
                    parts.push(Trainable {
                        param,
                        grad,
                        shape,
                        states: Default::default(),
                        names,
                        storages: Vec::new(),
                    });
                    let Some(last) = parts.last_mut() else { continue };
                    last
                }
            };
            let mut ranges: [Range<usize>; MAX_STATES] = Default::default();
            for ((elements, state), range) in part.states.iter_mut().zip(&states).zip(&mut ranges) {
                let (first, end) = (elements.len(), elements.len() + state.len());
                elements.try_reserve(state.len()).map_err(|_| OutOfMemory)?;
                elements.resize(end, T::from_f64(state.start));
                *range = first..end;
            }
            part.storages.push(Stored { index, ranges });
        }
        Ok(Self { parts, steps: 0 })
    }

    /// Of nothing.
    pub(super) fn empty() -> Self {
        Self { parts: Vec::new(), steps: 0 }
    }

    /// Every state of every storage, for checkpoints.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = Kept<'_, T>> {
        self.parts.iter_mut().flat_map(|part| {
            let mut kept: Vec<Kept<'_, T>> = Vec::new();
            for (at, (elements, name)) in part.states.iter_mut().zip(&part.names).enumerate() {
                let mut rest = elements.as_mut_slice();
                for stored in &part.storages {
                    let len = stored.ranges.get(at).map_or(0, ExactSizeIterator::len);
                    let Some((own, others)) = std::mem::take(&mut rest).split_at_mut_checked(len) else { break };
                    kept.push((stored.index, *name, own));
                    rest = others;
                }
            }
            kept
        })
    }

    /// Steps all storages along the gradients that the machine has computed, in a run of `total` steps. Gives the norm of
    /// all gradients before they were clipped, if they are clipped by it.
    pub fn step(&mut self, machine: &mut Machine<'_, T>, method: &mut Method, total: u64) -> Option<f64> {
        let (params, grads) = machine.trained();
        if let Some(limit) = method.clip_value {
            clip::by_value(grads, limit);
        }
        let squares = method.clip_norm.map(|_| clip::sum_of_squares(grads));
        let lr = method.optimizer.lr();
        let rates = method.schedule.as_ref().map(|schedule| schedule.rates(self.steps, total, lr));
        self.steps += 1;
        let factors = method.optimizer.begin(Step {
            number: self.steps,
            lr: rates.map_or(lr, |rates| rates.lr),
            momentum: rates.and_then(|rates| rates.momentum),
            grad_scale: squares.zip(method.clip_norm).map_or(1.0, |(squares, limit)| clip::norm_factor(squares, limit)),
        });
        for part in &mut self.parts {
            let (Some(param), Some(grad)) = (params.get_mut(part.param.clone()), grads.get(part.grad.clone())) else {
                continue;
            };
            let states = part.states.each_mut().map(Vec::as_mut_slice);
            update(&*method.optimizer, &factors, Part { shape: &part.shape, param, grad, states });
        }
        squares.map(f64::sqrt)
    }
}

/// Steps a part, in pieces where that pays and no element hangs on another.
fn update<T: Trained>(optimizer: &dyn Optimizer, factors: &Factors, part: Part<'_, T>) {
    let len = part.param.len();
    let piece = threads::piece(len, 64, len.saturating_mul(COST));
    if !optimizer.by_element() || piece >= len {
        T::update(optimizer, factors, part);
        return;
    }
    let Part { shape, param, grad, states } = part;
    let mut states = states.map(|state| state.chunks_mut(piece));
    let pieces: SmallVec<[Mutex<Part<'_, T>>; threads::MOST]> = param
        .chunks_mut(piece)
        .zip(grad.chunks(piece))
        .map(|(param, grad)| {
            let states = states.each_mut().map(|state| state.next().unwrap_or_default());
            Mutex::new(Part { shape, param, grad, states })
        })
        .collect();
    threads::for_each(pieces.len(), |index| {
        let Some(Ok(mut part)) = pieces.get(index).map(Mutex::lock) else { return };
        let Part { shape, param, grad, states } = &mut *part;
        let states = states.each_mut().map(|state| &mut **state);
        T::update(optimizer, factors, Part { shape, param, grad, states });
    });
}
