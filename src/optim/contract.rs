//! What an optimizer does in a step: numbers that hold for all elements, computed once, and then the elements of one
//! storage after another, in one pass over memory and without an allocation.

use super::{OptimizerDef, Real};
use std::fmt;

/// The most states that a storage has.
pub const MAX_STATES: usize = 3;

/// An optimizer with its arguments.
pub trait Optimizer: fmt::Debug + Send + Sync + Update<f32> + Update<f64> {
    fn def(&self) -> &'static OptimizerDef;

    /// The learning rate that schedules start from.
    fn lr(&self) -> f64;

    /// What it keeps of a storage of this shape from one step to the next; at most `MAX_STATES`.
    fn states(&self, shape: &[usize]) -> Vec<State>;

    /// The numbers of a step, computed once for all storages.
    fn begin(&mut self, step: Step) -> Factors;

    /// No element hangs on another: a storage may be updated in parts, and several that are neighbours in memory as one.
    fn by_element(&self) -> bool {
        true
    }

    /// The schedule sets the momentum from now on: `momentum`, or the first of `betas`. False if it has none. Asked before
    /// `states`.
    fn follow_momentum(&mut self) -> bool {
        false
    }

    /// A number that hangs on the steps before, by PyTorch's name, for checkpoints to keep.
    fn carried(&mut self) -> Option<(&'static str, &mut f64)> {
        None
    }
}

/// The update in one float type.
pub trait Update<T> {
    /// Steps a storage, or a part of it where the optimizer goes by element; only others read the shape. The gradient
    /// and the states have the size of the part, or the one that `states` says.
    fn update(&self, factors: &Factors, part: Part<'_, T>);
}

/// A float type whose storages optimizers step.
pub trait Stepped: Real {
    fn update(optimizer: &dyn Optimizer, factors: &Factors, part: Part<'_, Self>);
}

impl Stepped for f32 {
    fn update(optimizer: &dyn Optimizer, factors: &Factors, part: Part<'_, Self>) {
        Update::<Self>::update(optimizer, factors, part);
    }
}

impl Stepped for f64 {
    fn update(optimizer: &dyn Optimizer, factors: &Factors, part: Part<'_, Self>) {
        Update::<Self>::update(optimizer, factors, part);
    }
}

/// A storage, or a part of one.
pub struct Part<'a, T> {
    /// That of the whole storage.
    pub shape: &'a [usize],
    pub param: &'a mut [T],
    pub grad: &'a [T],
    /// In the order of `states`; those that it doesn't have are empty.
    pub states: [&'a mut [T]; MAX_STATES],
}

/// A tensor that goes with a storage.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// As in the `state_dict` of PyTorch's optimizer.
    pub name: &'static str,
    pub shape: Vec<usize>,
    /// The value of all elements before the first step.
    pub start: f64,
}

impl State {
    #[must_use]
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One that has the shape of its storage and starts at 0.
    pub(super) fn like(name: &'static str, shape: &[usize]) -> Self {
        Self { name, shape: shape.to_vec(), start: 0.0 }
    }
}

/// What changes from step to step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// The first is 1.
    pub number: u64,
    pub lr: f64,
    /// From a schedule that sets it; else the optimizer has its own.
    pub momentum: Option<f64>,
    /// What gradients are multiplied by: the factor that clipping by norm gives, so that clipping takes no pass.
    pub grad_scale: f64,
}

impl Step {
    /// A step without clipping, and with the optimizer's own momentum.
    #[must_use]
    pub const fn new(number: u64, lr: f64) -> Self {
        Self { number, lr, momentum: None, grad_scale: 1.0 }
    }

    /// The factor of gradients, turned round where the loss is made large.
    pub(super) fn scale(&self, maximize: bool) -> f64 {
        if maximize { -self.grad_scale } else { self.grad_scale }
    }

    /// `base` to the power of the step's number.
    pub(super) fn power(&self, base: f64) -> f64 {
        base.powf(self.number as f64)
    }
}

/// The most numbers of a step.
const MAX_FACTORS: usize = 10;

/// The numbers of a step. What they are, only the optimizer that made them knows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Factors([f64; MAX_FACTORS]);

impl Factors {
    pub(super) fn new<const N: usize>(values: [f64; N]) -> Self {
        const { assert!(N <= MAX_FACTORS, "room for so many numbers") };
        let mut all = [0.0; MAX_FACTORS];
        all.iter_mut().zip(values).for_each(|(to, from)| *to = from);
        Self(all)
    }

    pub(super) fn read<T: Real, const N: usize>(&self) -> [T; N] {
        let mut read = [T::zero(); N];
        read.iter_mut().zip(self.0).for_each(|(to, from)| *to = T::from_f64(from));
        read
    }

    pub(super) fn exact<const N: usize>(&self) -> [f64; N] {
        self.read()
    }
}
