//! The computation of batch, group and instance normalization: loops over the elements, each with the index of its set
//! and of its channel.

#![allow(clippy::indexing_slicing, reason = "a nest of loops stays inside the tensors that it was made of")]

use super::channel_norm_loops::{Gradient, Moments, TwoSums};
use crate::tensor::nest::Nest;
use crate::tensor::reduce::add_sums;
use crate::tensor::simd::{self, give};
use crate::tensor::{Real, threads};
use std::ops::Range;

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

/// Rows of fewer elements aren't worth a loop of their own.
const LEAST: usize = 8;
/// What an element costs, in operations.
const COST: usize = 4;

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

    /// How many rows of neighbouring elements, each of one channel of an item, a set has.
    pub(super) fn rows_of_set(&self) -> usize {
        if self.width == 0 { self.items } else { self.width }
    }

    /// The elements of a row of a set.
    pub(super) fn row(&self, set: usize, index: usize) -> Range<usize> {
        let row = if self.width == 0 { index * self.channels + set } else { set * self.width + index };
        row * self.elements..(row + 1) * self.elements
    }

    /// The set and the channel of a row of elements.
    fn place(&self, row: usize) -> [usize; 2] {
        [row.checked_div(self.width).unwrap_or(row % self.channels), row % self.channels]
    }

    fn has_short_rows(&self) -> bool {
        self.elements < LEAST
    }

    /// Mean and variance of every set.
    pub(super) fn moments<T: Real>(&self, x: &[T], means: &mut [T], variances: &mut [T]) {
        let share = 1.0 / self.count() as f64;
        if !self.has_short_rows() {
            let piece = threads::piece(means.len(), 1, x.len().saturating_mul(2 * COST));
            let parts = means.chunks_mut(piece).zip(variances.chunks_mut(piece));
            threads::parts(parts, |index, (means, variances)| {
                simd::run(Moments { layout: self, x, first: index * piece, means, variances });
            });
            return;
        }
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
        if !self.has_short_rows() {
            return self.each_row(y, |row, elements, y| {
                let [set, channel] = self.place(row);
                let factor = weight.map_or(scales[set], |weight| scales[set] * weight[channel]);
                let (mean, bias) = (means[set], bias.map_or(T::zero(), |bias| bias[channel]));
                simd::map(
                    &x[elements],
                    y,
                    #[inline(always)]
                    |x| (x - mean) * factor + bias,
                );
            });
        }
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

impl Layout {
    /// Calls `visit` with the number of each row, its elements, and what stands there.
    fn each_row<T: Real>(&self, out: &mut [T], visit: impl Fn(usize, Range<usize>, &mut [T]) + Sync) {
        let piece = threads::piece(out.len(), self.elements, out.len().saturating_mul(COST));
        threads::split(out, piece, |index, out| {
            for (at, out) in out.chunks_exact_mut(self.elements).enumerate() {
                let start = index * piece + at * self.elements;
                visit(start / self.elements, start..start + self.elements, out);
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

    /// Adds to each element, or writes it where it is fresh.
    fn each(&self, out: &mut [T], is_fresh: bool, value: impl Fn([usize; 3]) -> T) {
        let give = if is_fresh { give::<T, true> } else { give::<T, false> };
        self.layout.nest.for_each_run(|[at, set, channel], length, [_, step_set, step_channel]| {
            for (index, out) in out[at..at + length].iter_mut().enumerate() {
                give(out, value([at + index, set + index * step_set, channel + index * step_channel]));
            }
        });
    }

    fn weight_of(&self, channel: usize) -> T {
        self.weight.map_or(T::one(), |weight| weight[channel])
    }

    /// Sets are channels, and weights are their own.
    fn are_channels(&self) -> bool {
        self.layout.width == 0
    }

    /// dx += scale (h - E[h] - x̂ E[h x̂]), with memory for two sums of every set. Where sets are channels, it then holds
    /// Σ g and Σ g x̂, and that is said. Where `out` is fresh, it is written.
    pub(super) fn grad_input(&self, [first, second]: [&mut [T]; 2], out: &mut [T], is_fresh: bool) -> bool {
        let (nest, share) = (&self.layout.nest, 1.0 / self.layout.count() as f64);
        if self.layout.has_short_rows() {
            first.fill(T::zero());
            add_sums(nest, SET, share, |at| self.h(at), first);
            second.fill(T::zero());
            add_sums(nest, SET, share, |at| self.h(at) * self.normal(at), second);
            self.each(out, is_fresh, |at| {
                let [_, set, _] = at;
                self.scales[set] * (self.h(at) - first[set] - self.normal(at) * second[set])
            });
            return false;
        }
        let piece = threads::piece(first.len(), 1, self.x.len().saturating_mul(COST));
        threads::parts(first.chunks_mut(piece).zip(second.chunks_mut(piece)), |index, (first, second)| {
            for (at, (first, second)) in first.iter_mut().zip(second).enumerate() {
                let mut totals = [0.0; 2];
                for row in 0..self.layout.rows_of_set() {
                    let range = self.layout.row(index * piece + at, row);
                    let [_, channel] = self.layout.place(range.start / self.layout.elements);
                    let factor = if self.are_channels() { 1.0 } else { self.weight_of(channel).to_f64() };
                    let found = self.sums_of_row(range);
                    totals = [totals[0] + factor * found[0], totals[1] + factor * found[1]];
                }
                [*first, *second] = totals.map(T::from_f64);
            }
        });
        self.layout.each_row(out, |row, range, out| {
            let [set, channel] = self.layout.place(row);
            let (mean, scale, weight) = (self.means[set], self.scales[set], self.weight_of(channel));
            let factor = if self.are_channels() { share * weight.to_f64() } else { share };
            let means = [first[set], second[set]].map(|sum| T::from_f64(factor * sum.to_f64()));
            let (grad, x) = (&self.grad[range.clone()], &self.x[range]);
            if is_fresh {
                simd::run(Gradient::<_, true> { grad, x, out, mean, scale, weight, means });
            } else {
                simd::run(Gradient::<_, false> { grad, x, out, mean, scale, weight, means });
            }
        });
        self.are_channels()
    }

    /// Σ g and Σ g x̂ of a row.
    fn sums_of_row(&self, range: Range<usize>) -> [f64; 2] {
        let [set, _] = self.layout.place(range.start / self.layout.elements);
        let (mean, scale) = (self.means[set], self.scales[set]);
        simd::run(TwoSums { grad: &self.grad[range.clone()], x: &self.x[range], mean, scale })
    }

    /// dx += scale h, or dx = scale h where that is fresh, where the statistics don't hang on x.
    pub(super) fn grad_input_alone(&self, out: &mut [T], is_fresh: bool) {
        self.each(out, is_fresh, |at| self.scales[at[SET]] * self.h(at));
    }

    /// Weight and bias: Σ g x̂ and Σ g, which may be known.
    pub(super) fn grad_params(&self, weight: Option<&mut [T]>, bias: Option<&mut [T]>, known: Option<[&[T]; 2]>) {
        if let Some([first, second]) = known {
            for (out, sums) in [(bias, first), (weight, second)] {
                out.into_iter().flatten().zip(sums).for_each(|(out, sum)| *out += *sum);
            }
            return;
        }
        if self.layout.has_short_rows() {
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
            for item in 0..self.layout.items {
                let start = (item * self.layout.channels + channel) * self.layout.elements;
                let found = self.sums_of_row(start..start + self.layout.elements);
                sums.iter_mut().zip(found).for_each(|(sum, found)| *sum += found);
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
