//! The computation of batch, group and instance normalization: loops over the elements, each with the index of its set
//! and of its channel.

#![allow(clippy::indexing_slicing, reason = "a nest of loops stays inside the tensors that it was made of")]

use crate::tensor::Real;
use crate::tensor::nest::Nest;
use crate::tensor::reduce::add_sums;

/// The loops over elements, sets and channels.
pub(super) struct Layout {
    nest: Nest<3>,
    /// The elements of a set.
    count: usize,
}

const SET: usize = 1;
const CHANNEL: usize = 2;

impl Layout {
    /// The channels are the sets.
    pub(super) fn batch(items: usize, channels: usize, elements: usize) -> Self {
        let steps: [&[usize]; 3] = [&[channels * elements, elements, 1], &[0, 1, 0], &[0, 1, 0]];
        Self { nest: Nest::new(&[items, channels, elements], steps), count: items * elements }
    }

    /// The groups of channels of each item are the sets.
    pub(super) fn groups(items: usize, channels: usize, elements: usize, groups: usize) -> Self {
        let width = channels.checked_div(groups).unwrap_or(0);
        let set = width * elements;
        let steps: [&[usize]; 3] = [&[groups * set, set, elements, 1], &[groups, 1, 0, 0], &[0, width, 1, 0]];
        Self { nest: Nest::new(&[items, groups, width, elements], steps), count: set }
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Mean and variance of every set.
    pub(super) fn moments<T: Real>(&self, x: &[T], means: &mut [T], variances: &mut [T]) {
        let share = 1.0 / self.count as f64;
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

    /// dx += scale (h - E[h] - x̂ E[h x̂]), with memory for both means of every set.
    pub(super) fn grad_input(&self, [mean_h, mean_product]: [&mut [T]; 2], out: &mut [T]) {
        let (nest, share) = (&self.layout.nest, 1.0 / self.layout.count as f64);
        mean_h.fill(T::zero());
        add_sums(nest, SET, share, |at| self.h(at), mean_h);
        mean_product.fill(T::zero());
        add_sums(nest, SET, share, |at| self.h(at) * self.normal(at), mean_product);
        self.each(out, |at| {
            let [_, set, _] = at;
            self.scales[set] * (self.h(at) - mean_h[set] - self.normal(at) * mean_product[set])
        });
    }

    /// dx += scale h, where the statistics don't hang on x.
    pub(super) fn grad_input_alone(&self, out: &mut [T]) {
        self.each(out, |at| self.scales[at[SET]] * self.h(at));
    }

    pub(super) fn grad_weight(&self, out: &mut [T]) {
        add_sums(&self.layout.nest, CHANNEL, 1.0, |at| self.grad[at[0]] * self.normal(at), out);
    }

    pub(super) fn grad_bias(&self, out: &mut [T]) {
        add_sums(&self.layout.nest, CHANNEL, 1.0, |[at, ..]| self.grad[at], out);
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
