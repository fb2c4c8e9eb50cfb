//! The linear warm-up that all short forms begin with, and the least learning rate that those end at that fall to it.

use crate::ops::{AttributeError, Attributes, Parameter};
use crate::optim::def::{count, float, int};

pub(super) const WARMUP: Parameter =
    int("warmup", 0, "The number of steps in which the learning rate rises to the optimizer's.");
pub(super) const MIN_LR: Parameter = float("min_lr", 0.0, "The learning rate at the end.");

/// Steps of rising learning rates.
#[derive(Clone, Copy, Debug)]
pub(super) struct Warmup(u64);

impl Warmup {
    pub(super) fn new(attributes: &Attributes) -> Result<Self, AttributeError> {
        Ok(Self(count(attributes, "warmup", 0)?))
    }

    /// The learning rate of a step: `lr` times a rising factor, which isn't 0 at the first step; behind the warm-up what
    /// `then` makes of the number of the step there and of the number of steps there are.
    pub(super) fn rate(self, step: u64, total: u64, lr: f64, then: impl Fn(u64, u64) -> f64) -> f64 {
        if step < self.0 {
            return lr * (step + 1) as f64 / (self.0 + 1) as f64;
        }
        then(step - self.0, total.saturating_sub(self.0))
    }

    /// The same for what hangs only on the part of the steps behind the warm-up that are done, from 0 to 1.
    pub(super) fn progress(self, step: u64, total: u64, lr: f64, then: impl Fn(f64) -> f64) -> f64 {
        self.rate(step, total, lr, |step, total| then((step as f64 / total.max(1) as f64).min(1.0)))
    }
}
