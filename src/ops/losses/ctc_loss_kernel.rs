//! The sequences of `ctc_loss`: where each begins, and whether lengths and labels are within what there is.

#![allow(clippy::indexing_slicing, reason = "lengths and labels are checked before they are used")]

use super::class_targets::class_error;
use crate::ops::contract::DataError;
use crate::tensor::ctc::Sequence;
use crate::tensor::{Real, View, place};

/// T, N and C of the probabilities, and S of the targets, or their number if they stand one after another.
pub(super) fn sizes<D: Clone>(log_probs: &[D], targets: &[D], one: D) -> Option<[D; 4]> {
    let labels = targets.last()?.clone();
    match log_probs {
        [steps, batch, classes] => Some([steps.clone(), batch.clone(), classes.clone(), labels]),
        [steps, classes] => Some([steps.clone(), one, classes.clone(), labels]),
        _ => None,
    }
}

/// The sequences of a call, as far as they are known to fit.
pub(super) struct Sequences<'a, T> {
    log_probs: &'a [T],
    steps: usize,
    pub(super) batch: usize,
    classes: usize,
    targets: &'a [i64],
    /// The distance between sequences, if they don't follow one another.
    padded: Option<usize>,
    lengths: [&'a [i64]; 2],
    blank: usize,
}

/// Where the labels and the states of a sequence begin.
#[derive(Clone, Copy, Default)]
pub(super) struct Start {
    labels: usize,
    pub(super) states: usize,
}

impl<'a, T: Real> Sequences<'a, T> {
    pub(super) fn new(inputs: &[View<'a, T>], blank: i64) -> Option<Self> {
        let [log_probs, targets, input_lengths, target_lengths] = inputs else { return None };
        let [steps, batch, classes, labels] = sizes(log_probs.shape, targets.shape, 1)?;
        Some(Self {
            log_probs: log_probs.floats(),
            steps,
            batch,
            classes,
            targets: targets.ints(),
            padded: (targets.shape.len() == 2 || log_probs.shape.len() == 2).then_some(labels),
            lengths: [input_lengths.ints(), target_lengths.ints()],
            blank: blank as usize,
        })
    }

    /// Lengths are within the tensors, and labels are classes.
    pub(super) fn check(&self, inputs: &[View<T>]) -> Result<(), DataError> {
        let shape = |operand: usize| inputs.get(operand).map_or(&[][..], |input| input.shape);
        let limits = [(self.steps, "steps"), (self.padded.unwrap_or(self.targets.len()), "targets")];
        for (operand, (lengths, (limit, what))) in (2..).zip(self.lengths.into_iter().zip(limits)) {
            let outside = |length: &i64| usize::try_from(*length).map_or(true, |length| length > limit);
            if let Some(at) = lengths.iter().position(outside) {
                let (length, at) = (lengths[at], place(shape(operand), at));
                let message = format!("length {length}{at} isn't between 0 and {limit}, the number of {what}");
                return Err(DataError { operand, message });
            }
        }
        let total = self.lengths[1].iter().fold(0, |sum, length| sum + *length as usize);
        if self.padded.is_none() && total != self.targets.len() {
            let message = format!("the lengths sum up to {total}, and there are {} targets", self.targets.len());
            return Err(DataError { operand: 3, message });
        }
        let mut wrong = None;
        self.for_each(|number, sequence, start| {
            let outside = |label: &i64| usize::try_from(*label).map_or(true, |label| label >= self.classes);
            let at = sequence.labels.iter().position(outside);
            wrong = wrong.or_else(|| at.map(|at| (number, start.labels + at)));
        });
        match wrong {
            None => Ok(()),
            Some((_, at)) => Err(class_error((shape(1), at), self.targets[at], self.classes)),
        }
    }

    pub(super) fn for_each(&self, mut visit: impl FnMut(usize, Sequence<'_, T>, Start)) {
        let mut start = Start::default();
        for number in 0..self.batch {
            if let Some(distance) = self.padded {
                start.labels = number * distance;
            }
            let [steps, labels] = self.lengths.map(|lengths| lengths[number] as usize);
            let sequence = Sequence {
                log_probs: self.log_probs,
                start: number * self.classes,
                stride: self.batch * self.classes,
                steps,
                labels: &self.targets[start.labels..start.labels + labels],
                blank: self.blank,
            };
            visit(number, sequence, start);
            start.labels += labels;
            start.states += steps * sequence.states();
        }
    }
}
