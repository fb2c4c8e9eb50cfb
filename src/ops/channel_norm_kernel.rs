//! The computation of batch, group and instance normalization: loops over the elements, each with the index of its set
//! and of its channel.

#![allow(clippy::indexing_slicing, reason = "a nest of loops stays inside the tensors that it was made of")]

use crate::tensor::Real;
use crate::tensor::nest::Nest;
use crate::tensor::reduce::{add_sums, sums_of};

/// The loops over elements, sets and channels.
pub(super) struct Layout {
    nest: Nest<3>,
    items: usize,
    channels: usize,
    /// The elements of a channel of an item.
    elements: usize,
    /// How many channels of an item make up a set; 0 where a set is a channel of all items.
    width: usize,
}

/// Neighbouring elements of one channel, and so of one set.
#[derive(Clone, Copy)]
struct Run {
    start: usize,
    set: usize,
    channel: usize,
}

/// Runs of fewer elements aren't worth a loop of their own.
const LEAST: usize = 8;

const SET: usize = 1;
const CHANNEL: usize = 2;

impl Layout {
    /// The channels are the sets.
    pub(super) fn batch(items: usize, channels: usize, elements: usize) -> Self {
        let steps: [&[usize]; 3] = [&[channels * elements, elements, 1], &[0, 1, 0], &[0, 1, 0]];
        Self { nest: Nest::new(&[items, channels, elements], steps), items, channels, elements, width: 0 }
    }

    /// The groups of channels of each item are the sets.
    pub(super) fn groups(items: usize, channels: usize, elements: usize, groups: usize) -> Self {
        let width = channels.checked_div(groups).unwrap_or(0);
        let set = width * elements;
        let steps: [&[usize]; 3] = [&[groups * set, set, elements, 1], &[groups, 1, 0, 0], &[0, width, 1, 0]];
        Self { nest: Nest::new(&[items, groups, width, elements], steps), items, channels, elements, width }
    }

    /// How many elements a set has.
    pub(super) fn count(&self) -> usize {
        self.elements * if self.width == 0 { self.items } else { self.width }
    }

    fn run(&self, item: usize, channel: usize) -> Run {
        let row = item * self.channels + channel;
        Run { start: row * self.elements, set: row.checked_div(self.width).unwrap_or(channel), channel }
    }

    fn runs_of_set(&self, set: usize) -> impl Iterator<Item = Run> {
        let batch = (0..if self.width == 0 { self.items } else { 0 }).map(move |item| self.run(item, set));
        let rows = set * self.width..(set + 1) * self.width;
        batch.chain(rows.map(|row| self.run(row / self.channels, row % self.channels)))
    }

    fn runs_of_channel(&self, channel: usize) -> impl Iterator<Item = Run> {
        (0..self.items).map(move |item| self.run(item, channel))
    }

    /// Mean and variance of every set.
    pub(super) fn moments<T: Real>(&self, x: &[T], means: &mut [T], variances: &mut [T]) {
        let share = 1.0 / self.count() as f64;
        means.fill(T::zero());
        add_sums(&self.nest, SET, share, |[at, ..]| x[at], means);
        variances.fill(T::zero());
        let square = |[at, set, _]: [usize; 3]| (x[at] - means[set]) * (x[at] - means[set]);
        add_sums(&self.nest, SET, share, square, variances);
    }

    /// y = (x - mean) · scale · weight + bias
    pub(super) fn apply<T: Real>(
        &self,
        x: &[T],
        [means, scales]: [&[T]; 2],
        [weight, bias]: [Option<&[T]>; 2],
        y: &mut [T],
    ) {
        self.nest.for_each_run(|[at, set, channel], length, [_, step_set, step_channel]| {
            let pairs = y[at..at + length].iter_mut().zip(&x[at..at + length]);
            let of = |index: usize| {
                let (set, channel) = (set + index * step_set, channel + index * step_channel);
                let factor = weight.map_or(scales[set], |weight| scales[set] * weight[channel]);
                (means[set], factor, bias.map_or(T::zero(), |bias| bias[channel]))
            };
            if step_set == 0 && step_channel == 0 {
                let (mean, factor, bias) = of(0);
                pairs.for_each(|(y, &x)| *y = (x - mean) * factor + bias);
            } else {
                for (index, (y, &x)) in pairs.enumerate() {
                    let (mean, factor, bias) = of(index);
                    *y = (x - mean) * factor + bias;
                }
            }
        });
    }
}

/// What backward works with. In the following, x̂ = (x - mean) · scale and h = g · weight.
pub(super) struct Sums<'a, T> {
    pub(super) layout: &'a Layout,
    pub(super) x: &'a [T],
    pub(super) grad: &'a [T],
    pub(super) means: &'a [T],
    pub(super) scales: &'a [T],
    pub(super) weight: Option<&'a [T]>,
}

impl<T: Real> Sums<'_, T> {
    fn h(&self, [at, _, channel]: [usize; 3]) -> T {
        self.weight.map_or(self.grad[at], |weight| self.grad[at] * weight[channel])
    }

    fn normal(&self, [at, set, _]: [usize; 3]) -> T {
        (self.x[at] - self.means[set]) * self.scales[set]
    }

    fn each(&self, out: &mut [T], value: impl Fn([usize; 3]) -> T) {
        self.layout.nest.for_each_run(|[at, set, channel], length, [_, step_set, step_channel]| {
            for (index, out) in out[at..at + length].iter_mut().enumerate() {
                *out += value([at + index, set + index * step_set, channel + index * step_channel]);
            }
        });
    }

    /// Σ g and Σ g x̂ of a run.
    fn sums_of(&self, run: Run) -> [f64; 2] {
        let range = run.start..run.start + self.layout.elements;
        let (mean, scale) = (self.means[run.set], self.scales[run.set]);
        sums_of([&self.grad[range.clone()], &self.x[range]], |[grad, x]| [grad, grad * ((x - mean) * scale)])
    }

    fn weight_of(&self, channel: usize) -> T {
        self.weight.map_or(T::one(), |weight| weight[channel])
    }

    /// dx += scale (h - E[h] - x̂ E[h x̂]), with memory for both means of every set.
    pub(super) fn grad_input(&self, [mean_h, mean_product]: [&mut [T]; 2], out: &mut [T]) {
        let (nest, share) = (&self.layout.nest, 1.0 / self.layout.count() as f64);
        if self.layout.elements < LEAST {
            mean_h.fill(T::zero());
            add_sums(nest, SET, share, |at| self.h(at), mean_h);
            mean_product.fill(T::zero());
            add_sums(nest, SET, share, |at| self.h(at) * self.normal(at), mean_product);
            self.each(out, |at| {
                let [_, set, _] = at;
                self.scales[set] * (self.h(at) - mean_h[set] - self.normal(at) * mean_product[set])
            });
            return;
        }
        for set in 0..self.scales.len() {
            let mut sums = [0.0; 2];
            for run in self.layout.runs_of_set(set) {
                let (found, weight) = (self.sums_of(run), self.weight_of(run.channel).to_f64());
                sums.iter_mut().zip(found).for_each(|(sum, found)| *sum += weight * found);
            }
            let means = sums.map(|sum| T::from_f64(share * sum));
            self.layout.runs_of_set(set).for_each(|run| self.grad_run(run, means, out));
        }
    }

    fn grad_run(&self, run: Run, [mean_h, mean_product]: [T; 2], out: &mut [T]) {
        let range = run.start..run.start + self.layout.elements;
        let (mean, scale, weight) = (self.means[run.set], self.scales[run.set], self.weight_of(run.channel));
        let pairs = self.grad[range.clone()].iter().zip(&self.x[range.clone()]);
        for (out, (&grad, &x)) in out[range].iter_mut().zip(pairs) {
            *out += scale * (grad * weight - mean_h - (x - mean) * scale * mean_product);
        }
    }

    /// dx += scale h, where the statistics don't hang on x.
    pub(super) fn grad_input_alone(&self, out: &mut [T]) {
        self.each(out, |at| self.scales[at[SET]] * self.h(at));
    }

    /// Weight and bias: Σ g x̂ and Σ g.
    pub(super) fn grad_params(&self, weight: Option<&mut [T]>, bias: Option<&mut [T]>) {
        if self.layout.elements < LEAST {
            if let Some(out) = weight {
                add_sums(&self.layout.nest, CHANNEL, 1.0, |at| self.grad[at[0]] * self.normal(at), out);
            }
            if let Some(out) = bias {
                add_sums(&self.layout.nest, CHANNEL, 1.0, |[at, ..]| self.grad[at], out);
            }
            return;
        }
        let (mut weight, mut bias) = (weight, bias);
        let wanted = weight.is_some() || bias.is_some();
        for channel in 0..if wanted { self.layout.channels } else { 0 } {
            let mut sums = [0.0; 2];
            for run in self.layout.runs_of_channel(channel) {
                sums.iter_mut().zip(self.sums_of(run)).for_each(|(sum, found)| *sum += found);
            }
            if let Some(out) = &mut bias {
                out[channel] += T::from_f64(sums[0]);
            }
            if let Some(out) = &mut weight {
                out[channel] += T::from_f64(sums[1]);
            }
        }
    }

    /// -Σ h scale
    pub(super) fn grad_mean(&self, out: &mut [T]) {
        add_sums(&self.layout.nest, CHANNEL, -1.0, |at| self.h(at) * self.scales[at[SET]], out);
    }

    /// -½ Σ h x̂ scale²
    pub(super) fn grad_var(&self, out: &mut [T]) {
        let value = |at: [usize; 3]| self.h(at) * self.normal(at) * self.scales[at[SET]] * self.scales[at[SET]];
        add_sums(&self.layout.nest, CHANNEL, -0.5, value, out);
    }
}
