//! The loop: epoch after epoch over the data, in an order of its own, then over the data for validation.

use super::Trained;
use super::plans::{Batched, Classes};
use super::step::{Method, States};
use crate::data::{DataError, Dataset};
use crate::exec::{Machine, OutOfMemory, StepError};
use crate::ops::Mode;
use crate::plan::{Plan, Role, TensorId};
use crate::tensor::random::Stream;
use crate::tensor::{Slice, View};

/// What a run is made of.
#[derive(Debug)]
pub struct Setup<'p> {
    pub training: &'p [Batched],
    /// Empty if there is no validation.
    pub validation: &'p [Batched],
    pub method: Method,
    pub epochs: u64,
    pub shuffle: bool,
    pub seed: u64,
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

/// What holds the first number that isn't finite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Culprit {
    /// An input, by its number among the columns of the data.
    Input(usize),
    /// A storage, by its number in the plan.
    Storage(usize),
    /// The result of a layer or function.
    Call(String),
    Loss,
}

/// The mean loss over some examples, and how many of the labels were told right.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Score {
    pub loss: f64,
    /// `None` where there are no classes.
    pub accuracy: Option<f64>,
}

/// What an epoch came to.
#[derive(Clone, Copy, Debug, PartialEq)]
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

/// A training run between two epochs.
#[derive(Debug)]
pub struct Trainer<'p, T> {
    setup: Setup<'p>,
    training: Vec<Machine<'p, T>>,
    validation: Vec<Machine<'p, T>>,
    states: States<T>,
    /// How many epochs there were.
    pub epochs: u64,
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
        Ok(Self { training, validation, states, setup, epochs: 0 })
    }

    /// The weights, to be read and written between epochs. `None` if there is no data.
    pub fn machine(&mut self) -> Option<&mut Machine<'p, T>> {
        self.training.first_mut()
    }

    /// What the optimizer and the schedule keep, for checkpoints.
    pub fn kept(&mut self) -> (&mut States<T>, &mut Method) {
        (&mut self.states, &mut self.setup.method)
    }

    #[must_use]
    pub fn is_done(&self) -> bool {
        self.epochs >= self.setup.epochs
    }

    /// The number of steps of an epoch.
    #[must_use]
    pub fn steps(&self, examples: usize) -> u64 {
        let batch = self.setup.training.first().map_or(1, |batched| batched.size.max(1));
        examples.div_ceil(batch) as u64
    }

    /// Goes through the data once. `after` is told after each step how many of the epoch were done, and the loss so far.
    pub fn epoch(
        &mut self,
        data: &mut Dataset,
        validation: Option<&mut Dataset>,
        after: &mut dyn FnMut(u64, f64),
    ) -> Result<Epoch, Stop> {
        let count = data.n_examples();
        let order: Vec<usize> = if self.setup.shuffle {
            Stream::new(self.setup.seed, &format!("shuffle.{}", self.epochs)).permutation(count)
        } else {
            (0..count).collect()
        };
        let batch = self.setup.training.first().map_or(1, |batched| batched.size.max(1));
        let total = self.steps(count) * self.setup.epochs;
        let mut sums = Sums::default();
        for (index, rows) in order.chunks(batch).enumerate() {
            self.step(data, rows, total, &mut sums)?;
            after(index as u64 + 1, sums.score().loss);
        }
        let training = sums.score();
        let validation = validation.map(|data| self.validate(data)).transpose()?;
        let Method { optimizer, schedule, .. } = &mut self.setup.method;
        let lr = optimizer.lr();
        let last = self.states.steps.saturating_sub(1);
        let last = schedule.as_ref().map_or(lr, |schedule| schedule.rates(last, total, lr).lr);
        if let Some(schedule) = schedule {
            schedule.observe(validation.unwrap_or(training).loss, lr);
        }
        self.epochs += 1;
        Ok(Epoch { number: self.epochs, steps: self.states.steps, lr: last, training, validation })
    }

    fn step(&mut self, data: &mut Dataset, rows: &[usize], total: u64, sums: &mut Sums) -> Result<(), Stop> {
        let number = self.states.steps;
        let Some(which) = self.setup.training.iter().position(|batched| batched.size == rows.len()) else {
            return Ok(());
        };
        let (Some(batched), Some((main, others))) = (self.setup.training.get(which), self.training.split_first_mut())
        else {
            return Ok(());
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
            return Err(Stop::NotFinite { step: number + 1, epoch: self.epochs + 1, found: culprit(machine, batched) });
        }
        sums.add(loss, rows.len(), batched.classes.map(|classes| right(machine, classes)));
        machine.backward(Mode::Train, &|_| None).map_err(Stop::Step)?;
        if let Some(other) = other {
            main.storages_mut().copy_from_slice(other.storages_mut());
            main.trained().1.copy_from_slice(other.trained().1);
        }
        self.states.step(main, &mut self.setup.method, total);
        Ok(())
    }

    /// The scores on other data, with the weights as they are.
    fn validate(&mut self, data: &mut Dataset) -> Result<Score, Stop> {
        let Some(main) = self.training.first_mut() else { return Ok(Score::default()) };
        for machine in &mut self.validation {
            machine.storages_mut().copy_from_slice(main.storages_mut());
        }
        let mut sums = Sums::default();
        let rows: Vec<usize> = (0..data.n_examples()).collect();
        let batch = self.setup.validation.first().map_or(1, |batched| batched.size.max(1));
        for rows in rows.chunks(batch) {
            let all = self.setup.validation.iter().zip(&mut self.validation);
            for (batched, machine) in all.filter(|(batched, _)| batched.size == rows.len()).take(1) {
                fill(machine, batched, data, rows)?;
                machine.forward(Mode::Eval).map_err(Stop::Step)?;
                sums.add(loss(machine), rows.len(), batched.classes.map(|classes| right(machine, classes)));
            }
        }
        Ok(sums.score())
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

/// How many labels are the class with the greatest score, and how many there are that name a class.
fn right<T: Trained>(machine: &Machine<'_, T>, classes: Classes) -> (u64, u64) {
    let (scores, labels) = (machine.view(classes.scores), machine.view(classes.labels));
    let View { shape, data: Slice::Float(scores) } = scores else { return (0, 0) };
    let Slice::Int(labels) = labels.data else { return (0, 0) };
    let count = shape.get(classes.axis).copied().unwrap_or(1);
    let inner: usize = shape.iter().skip(classes.axis + 1).product();
    let mut found = (0, 0);
    for (at, label) in labels.iter().enumerate() {
        let first = at / inner.max(1) * count * inner + at % inner.max(1);
        let score = |class: usize| scores.get(first + class * inner);
        let Some(own) = usize::try_from(*label).ok().filter(|label| *label < count).and_then(score) else { continue };
        // Of equal scores the first counts, as with argmax.
        let better = (0..count)
            .any(|class| score(class).is_some_and(|other| other > own || (other == own && (class as i64) < *label)));
        found.0 += u64::from(!better && !own.is_nan());
        found.1 += 1;
    }
    found
}

/// What isn't finite first, found by going through the pass again.
fn culprit<T: Trained>(machine: &mut Machine<'_, T>, batched: &Batched) -> Culprit {
    let plan = machine.plan();
    let inputs = batched.columns.iter().position(|tensor| tensor.is_some_and(|tensor| !is_finite(machine, tensor)));
    if let Some(input) = inputs {
        return Culprit::Input(input);
    }
    if let Some(storage) = plan.storages.iter().position(|storage| !is_finite(machine, storage.tensor)) {
        return Culprit::Storage(storage);
    }
    for (index, step) in plan.forward.iter().enumerate() {
        if machine.forward_steps(index..index + 1, Mode::Train).is_err() {
            break;
        }
        let outputs = step.operands.iter().filter(|operand| operand.role == Role::Output);
        let broken = outputs.filter_map(|operand| operand.tensor).any(|tensor| !is_finite(machine, tensor));
        if let Some(name) = name(plan, index).filter(|_| broken) {
            return Culprit::Call(name);
        }
    }
    Culprit::Loss
}

/// The layer's path, or the operator's name.
fn name(plan: &Plan, step: usize) -> Option<String> {
    match &plan.forward.get(step)?.action {
        crate::plan::Action::Forward(call) => Some(call.name.to_string()),
        _ => None,
    }
}

fn is_finite<T: Trained>(machine: &Machine<'_, T>, tensor: TensorId) -> bool {
    match machine.view(tensor).data {
        Slice::Float(values) => values.iter().all(|value| value.to_f64().is_finite()),
        _ => true,
    }
}

/// Scores summed over examples.
#[derive(Default)]
struct Sums {
    loss: f64,
    examples: u64,
    right: u64,
    labels: u64,
    has_classes: bool,
}

impl Sums {
    fn add(&mut self, loss: f64, examples: usize, right: Option<(u64, u64)>) {
        self.loss += loss * examples as f64;
        self.examples += examples as u64;
        if let Some((right, labels)) = right {
            (self.right, self.labels) = (self.right + right, self.labels + labels);
            self.has_classes = true;
        }
    }

    fn score(&self) -> Score {
        let mean = |sum: f64, count: u64| sum / (count.max(1) as f64);
        let accuracy = self.has_classes.then(|| mean(self.right as f64, self.labels));
        Score { loss: mean(self.loss, self.examples), accuracy }
    }
}
