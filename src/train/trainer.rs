//! The loop: step after step over the data, in an order of each epoch, and at its end over the data for validation.

use super::culprit::{Culprit, culprit};
use super::plans::Batched;
use super::score::{Score, Sums};
use super::step::{Method, States};
use super::{Position, Trained};
use crate::data::{DataError, Dataset};
use crate::exec::{Machine, OutOfMemory, StepError};
use crate::ops::Mode;
use crate::tensor::Slice;
use crate::tensor::random::Stream;

/// What a run is made of.
#[derive(Debug)]
pub struct Setup<'p> {
    pub training: &'p [Batched],
    /// Empty if there is no validation.
    pub validation: &'p [Batched],
    pub examples: Examples,
    pub method: Method,
    pub epochs: u64,
    pub shuffle: bool,
    pub seed: u64,
}

/// Which examples of the data are for what, by their numbers.
#[derive(Clone, Debug, Default)]
pub struct Examples {
    pub training: Vec<usize>,
    /// Of the data for validation, which may be the same.
    pub validation: Vec<usize>,
}

impl Examples {
    /// All of the data, and all of the other data.
    #[must_use]
    pub fn all(count: usize, other: usize) -> Self {
        Self { training: (0..count).collect(), validation: (0..other).collect() }
    }

    /// Holds this part of the data out for validation, drawn by the seed. `None` if that leaves nothing on one side.
    #[must_use]
    pub fn split(count: usize, part: f64, seed: u64) -> Option<Self> {
        let held_out = (count as f64 * part).round() as usize;
        let mut training = Stream::new(seed, "held out").permutation(count);
        let mut validation = training.split_off(count.checked_sub(held_out)?);
        // In the order of the data, as data that isn't split.
        training.sort_unstable();
        validation.sort_unstable();
        (!training.is_empty() && !validation.is_empty()).then_some(Self { training, validation })
    }
}

/// Why a run stopped before its end.
#[derive(Debug)]
pub enum Stop {
    Step(StepError),
    Data(DataError),
    /// The loss of a step, counted from 1, isn't finite, and what isn't first.
    NotFinite {
        step: u64,
        epoch: u64,
        found: Culprit,
    },
}

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Taken {
    /// How many steps of the epoch were done.
    pub done: u64,
    pub loss: f64,
    /// The mean loss of the epoch so far.
    pub mean: f64,
}

/// What an epoch came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Epoch {
    /// The first is 1.
    pub number: u64,
    /// How many steps there were in all.
    pub steps: u64,
    /// The learning rate of the last step.
    pub lr: f64,
    /// While the weights changed.
    pub training: Score,
    pub validation: Option<Score>,
}

/// A training run between two steps.
#[derive(Debug)]
pub struct Trainer<'p, T> {
    setup: Setup<'p>,
    training: Vec<Machine<'p, T>>,
    validation: Vec<Machine<'p, T>>,
    states: States<T>,
    pub(super) position: Position,
    /// The examples as the epoch goes through them; empty until its first step here.
    order: Vec<usize>,
}

impl<'p, T: Trained> Trainer<'p, T> {
    pub fn new(setup: Setup<'p>) -> Result<Self, OutOfMemory> {
        let machines = |plans: &'p [Batched]| {
            plans.iter().map(|batched| Machine::new(&batched.plan, setup.seed)).collect::<Result<Vec<_>, _>>()
        };
        let (training, validation) = (machines(setup.training)?, machines(setup.validation)?);
        let states = match setup.training {
            [first, ..] => States::new(&first.plan, &*setup.method.optimizer)?,
            [] => States::empty(),
        };
        Ok(Self { training, validation, states, setup, position: Position::default(), order: Vec::new() })
    }

    /// The weights, to be read and written between steps. `None` if there is no data.
    pub fn machine(&mut self) -> Option<&mut Machine<'p, T>> {
        self.training.first_mut()
    }

    /// What the optimizer and the schedule keep, for checkpoints.
    pub fn kept(&mut self) -> (&mut States<T>, &mut Method) {
        (&mut self.states, &mut self.setup.method)
    }

    /// How many epochs there were.
    #[must_use]
    pub fn epochs(&self) -> u64 {
        self.position.epochs
    }

    /// How many steps there were, in all epochs.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.states.steps
    }

    /// How many of them belong to an epoch that isn't over.
    #[must_use]
    pub fn steps_in_epoch(&self) -> u64 {
        self.position.done
    }

    #[must_use]
    pub fn is_done(&self) -> bool {
        self.position.epochs >= self.setup.epochs
    }

    /// How many examples an epoch is scored on.
    #[must_use]
    pub fn n_validated(&self) -> usize {
        self.setup.examples.validation.len()
    }

    /// The number of steps of an epoch.
    #[must_use]
    pub fn steps_per_epoch(&self) -> u64 {
        self.setup.examples.training.len().div_ceil(self.batch()) as u64
    }

    /// The next is `end_epoch`.
    #[must_use]
    pub fn is_epoch_over(&self) -> bool {
        self.position.done >= self.steps_per_epoch()
    }

    fn batch(&self) -> usize {
        self.setup.training.first().map_or(1, |batched| batched.size.max(1))
    }

    fn total(&self) -> u64 {
        self.steps_per_epoch() * self.setup.epochs
    }

    /// The next step of the epoch.
    pub fn step(&mut self, data: &mut Dataset) -> Result<Taken, Stop> {
        if self.order.is_empty() {
            let all = &self.setup.examples.training;
            self.order = if self.setup.shuffle {
                let mut stream = Stream::new(self.setup.seed, &format!("shuffle.{}", self.position.epochs));
                stream.permutation(all.len()).into_iter().filter_map(|at| all.get(at)).copied().collect()
            } else {
                all.clone()
            };
        }
        let order = std::mem::take(&mut self.order);
        let rows = order.chunks(self.batch()).nth(usize::try_from(self.position.done).unwrap_or(usize::MAX));
        let loss = self.pass(data, rows.unwrap_or_default());
        self.order = order;
        let loss = loss?;
        self.position.done += 1;
        Ok(Taken { done: self.position.done, loss, mean: self.position.sums.score(None).loss })
    }

    /// Scores the other data, and tells what the epoch came to.
    pub fn end_epoch(&mut self, validation: Option<&mut Dataset>) -> Result<Epoch, Stop> {
        let compared = |plans: &[Batched]| plans.first().and_then(|batched| batched.compared);
        let training = self.position.sums.score(compared(self.setup.training));
        let validation = match validation {
            Some(data) => Some(self.validate(data)?.score(compared(self.setup.validation))),
            None => None,
        };
        let total = self.total();
        let Method { optimizer, schedule, .. } = &mut self.setup.method;
        let lr = optimizer.lr();
        let last = self.states.steps.saturating_sub(1);
        let last = schedule.as_ref().map_or(lr, |schedule| schedule.rates(last, total, lr).lr);
        if let Some(schedule) = schedule {
            schedule.observe(validation.as_ref().unwrap_or(&training).loss, lr);
        }
        self.position = Position { epochs: self.position.epochs + 1, ..Position::default() };
        self.order = Vec::new();
        Ok(Epoch { number: self.position.epochs, steps: self.states.steps, lr: last, training, validation })
    }

    /// Forward, backward and the step of the optimizer; gives the loss.
    fn pass(&mut self, data: &mut Dataset, rows: &[usize]) -> Result<f64, Stop> {
        let (number, total) = (self.states.steps, self.total());
        let Some(which) = self.setup.training.iter().position(|batched| batched.size == rows.len()) else {
            return Ok(0.0);
        };
        let (Some(batched), Some((main, others))) = (self.setup.training.get(which), self.training.split_first_mut())
        else {
            return Ok(0.0);
        };
        // Weights and statistics live in the first machine.
        let mut other = which.checked_sub(1).and_then(|at| others.get_mut(at));
        if let Some(other) = &mut other {
            other.storages_mut().copy_from_slice(main.storages_mut());
        }
        let machine = match &mut other {
            Some(other) => &mut **other,
            None => &mut *main,
        };
        fill(machine, batched, data, rows)?;
        machine.seek(number);
        machine.forward(Mode::Train).map_err(Stop::Step)?;
        let loss = loss(machine);
        if !loss.is_finite() {
            machine.seek(number);
            let found = culprit(machine, batched);
            return Err(Stop::NotFinite { step: number + 1, epoch: self.position.epochs + 1, found });
        }
        self.position.sums.add(loss, machine, batched);
        machine.backward(Mode::Train, &|_| None).map_err(Stop::Step)?;
        if let Some(other) = other {
            main.storages_mut().copy_from_slice(other.storages_mut());
            main.trained().1.copy_from_slice(other.trained().1);
        }
        self.states.step(main, &mut self.setup.method, total);
        Ok(loss)
    }

    /// What other data comes to, with the weights as they are.
    fn validate(&mut self, data: &mut Dataset) -> Result<Sums, Stop> {
        let mut sums = Sums::default();
        let Some(main) = self.training.first_mut() else { return Ok(sums) };
        for machine in &mut self.validation {
            machine.storages_mut().copy_from_slice(main.storages_mut());
        }
        let batch = self.setup.validation.first().map_or(1, |batched| batched.size.max(1));
        for rows in self.setup.examples.validation.chunks(batch) {
            let all = self.setup.validation.iter().zip(&mut self.validation);
            for (batched, machine) in all.filter(|(batched, _)| batched.size == rows.len()).take(1) {
                fill(machine, batched, data, rows)?;
                machine.forward(Mode::Eval).map_err(Stop::Step)?;
                sums.add(loss(machine), machine, batched);
            }
        }
        Ok(sums)
    }
}

fn fill<T: Trained>(
    machine: &mut Machine<'_, T>,
    batched: &Batched,
    data: &mut Dataset,
    rows: &[usize],
) -> Result<(), Stop> {
    for (column, tensor) in batched.columns.iter().enumerate() {
        if let Some(tensor) = tensor {
            data.fetch(column, rows, machine.slice_mut(*tensor)).map_err(Stop::Data)?;
        }
    }
    Ok(())
}

fn loss<T: Trained>(machine: &Machine<'_, T>) -> f64 {
    let loss = machine.plan().loss.map(|loss| machine.view(loss).data);
    match loss {
        Some(Slice::Float([loss, ..])) => loss.to_f64(),
        _ => 0.0,
    }
}
