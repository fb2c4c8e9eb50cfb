//! A run from its first step to its last: what is shown, what is written when, and how it is stopped.

use super::super::output::{Failure, Output, Status, charset};
use super::curve::{curves, drawn};
use super::files::{Files, checkpoint, keep, results};
use super::flags::Flags;
use super::screen::{Screen, line};
use super::signals::Signals;
use crate::data::Dataset;
use crate::train::{Progress, Stop, Trained, Trainer};
use std::io::Write;

pub(super) struct Session<'a> {
    pub(super) args: &'a Flags,
    pub(super) files: Files<'a>,
    pub(super) data: Dataset,
    pub(super) validation: Option<Dataset>,
    pub(super) epochs: u64,
    pub(super) progress: Progress,
    pub(super) output: &'a mut Output,
}

impl Session<'_> {
    /// Trains to the end, or until it is told to stop; the files are then written.
    pub(super) fn train<T: Trained>(&mut self, trainer: &mut Trainer<'_, T>) -> Result<Result<Status, Stop>, Failure> {
        let signals = Signals::heed()?;
        let opening = self.opening(trainer);
        self.say(&opening)?;
        if trainer.steps() > 0 && trainer.steps_in_epoch() == 0 {
            // It may have been ended before these were written.
            results(&self.files, trainer, &self.progress)?;
        }
        let mut screen = Screen::new(trainer.steps_per_epoch(), self.epochs, self.args.quiet);
        while !trainer.is_done() {
            let number = trainer.epochs() + 1;
            if !trainer.is_epoch_over() {
                match trainer.step(&mut self.data) {
                    Ok(taken) => screen.step(number, &taken),
                    Err(stop) => {
                        screen.clear();
                        return Ok(Err(stop));
                    }
                }
            }
            if trainer.is_epoch_over() {
                let scored = match (&mut self.validation, self.args.val_split) {
                    (Some(other), _) => Some(other),
                    (None, Some(_)) => Some(&mut self.data),
                    (None, None) => None,
                };
                if scored.is_some() {
                    screen.validating(number);
                }
                let epoch = trainer.end_epoch(scored);
                screen.clear();
                let epoch = match epoch {
                    Ok(epoch) => epoch,
                    Err(stop) => return Ok(Err(stop)),
                };
                self.say(&line(&epoch, self.epochs))?;
                keep(&self.files, trainer, &epoch, &mut self.progress)?;
            } else if self.is_due(trainer.steps()) || signals.status().is_some() {
                checkpoint(&self.files, trainer, &mut self.progress)?;
            }
            if let Some(status) = signals.status().filter(|_| !trainer.is_done()) {
                screen.clear();
                let (step, epoch) = (trainer.steps(), trainer.epochs() + u64::from(trainer.steps_in_epoch() > 0));
                self.say(&format!("stopped after step {step}, in epoch {epoch}; `--resume` goes on from there"))?;
                return Ok(Ok(status));
            }
        }
        if self.output.is_terminal() {
            self.say(drawn(&curves(&self.progress.log), charset()).trim_end())?;
        }
        self.say(&self.files.told(&self.progress))?;
        Ok(Ok(Status::Fine))
    }

    fn is_due(&self, steps: u64) -> bool {
        self.args.checkpoint_every.is_some_and(|every| steps.is_multiple_of(every))
    }

    /// What is trained with what.
    fn opening<T: Trained>(&self, trainer: &Trainer<'_, T>) -> String {
        let (examples, steps, epochs) = (self.data.n_examples(), trainer.steps_per_epoch(), self.epochs);
        let streamed = if self.data.is_streamed() { " in parts" } else { "" };
        let mut first = vec![format!("{examples} examples{streamed}")];
        let held_out = self.args.val_split.map(|_| format!("{} for validation", trainer.n_validated()));
        first.extend(held_out);
        if let Some(names) = self.data.tokens().and_then(|_| self.data.vocabularies().first()) {
            first.push(format!("{} characters", names.names.len()));
        }
        first.push(format!("{steps} step{} an epoch", if steps == 1 { "" } else { "s" }));
        first.extend(["optimizer", "schedule"].iter().filter_map(|name| self.progress.settings.get(*name)).cloned());
        first.push(format!("seed {}", self.args.seed));
        let mut lines = vec![first.join(", ")];
        if !self.data.unused().is_empty() {
            lines.push(format!("columns that no input takes: {}", self.data.unused().join(", ")));
        }
        if trainer.is_done() {
            lines.push(format!("the {epochs} epochs were trained before; `--epochs` with a larger number goes on"));
        } else if trainer.steps() > 0 {
            lines.push(format!("going on after step {}", trainer.steps()));
        }
        lines.join("\n")
    }

    /// Prints a line at once.
    fn say(&mut self, text: &str) -> Result<(), Failure> {
        if self.args.quiet || text.is_empty() {
            return Ok(());
        }
        writeln!(self.output.out(), "{}", crate::sanitize::text(text))?;
        self.output.flush()
    }
}
