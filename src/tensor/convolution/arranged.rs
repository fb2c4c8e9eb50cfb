//! Products that compute the channels of a pixel side by side: what a convolution computes forward, and the gradient of its
//! image. The weights are arranged anew for them.

#![allow(clippy::indexing_slicing, reason = "the weight has the sizes that are stated")]

use super::channels_last::{CHANNELS, VECTOR, is_full};
use super::direct::{Finish, Use};
use super::pixel_product::PixelProduct;
use super::winograd::{POINTS, Winograd};
use crate::tensor::border::Border;
use crate::tensor::sweep::Sweep;
use crate::tensor::{Real, threads};
use pulp::{Arch, Simd, WithSimd};
use std::ops::Range;

/// With fewer weights for each channel, other ways are faster.
const LEAST: usize = 128;
/// The same for the transposed matrix, where the others have to add up what they compute.
const LEAST_TRANSPOSED: usize = 48;
/// With fewer pixels, arranging the weights isn't worth it.
const LEAST_PIXELS: usize = 128;

/// Whether a product may arrange anew so many weights for each of so many channels of a group.
#[must_use]
pub fn is_arranged(channels: usize, weights: usize, is_transposed: bool) -> bool {
    weights >= if is_transposed { LEAST_TRANSPOSED } else { LEAST } && is_full(channels)
}

/// For how many numbers the taps of a kernel of this size need room, at most.
#[must_use]
pub fn arranged_taps(kernel: &[usize]) -> usize {
    let n_taps = kernel.iter().product();
    if is_square(kernel) { POINTS.max(n_taps) } else { n_taps }
}

/// Whether the last two axes have three taps, and the others one.
pub(super) fn is_square(kernel: &[usize]) -> bool {
    matches!(kernel, [others @ .., 3, 3] if others.iter().all(|taps| *taps == 1))
}

/// `result[sample, channel, pixel] = Σ weight[row, channel, tap] · planes[sample, row, what the tap meets at the pixel]`, over
/// the rows of a group. The kernel moves by single steps, over zeros beyond the ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Factors<'a, T> {
    /// The places of these are the pixels of the result.
    pub axes: [Sweep; 3],
    pub sizes: Sizes,
    /// `[samples, groups, rows, ...]`
    pub planes: &'a [T],
    weights: Weights<'a, T>,
}

/// A way to compute it.
pub(super) trait Product<T>: Sync {
    /// Where the arranged weights of a chunk of channels begin.
    fn start(&self, group: usize, chunk: usize) -> usize;

    /// Arranges the weights of all groups.
    fn arrange(&self, arranged: &mut [T]);

    /// Computes a part. `#[inline(always)]`, so that it is compiled for each instruction set.
    fn compute<S: Simd>(&self, simd: S, part: Part<'_, T>);
}

/// Some channels of some samples, and the arranged weights.
pub(super) struct Part<'a, T> {
    pub weight: &'a [T],
    pub samples: Range<usize>,
    pub channels: Range<usize>,
    pub how: Use<'a, T>,
    pub finish: Finish<'a, T>,
    pub out: &'a mut [T],
}

struct Dispatched<'a, T, P> {
    product: &'a P,
    part: Part<'a, T>,
}

impl<T, P: Product<T>> WithSimd for Dispatched<'_, T, P> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        self.product.compute(simd, self.part);
    }
}

/// How many there are: samples, groups in each, rows and channels in each group.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    pub samples: usize,
    pub groups: usize,
    pub rows: usize,
    pub channels: usize,
}

/// Some channels of a group, and how many there would be in whole vectors.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chunk {
    pub group: usize,
    pub first: usize,
    pub width: usize,
}

/// How the weights lie.
#[derive(Clone, Copy, Debug)]
enum Weights<'a, T> {
    /// `[groups, channels, rows, taps]`
    Plain(&'a [T]),
    /// `[groups, rows, channels, taps]`, the last tap first.
    Turned(&'a [T]),
}

/// The weights between a row and a channel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kernel<'a, T> {
    taps: &'a [T],
    is_turned: bool,
}

impl Sizes {
    /// How many channels, in whole vectors, come before a chunk of a group.
    pub(super) fn start(&self, group: usize, chunk: usize) -> usize {
        let all = self.channels / CHANNELS * CHANNELS + chunk_width(self.channels % CHANNELS);
        group * all + chunk * CHANNELS
    }

    /// The chunks of all groups.
    pub(super) fn chunks(&self) -> impl Iterator<Item = Chunk> {
        let Self { groups, channels, .. } = *self;
        let starts =
            (0..groups).flat_map(move |group| (0..channels).step_by(CHANNELS).map(move |first| (group, first)));
        starts.map(move |(group, first)| Chunk { group, first, width: chunk_width(CHANNELS.min(channels - first)) })
    }
}

impl<'a, T: Real> Factors<'a, T> {
    /// Those of a convolution. `None` where other ways are better.
    pub(super) fn new(axes: [Sweep; 3], sizes: Sizes, planes: &'a [T], weight: &'a [T]) -> Option<Self> {
        Self { axes, sizes, planes, weights: Weights::Plain(weight) }.paying()
    }

    /// Those of the product with the transposed matrix of a convolution: the gradient of its image.
    pub(super) fn transposed(axes: [Sweep; 3], sizes: Sizes, planes: &'a [T], weight: &'a [T]) -> Option<Self> {
        let turned = |axis: Sweep| {
            let before = ((axis.taps - 1) * axis.dilation).checked_sub(axis.before)?;
            Some(Sweep { input: axis.output, output: axis.input, before, ..axis })
        };
        let [z, y, x] = axes.map(turned);
        Self { axes: [z?, y?, x?], sizes, planes, weights: Weights::Turned(weight) }.paying()
    }

    fn paying(self) -> Option<Self> {
        let Sizes { samples, groups, rows, channels } = self.sizes;
        let is_plain = |axis: &Sweep| axis.stride == 1 && axis.border == Border::Constant;
        let is_large = is_arranged(channels, rows * self.taps(), matches!(self.weights, Weights::Turned(_)));
        let pays = is_large && groups > 0 && samples * self.pixels() >= LEAST_PIXELS;
        (pays && self.axes.iter().all(is_plain)).then_some(self)
    }

    /// `memory` is worked in: `arranged_taps` numbers for each kernel, with a multiple of `VECTOR` channels in each group. If
    /// it is too small, nothing is done.
    #[must_use]
    pub(super) fn compute(&self, memory: &mut [T], how: Use<'_, T>, finish: Finish<'_, T>, out: &mut [T]) -> bool {
        Winograd::new(*self).is_some_and(|product| self.compute_by(&product, memory, how, finish, out))
            || PixelProduct::new(*self).is_some_and(|product| self.compute_by(&product, memory, how, finish, out))
    }

    fn compute_by<P: Product<T>>(
        &self,
        product: &P,
        memory: &mut [T],
        how: Use<'_, T>,
        finish: Finish<'_, T>,
        out: &mut [T],
    ) -> bool {
        let Sizes { samples, groups, rows, channels } = self.sizes;
        let Some(memory) = memory.get_mut(..product.start(groups, 0)) else { return false };
        product.arrange(memory);
        let cost = samples.saturating_mul(groups * channels * self.pixels()).saturating_mul(rows * self.taps());
        let unit = if groups == 1 { CHANNELS } else { channels };
        let split = threads::Split::new(samples, groups * channels, unit, cost);
        threads::parts(out.chunks_mut(split.rows() * self.pixels()), |index, out| {
            let (samples, channels) = split.part(index);
            let part = Part { weight: memory, samples, channels, how, finish, out };
            Arch::new().dispatch(Dispatched { product, part });
        });
        true
    }

    /// Empty for a channel or a row that isn't there.
    #[inline(always)]
    pub(super) fn kernel(&self, group: usize, channel: usize, row: usize) -> Kernel<'a, T> {
        let (Sizes { rows, channels, .. }, n_taps) = (self.sizes, self.taps());
        if channel >= channels || row >= rows {
            return Kernel { taps: &[], is_turned: false };
        }
        let (weight, index, is_turned) = match self.weights {
            Weights::Plain(weight) => (weight, (group * channels + channel) * rows + row, false),
            Weights::Turned(weight) => (weight, (group * rows + row) * channels + channel, true),
        };
        Kernel { taps: &weight[index * n_taps..][..n_taps], is_turned }
    }

    /// How many pixels a channel of the result has.
    pub(super) fn pixels(&self) -> usize {
        self.axes.iter().map(|axis| axis.output).product()
    }

    /// How many elements a plane has.
    pub(super) fn plane(&self) -> usize {
        self.axes.iter().map(|axis| axis.input).product()
    }

    pub(super) fn taps(&self) -> usize {
        self.axes.iter().map(|axis| axis.taps).product()
    }
}

impl<T: Real> Kernel<'_, T> {
    /// 0 if the kernel is empty.
    #[inline(always)]
    pub(super) fn at(&self, tap: usize) -> T {
        let at = if self.is_turned { self.taps.len().wrapping_sub(1 + tap) } else { tap };
        self.taps.get(at).copied().unwrap_or(T::zero())
    }
}

/// How many elements so many channels take.
pub(super) fn chunk_width(channels: usize) -> usize {
    channels.next_multiple_of(VECTOR)
}
