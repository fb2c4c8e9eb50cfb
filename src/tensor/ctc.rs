//! Connectionist temporal classification of one sequence: the probability of all alignments of labels with steps, and the
//! part of each label in each step. Everything is a logarithm; rows are scaled so that single precision loses nothing.

#![allow(clippy::indexing_slicing, reason = "the caller states the sizes of all parts")]

use super::Real;

/// One sequence. Its states are the labels with a blank before, between and behind them.
#[derive(Clone, Copy, Debug)]
pub struct Sequence<'a, T> {
    /// The logarithms of probabilities, those of a step from `start + step * stride` on.
    pub log_probs: &'a [T],
    pub start: usize,
    pub stride: usize,
    pub steps: usize,
    /// Each the number of a class.
    pub labels: &'a [i64],
    pub blank: usize,
}

/// ln Σ e^x
fn log_sum<const N: usize>(x: [f64; N]) -> f64 {
    let greatest = x.into_iter().fold(f64::NEG_INFINITY, |a, b| if a > b || a.is_nan() { a } else { b });
    if greatest == f64::NEG_INFINITY {
        return greatest;
    }
    greatest + x.into_iter().map(|x| (x - greatest).exp()).sum::<f64>().ln()
}

/// Subtracts the greatest from all, and returns it.
fn scale<T: Real>(row: &mut [T]) -> f64 {
    let greatest = row.iter().fold(T::NEG_INFINITY, |greatest, x| greatest.maximum(*x));
    if greatest > T::NEG_INFINITY {
        row.iter_mut().for_each(|x| *x -= greatest);
    }
    greatest.to_f64()
}

impl<T: Real> Sequence<'_, T> {
    /// How many states there are.
    #[must_use]
    pub fn states(&self) -> usize {
        2 * self.labels.len() + 1
    }

    fn class(&self, state: usize) -> usize {
        if state.is_multiple_of(2) { self.blank } else { self.labels[state / 2] as usize }
    }

    /// The state before the last may come first too, unless it has the same class.
    fn skips(&self, state: usize) -> bool {
        state >= 2 && self.class(state) != self.class(state - 2)
    }

    fn log_prob(&self, step: usize, state: usize) -> f64 {
        self.log_probs[self.start + step * self.stride + self.class(state)].to_f64()
    }

    /// The loss, -ln p. `forward` gets, for each step and state, the logarithm of the probability of all beginnings that
    /// end there, less something for each step.
    pub fn loss(&self, forward: &mut [T]) -> f64 {
        let states = self.states();
        let mut total = 0.0;
        for step in 0..self.steps {
            let (before, row) = forward.split_at_mut(step * states);
            let before = before.get(before.len().saturating_sub(states)..).unwrap_or(&[]);
            let row = &mut row[..states];
            for (state, out) in row.iter_mut().enumerate() {
                let earlier = |back: usize| match state.checked_sub(back) {
                    Some(state) if step > 0 => before[state].to_f64(),
                    _ => f64::NEG_INFINITY,
                };
                let begins = if step == 0 && state < 2 { 0.0 } else { f64::NEG_INFINITY };
                let skipped = if self.skips(state) { earlier(2) } else { f64::NEG_INFINITY };
                let sum = log_sum([begins, earlier(0), earlier(1), skipped]);
                *out = T::from_f64(sum + self.log_prob(step, state));
            }
            total += scale(row);
        }
        let Some(last) = self.steps.checked_sub(1) else {
            return if self.labels.is_empty() { 0.0 } else { f64::INFINITY };
        };
        let row = &forward[last * states..(last + 1) * states];
        let end = |back: usize| states.checked_sub(back).map_or(f64::NEG_INFINITY, |state| row[state].to_f64());
        -(total + log_sum([end(1), end(2)]))
    }

    /// Adds `factor` times the gradient of the loss to those of the logarithms of probabilities. `forward` is what `loss`
    /// wrote; `work` holds two rows of states.
    pub fn backward(&self, forward: &[T], work: &mut [T], factor: f64, grads: &mut [T]) {
        let states = self.states();
        let (mut after, mut row) = work[..2 * states].split_at_mut(states);
        for step in (0..self.steps).rev() {
            for (state, out) in row.iter_mut().enumerate() {
                // The probability of all endings that begin behind this state.
                let later = |ahead: usize| {
                    let state = state + ahead;
                    if state < states {
                        after[state].to_f64() + self.log_prob(step + 1, state)
                    } else {
                        f64::NEG_INFINITY
                    }
                };
                *out = T::from_f64(if step + 1 == self.steps {
                    if state + 2 >= states { 0.0 } else { f64::NEG_INFINITY }
                } else {
                    let skipped = state + 2 < states && self.skips(state + 2);
                    log_sum([later(0), later(1), if skipped { later(2) } else { f64::NEG_INFINITY }])
                });
            }
            scale(row);
            let both = |state: usize| forward[step * states + state].to_f64() + row[state].to_f64();
            let total = (0..states).fold(f64::NEG_INFINITY, |sum, state| log_sum([sum, both(state)]));
            for state in 0..states {
                let at = self.start + step * self.stride + self.class(state);
                grads[at] -= T::from_f64(factor * (both(state) - total).exp());
            }
            std::mem::swap(&mut after, &mut row);
        }
    }
}
