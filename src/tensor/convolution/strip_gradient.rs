//! Products of maps with the strips of an image, summed over all places: the gradient of a convolution's weight.
//!
//! The channels of a pixel lie side by side in vectors; what a row of the map holds at a place is multiplied with all of
//! them, and the sums of some rows stay in registers for all places of a block.

#![allow(clippy::indexing_slicing, reason = "tiles are counted from the sizes of the tensors")]

use super::channels_last::{CHANNELS, LINE, Pixels, ROOM, is_full};
use super::strips::{Layout, Strips};
use crate::tensor::side_by_side::{Rows, SideBySide};
use crate::tensor::sweep::Sweep;
use crate::tensor::vector::lanes;
use crate::tensor::{Real, threads};
use pulp::{Arch, Simd, WithSimd};
use std::ops::Range;

/// How many shares the samples are divided into. Each has sums of its own, so that what is computed is the same with any
/// number of threads.
pub const SHARES: usize = 2;
/// How many places a block has, at most: what the rows of a tile hold there stays in the cache.
const MOST_PLACES: usize = 256;

/// `weight[row, channel, tap] += Σ map[sample, row, place] · image[sample, channel, what the tap meets at the place]`, over
/// all samples and places.
#[derive(Clone, Copy, Debug)]
pub(super) struct StripGradient<'a, T> {
    strips: Strips,
    /// `[samples, groups, rows, places]`
    map: &'a [T],
    /// `[samples, groups, channels of a group, ...]`
    image: &'a [T],
    samples: usize,
    groups: usize,
    rows: usize,
    channels: usize,
}

impl<'a, T: Real> StripGradient<'a, T> {
    /// For so many samples and groups, of which each has so many rows and channels. `None` where the channels fill too
    /// little of vectors, or a line is too long.
    #[must_use]
    pub(super) fn new(
        axes: [Sweep; 3],
        [samples, groups, rows, channels]: [usize; 4],
        map: &'a [T],
        image: &'a [T],
    ) -> Option<Self> {
        let strips = Strips::of_pixels(axes, ROOM / CHANNELS, MOST_PLACES)
            .filter(|_| is_full(channels) && axes[2].input <= LINE / CHANNELS)?;
        Some(Self { strips, map, image, samples, groups, rows, channels })
    }

    /// Adds to the weight, using memory for `SHARES` as large.
    pub(super) fn add(&self, sums: &mut [T], weight: &mut [T]) {
        let (units, len) = (self.groups * self.chunks(), weight.len());
        let Some(sums) = sums.get_mut(..SHARES * len).filter(|sums| !sums.is_empty()) else { return };
        let cost = self.samples.saturating_mul(self.places()).saturating_mul(len);
        let shares = SHARES.div_ceil(threads::piece(SHARES, 1, cost));
        let n_units = threads::piece(units, 1, cost / shares);
        let per_share = self.samples.div_ceil(shares);
        let parts = sums.chunks_mut(len).take(shares).enumerate().flat_map(|(share, mut sums)| {
            let samples = (share * per_share).min(self.samples)..((share + 1) * per_share).min(self.samples);
            (0..units).step_by(n_units).map(move |first| {
                let units = first..units.min(first + n_units);
                let (part, rest) = std::mem::take(&mut sums).split_at_mut(self.start(units.end) - self.start(first));
                sums = rest;
                (samples.clone(), units, part)
            })
        });
        threads::parts(parts, |_, (samples, units, sums)| {
            Arch::new().dispatch(Part { gradient: self, samples, units, sums });
        });
        sums.chunks(len).take(shares).for_each(|sums| self.add_sums(sums, weight));
    }

    /// Adds what stands in `[groups, chunks of channels, taps, rows, channels of a chunk]`.
    fn add_sums(&self, sums: &[T], weight: &mut [T]) {
        let (n_taps, n_rows) = (self.strips.taps(), self.rows);
        for (row, weight) in weight.chunks_exact_mut(self.channels * n_taps).enumerate() {
            let (group, row) = (row / n_rows, row % n_rows);
            for (chunk, weight) in weight.chunks_mut(CHANNELS * n_taps).enumerate() {
                let channels = weight.len() / n_taps;
                let sums = &sums[self.start(group * self.chunks() + chunk)..];
                for tap in 0..n_taps {
                    let sums = &sums[(tap * n_rows + row) * channels..][..channels];
                    weight.iter_mut().skip(tap).step_by(n_taps).zip(sums).for_each(|(weight, sum)| *weight += *sum);
                }
            }
        }
    }

    /// How many chunks the channels of a group are taken in.
    fn chunks(&self) -> usize {
        self.channels.div_ceil(CHANNELS)
    }

    /// Where the sums of a unit begin, a chunk of a group.
    fn start(&self, unit: usize) -> usize {
        let channels = unit / self.chunks() * self.channels + unit % self.chunks() * CHANNELS;
        channels * self.strips.taps() * self.rows
    }

    fn places(&self) -> usize {
        self.strips.axes.iter().map(|axis| axis.output).product()
    }

    fn pixels(&self) -> usize {
        self.strips.axes.iter().map(|axis| axis.input).product()
    }
}

/// Some units of some samples.
struct Part<'a, T> {
    gradient: &'a StripGradient<'a, T>,
    samples: Range<usize>,
    units: Range<usize>,
    sums: &'a mut [T],
}

/// What is multiplied together: the rows of a map at the places of a block, and the pixels that a tap meets there.
struct Tiles<'a, T> {
    map: &'a [T],
    /// How far the rows of the map are apart.
    pitch: usize,
    places: usize,
    pixels: &'a [T],
    /// How many elements a pixel has, and how many of them are channels.
    width: usize,
    channels: usize,
}

impl<T: Real> WithSimd for Part<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (gradient, lanes) = (self.gradient, lanes::<T, S>());
        let (strips, n_rows, n_chunks) = (&gradient.strips, gradient.rows, gradient.chunks());
        let (pixels, places, n_taps) = (gradient.pixels(), gradient.places(), strips.taps());
        let (mut panel, mut layout, start) = (Pixels::new(), Layout::EMPTY, gradient.start(self.units.start));
        self.sums.fill(T::zero());
        for sample in self.samples {
            for block in strips.blocks() {
                strips.find(&block, &mut layout);
                for unit in self.units.clone() {
                    let (group, channel) = (unit / n_chunks, unit % n_chunks * CHANNELS);
                    let channels = (gradient.channels - channel).min(CHANNELS);
                    let width = channels.next_multiple_of(lanes);
                    let group = sample * gradient.groups + group;
                    let planes = &gradient.image[(group * gradient.channels + channel) * pixels..];
                    panel.fill(simd, strips, planes, [channels, width], &block, &layout);
                    let sums = &mut self.sums[gradient.start(unit) - start..][..n_taps * n_rows * channels];
                    for (sums, start) in sums.chunks_exact_mut(n_rows * channels).zip(layout.starts) {
                        let tiles = Tiles {
                            map: &gradient.map[group * n_rows * places + strips.start(&block)..],
                            pitch: places,
                            places: block.n_places(),
                            pixels: &panel.strips[start * width..][..block.n_places() * width],
                            width,
                            channels,
                        };
                        for vector in (0..width / lanes).step_by(2) {
                            match (width / lanes - vector, S::REGISTER_COUNT >= 32) {
                                (1, _) => tiles.add::<S, 12, 1>(simd, vector, sums),
                                (_, true) => tiles.add::<S, 12, 2>(simd, vector, sums),
                                (_, false) => tiles.add::<S, 6, 2>(simd, vector, sums),
                            }
                        }
                    }
                }
            }
        }
    }
}

impl<T: Real> Tiles<'_, T> {
    /// Adds the products with `N` vectors of the pixels to the sums of all rows, `M` at a time.
    #[inline(always)]
    fn add<S: Simd, const M: usize, const N: usize>(&self, simd: S, vector: usize, sums: &mut [T])
    where
        Rows<M>: SideBySide<M>,
    {
        let (rows, mut row) = (sums.len() / self.channels, 0);
        while row < rows {
            let sums = &mut sums[row * self.channels..];
            row += match rows - row {
                left if left >= M => self.add_rows::<S, M, N>(simd, vector, row, sums),
                3.. => self.add_rows::<S, 4, N>(simd, vector, row, sums),
                _ => self.add_rows::<S, 2, N>(simd, vector, row, sums),
            };
        }
    }

    /// The same for the first `M` rows of the sums, or as many as there are.
    #[inline(always)]
    fn add_rows<S: Simd, const M: usize, const N: usize>(
        &self,
        simd: S,
        vector: usize,
        row: usize,
        sums: &mut [T],
    ) -> usize
    where
        Rows<M>: SideBySide<M>,
    {
        let (lanes, last) = (lanes::<T, S>(), sums.len() / self.channels - 1);
        let rows = std::array::from_fn(|index| &self.map[(row + index.min(last)) * self.pitch..][..self.places]);
        let tile = tile::<S, T, M, N>(simd, rows, T::vectors::<S>(self.pixels), self.width / lanes, vector);
        for (sums, tile) in sums.chunks_exact_mut(self.channels).zip(&tile) {
            for (sums, sum) in sums[vector * lanes..].chunks_mut(lanes).zip(tile) {
                let total = T::sum_of(simd, *sum, T::load(simd, sums));
                T::store(simd, sums, total);
            }
        }
        M
    }
}

/// The products of what rows hold at each place with `N` vectors of its pixel, of which each has `pitch`.
#[inline(always)]
fn tile<S: Simd, T: Real, const M: usize, const N: usize>(
    simd: S,
    rows: [&[T]; M],
    pixels: &[T::Vector<S>],
    pitch: usize,
    first: usize,
) -> [[T::Vector<S>; N]; M]
where
    Rows<M>: SideBySide<M>,
{
    let mut sums = [[T::splat(simd, T::zero()); N]; M];
    for (pixel, row) in pixels.chunks_exact(pitch).zip(Rows::side_by_side(rows)) {
        let Some(pixel) = pixel.get(first..first + N) else { break };
        for (value, sums) in row.into_iter().zip(&mut sums) {
            let value = T::splat(simd, value);
            for (sum, vector) in sums.iter_mut().zip(pixel) {
                *sum = T::mul_add(simd, value, *vector, *sum);
            }
        }
    }
    sums
}
