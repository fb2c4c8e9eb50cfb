//! What a training run shows: a line for each epoch, and on a terminal how far the epoch has come.

use crate::run::number;
use crate::sanitize;
use crate::train::{Epoch, Score};
use std::io::{self, IsTerminal, Write};

/// `epoch 3/10  loss 0.512  accuracy 0.84  val_loss 0.6  val_accuracy 0.8`
pub(super) fn line(epoch: &Epoch, epochs: u64) -> String {
    let width = epochs.to_string().len();
    let score = |prefix: &str, score: Score| {
        let accuracy = score.accuracy.map(|accuracy| format!("  {prefix}accuracy {accuracy:.4}"));
        format!("  {prefix}loss {}{}", number(score.loss), accuracy.unwrap_or_default())
    };
    let validation = epoch.validation.map(|found| score("val_", found)).unwrap_or_default();
    format!("epoch {:width$}/{epochs}{}{validation}", epoch.number, score("", epoch.training))
}

/// How far an epoch has come, where a person can see it.
pub(super) struct Screen {
    steps: u64,
    pub(super) epochs: u64,
    is_shown: bool,
}

impl Screen {
    pub(super) fn new(steps: u64, epochs: u64) -> Self {
        Self { steps, epochs, is_shown: io::stderr().is_terminal() }
    }

    pub(super) fn step(&mut self, epoch: u64, step: u64, loss: f64) {
        const WIDTH: u64 = 30;
        if !self.is_shown || !(step.is_multiple_of(self.steps.div_ceil(200).max(1)) || step == self.steps) {
            return;
        }
        let done = step * WIDTH / self.steps.max(1);
        let bar: String = (0..WIDTH).map(|at| if at < done { '=' } else { ' ' }).collect();
        let text = format!("epoch {epoch}/{} [{bar}] {step}/{}  loss {}", self.epochs, self.steps, number(loss));
        // What can't be shown isn't missed.
        let _ = write!(io::stderr(), "\r{}\u{1b}[K", sanitize::line(&text));
    }

    pub(super) fn clear(&self) {
        if self.is_shown {
            let _ = write!(io::stderr(), "\r\u{1b}[K");
        }
    }
}
