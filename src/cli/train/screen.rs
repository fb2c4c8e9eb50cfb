//! What a training run shows: a line for each epoch, and on a terminal how far the epoch has come.

use super::super::output::charset;
use super::super::render::human::Charset;
use crate::run::number;
use crate::sanitize;
use crate::train::{Epoch, Metric, Score, Taken};
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// `epoch 3/10  loss 0.512  accuracy 0.84  val_loss 0.6  val_accuracy 0.8`
pub(super) fn line(epoch: &Epoch, epochs: u64) -> String {
    let width = epochs.to_string().len();
    let score = |prefix: &str, score: &Score| {
        let metrics = score.metrics.iter().map(|(metric, value)| {
            let value = match metric {
                Metric::Accuracy | Metric::Top5 => format!("{value:.4}"),
                _ => number(*value),
            };
            format!("  {prefix}{} {value}", metric.name())
        });
        format!("  {prefix}loss {}{}", number(score.loss), metrics.collect::<String>())
    };
    let validation = epoch.validation.as_ref().map(|found| score("val_", found)).unwrap_or_default();
    format!("epoch {:width$}/{epochs}{}{validation}", epoch.number, score("", &epoch.training))
}

/// How far an epoch has come, where a person can see it.
pub(super) struct Screen {
    steps: u64,
    epochs: u64,
    is_shown: bool,
    charset: Charset,
    /// When the epoch began here, and with how many steps done.
    began: Option<(Instant, u64)>,
    drawn: Option<Instant>,
}

impl Screen {
    pub(super) fn new(steps: u64, epochs: u64, quiet: bool) -> Self {
        let is_shown = !quiet && io::stderr().is_terminal();
        Self { steps, epochs, is_shown, charset: charset(), began: None, drawn: None }
    }

    pub(super) fn step(&mut self, epoch: u64, taken: &Taken) {
        const PAUSE: Duration = Duration::from_millis(100);
        let now = Instant::now();
        let (began, before) = *self.began.get_or_insert((now, taken.done));
        if !self.is_shown || self.drawn.is_some_and(|drawn| now - drawn < PAUSE) {
            return;
        }
        self.drawn = Some(now);
        let pace = Pace { seconds: (now - began).as_secs_f64(), steps: taken.done - before };
        let text = bar(epoch, self.epochs, taken, self.steps, &pace, self.charset);
        write(&text);
    }

    /// The training of an epoch is over, and the scoring isn't.
    pub(super) fn validating(&mut self, epoch: u64) {
        if self.is_shown {
            write(&format!("epoch {epoch}/{}  validation", self.epochs));
        }
    }

    /// Makes room for a line.
    pub(super) fn clear(&mut self) {
        (self.began, self.drawn) = (None, None);
        if self.is_shown {
            let _ = write!(io::stderr(), "\r\u{1b}[K");
        }
    }
}

fn write(text: &str) {
    // A line that doesn't fit would stay.
    let text: String = sanitize::line(text).chars().take(79).collect();
    // What can't be shown isn't missed.
    let _ = write!(io::stderr(), "\r{text}\u{1b}[K");
}

/// How long some steps took.
struct Pace {
    seconds: f64,
    steps: u64,
}

/// `epoch 3/10 ━━━━━━━━━━━             42/120  0:03<0:05  14.1 steps/s  loss 0.412`
fn bar(epoch: u64, epochs: u64, taken: &Taken, steps: u64, pace: &Pace, charset: Charset) -> String {
    const WIDTH: u64 = 24;
    let (open, full, close) = match charset {
        Charset::Unicode => ("", '━', ""),
        Charset::Ascii => ("[", '=', "]"),
    };
    let reached = taken.done.min(steps) * WIDTH / steps.max(1);
    let bar: String = (0..WIDTH).map(|at| if at < reached { full } else { ' ' }).collect();
    let rate = pace.steps as f64 / pace.seconds;
    let clock = |seconds: f64| {
        let all = seconds as u64;
        let (hours, minutes, seconds) = (all / 3600, all / 60 % 60, all % 60);
        if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
    };
    let time = if rate.is_finite() && rate > 0.0 {
        let rest = steps.saturating_sub(taken.done) as f64 / rate;
        format!("  {}<{}  {rate:.1} steps/s", clock(pace.seconds), clock(rest))
    } else {
        String::new()
    };
    format!("epoch {epoch}/{epochs} {open}{bar}{close} {}/{steps}{time}  loss {}", taken.done, number(taken.mean))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_says_how_far_and_how_long() {
        let at = |done, charset| {
            let pace = Pace { seconds: 3.0, steps: done };
            bar(3, 10, &Taken { done, loss: 0.5, mean: 0.412 }, 120, &pace, charset)
        };
        insta::assert_snapshot!(at(42, Charset::Unicode), @"epoch 3/10 ━━━━━━━━                 42/120  0:03<0:05  14.0 steps/s  loss 0.412000");
        insta::assert_snapshot!(at(120, Charset::Ascii), @"epoch 3/10 [========================] 120/120  0:03<0:00  40.0 steps/s  loss 0.412000");
        insta::assert_snapshot!(at(0, Charset::Ascii), @"epoch 3/10 [                        ] 0/120  loss 0.412000");
    }
}
