//! The computation of `cross_entropy`. Whatever the targets are, the loss of a lane is -Σᵢ wᵢ qᵢ ln softmax(x)ᵢ,
//! where the lane holds the scores of all classes and the qᵢ are what its target asks for.

#![allow(clippy::indexing_slicing, reason = "lanes stay inside the tensors, and classes are checked first")]

use super::class_targets::check_classes;
use crate::ops::contract::DataError;
use crate::ops::reduction::Reduction;
use crate::tensor::lane::{Lane, Lanes, lanes};
use crate::tensor::softmax::{Shares, add_softmax, log_sums};
use crate::tensor::{Real, Slice, View, reduce};

pub(super) struct Losses<'a, T> {
    pub(super) input: &'a View<'a, T>,
    /// Classes, or probabilities.
    pub(super) target: &'a View<'a, T>,
    pub(super) weight: Option<&'a [T]>,
    /// The axis of the classes.
    pub(super) axis: usize,
    pub(super) ignore_index: i64,
    pub(super) smoothing: f64,
}

/// The two parts of ln Σ e^x for each lane.
type Logs<D> = [D; 2];

impl<T: Real> Losses<'_, T> {
    fn classes(&self) -> usize {
        self.input.shape.get(self.axis).copied().unwrap_or(0)
    }

    fn lanes(&self) -> impl Iterator<Item = (usize, Lane)> {
        lanes(self.input.shape, self.axis).enumerate()
    }

    /// How many lanes of one outer index there are.
    fn inner(&self) -> usize {
        self.input.shape.iter().skip(self.axis + 1).product::<usize>().max(1)
    }

    pub(super) fn check(&self) -> Result<(), DataError> {
        check_classes(self.target, self.classes(), Some(self.ignore_index))
    }

    /// The class that the target of a lane asks for, if there are no others.
    fn only_class(&self, lane: usize) -> Option<usize> {
        let Slice::Int(classes) = self.target.data else { return None };
        if self.smoothing == 0.0 { usize::try_from(classes[lane]).ok() } else { None }
    }

    fn is_ignored(&self, lane: usize) -> bool {
        matches!(self.target.data, Slice::Int(classes) if classes[lane] == self.ignore_index)
    }

    /// qᵢ
    fn share(&self, number: usize, lane: Lane, class: usize) -> f64 {
        let asked = match self.target.data {
            Slice::Int(classes) => f64::from(u8::from(classes[number] == class as i64)),
            _ => self.target.floats()[lane.at(class)].to_f64(),
        };
        (1.0 - self.smoothing) * asked + self.smoothing / lane.length as f64
    }

    /// The shares of all classes, if a target asks for more than one and lanes stand one after another. A class among int
    /// targets isn't part of them.
    fn shares(&self) -> Option<Shares<'_, T>> {
        let asked = if let Slice::Float(asked) = self.target.data { Some(asked) } else { None };
        let classes = self.classes();
        (self.inner() == 1 && (asked.is_some() || self.smoothing > 0.0)).then(|| Shares {
            classes,
            asked,
            by: 1.0 - self.smoothing,
            evenly: self.smoothing / classes as f64,
            weight: self.weight,
        })
    }

    /// The class of an int target.
    fn class(&self, number: usize) -> Option<usize> {
        let Slice::Int(classes) = self.target.data else { return None };
        usize::try_from(classes[number]).ok()
    }

    /// wᵢ
    fn weight(&self, class: usize) -> f64 {
        self.weight.map_or(1.0, |weight| weight[class].to_f64())
    }

    /// What a sum of losses is divided by for their mean.
    fn total_weight(&self) -> f64 {
        match self.target.data {
            Slice::Int(classes) => {
                let weight =
                    |lane: usize| if self.is_ignored(lane) { 0.0 } else { self.weight(classes[lane] as usize) };
                reduce::sum(classes.len(), weight)
            }
            _ => self.lanes().count() as f64,
        }
    }

    /// What the sum of losses is multiplied by; NaN for the mean of what weighs nothing.
    fn scale(&self, reduction: Reduction) -> f64 {
        match self.total_weight() {
            _ if reduction != Reduction::Mean => 1.0,
            0.0 => f64::NAN,
            total => 1.0 / total,
        }
    }

    /// Σᵢ `value(i, qᵢ)` over the classes that the target asks for.
    fn sum_over_classes(&self, number: usize, lane: Lane, value: impl Fn(usize, f64) -> f64) -> f64 {
        if self.is_ignored(number) {
            return 0.0;
        }
        if let Some(class) = self.only_class(number) {
            return value(class, 1.0);
        }
        // What isn't asked for counts nothing, even if its probability is 0 and the logarithm infinite.
        reduce::sum(lane.length, |class| match self.share(number, lane, class) {
            0.0 => 0.0,
            share => value(class, share),
        })
    }

    fn loss(&self, number: usize, lane: Lane, logs: Logs<&[T]>) -> f64 {
        if self.is_ignored(number) {
            return 0.0;
        }
        if let Some(shares) = self.shares() {
            let [_, loss] = shares.sums(self.input.floats(), logs, number);
            let asked = self.class(number).filter(|_| shares.by > 0.0).map_or(0.0, |class| {
                self.weight(class) * shares.by * self.log_probability(lane, class, logs.map(|log| log[number]))
            });
            return loss - asked;
        }
        let logs = logs.map(|log| log[number]);
        self.sum_over_classes(number, lane, |class, share| {
            -self.weight(class) * share * self.log_probability(lane, class, logs)
        })
    }

    fn log_probability(&self, lane: Lane, class: usize, [greatest, rest]: Logs<T>) -> f64 {
        (self.input.floats()[lane.at(class)] - greatest - rest).to_f64()
    }

    pub(super) fn forward(&self, reduction: Reduction, [greatest, rest]: Logs<&mut [T]>, y: &mut [T]) {
        log_sums(self.input.floats(), Lanes::along(self.input.shape, self.axis), [&mut *greatest, &mut *rest]);
        let mut sum = 0.0;
        for (number, lane) in self.lanes() {
            let loss = self.loss(number, lane, [&*greatest, &*rest]);
            sum += loss;
            if reduction == Reduction::None {
                y[number] = T::from_f64(loss);
            }
        }
        if reduction != Reduction::None {
            y.fill(T::from_f64(sum * self.scale(reduction)));
        }
    }

    /// Adds the gradients of scores, probabilities and weights; that of scores is written if it is fresh.
    pub(super) fn backward(
        &self,
        reduction: Reduction,
        [greatest, rest]: Logs<&[T]>,
        grad: &[T],
        outs: &mut [Option<&mut [T]>],
        is_fresh: bool,
    ) {
        let scale = self.scale(reduction);
        let factor = |number: usize| scale * grad[if reduction == Reduction::None { number } else { 0 }].to_f64();
        if let Some(Some(out)) = outs.first_mut() {
            self.grad_scores([greatest, rest], factor, out, is_fresh);
        }
        if let Some(Some(out)) = outs.get_mut(1) {
            for (number, lane) in self.lanes() {
                let factor = factor(number) * (1.0 - self.smoothing);
                for class in 0..lane.length {
                    let log = self.log_probability(lane, class, [greatest[number], rest[number]]);
                    out[lane.at(class)] += T::from_f64(-factor * self.weight(class) * log);
                }
            }
        }
        if let Some(Some(out)) = outs.get_mut(2) {
            self.grad_weights(reduction, [greatest, rest], factor, out);
        }
    }

    /// dxᵢ = g (softmax(x)ᵢ Σⱼ wⱼ qⱼ - wᵢ qᵢ)
    fn grad_scores(&self, logs: Logs<&[T]>, factor: impl Fn(usize) -> f64 + Sync, out: &mut [T], is_fresh: bool) {
        if let Some(shares) = self.shares() {
            return self.grad_dense(&shares, logs, factor, out, is_fresh);
        }
        let (along, inner) = (Lanes::along(self.input.shape, self.axis), self.inner());
        let lane = |number: usize| Lane {
            start: number / inner * inner * along.length + number % inner,
            step: inner,
            length: along.length,
        };
        let total = |number: usize| {
            // The factor is infinite where all lanes are ignored.
            if self.is_ignored(number) {
                return T::zero();
            }
            let sum = self.sum_over_classes(number, lane(number), |class, share| self.weight(class) * share);
            T::from_f64(factor(number) * sum)
        };
        add_softmax(self.input.floats(), logs, total, out, along, is_fresh);
        for (number, lane) in self.lanes().filter(|(number, _)| !self.is_ignored(*number)) {
            if let Some(class) = self.only_class(number) {
                out[lane.at(class)] -= total(number);
                continue;
            }
            for (class, at) in lane.places().enumerate() {
                out[at] -= T::from_f64(factor(number) * self.weight(class) * self.share(number, lane, class));
            }
        }
    }

    fn grad_dense(
        &self,
        shares: &Shares<'_, T>,
        logs: Logs<&[T]>,
        factor: impl Fn(usize) -> f64 + Sync,
        out: &mut [T],
        is_fresh: bool,
    ) {
        let x = self.input.floats();
        let evenly = shares.evenly * reduce::sum(shares.classes, |class| self.weight(class));
        let factors = |number: usize| {
            if self.is_ignored(number) {
                return (T::zero(), 0.0);
            }
            let factor = factor(number);
            let total = match self.class(number) {
                Some(class) => evenly + shares.by * self.weight(class),
                None => shares.sums(x, logs, number)[0],
            };
            (T::from_f64(factor * total), factor)
        };
        shares.add_grad(x, logs, factors, out, is_fresh);
        for (number, lane) in self.lanes().filter(|(number, _)| !self.is_ignored(*number)) {
            if let Some(class) = self.class(number) {
                out[lane.at(class)] -= T::from_f64(factor(number) * self.weight(class) * shares.by);
            }
        }
    }

    /// The mean over classes is divided by the weights of the targets, so it hangs on them twice.
    fn grad_weights(&self, reduction: Reduction, logs: Logs<&[T]>, factor: impl Fn(usize) -> f64, out: &mut [T]) {
        let mut sum = 0.0;
        for (number, lane) in self.lanes().filter(|(number, _)| !self.is_ignored(*number)) {
            let factor = factor(number);
            sum += factor * self.loss(number, lane, logs);
            let logs = logs.map(|log| log[number]);
            for (class, out) in out.iter_mut().enumerate() {
                let share = self.share(number, lane, class);
                if share != 0.0 {
                    *out -= T::from_f64(factor * share * self.log_probability(lane, class, logs));
                }
            }
        }
        if let (Slice::Int(classes), Reduction::Mean) = (self.target.data, reduction) {
            let mean = T::from_f64(sum * self.scale(reduction));
            for (number, &class) in classes.iter().enumerate() {
                if !self.is_ignored(number) {
                    out[class as usize] -= mean;
                }
            }
        }
    }
}
