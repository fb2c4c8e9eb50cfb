//! The gradient of a kernel: Gᵀ [Σ (A y Aᵀ) ⊙ (Bᵀ d B)] G, where y is the gradient of the 2 × 2 pixels that the tile d gave.

#![allow(clippy::indexing_slicing, reason = "tiles and points are counted from the sizes of the tensors")]

use super::{MOST_TILES, Memory, POINTS, SIDE, STEP, Winograd};
use crate::tensor::convolution::SHARES;
use crate::tensor::convolution::arranged::{Chunk, Factors, Product, Sizes, chunk_width};
use crate::tensor::convolution::channels_last::{CHANNELS, VECTOR, turn};
use crate::tensor::vector::{Vectors, lanes};
use crate::tensor::{Real, threads};
use pulp::{Arch, Simd, WithSimd};
use std::ops::Range;

/// How many tiles are rounded up to what they leave room for.
const BLOCK: usize = 8;
/// How many rows have their sums in registers together.
const ROWS: usize = 8;

/// `weight[channel, row, tap] += Σ map[sample, channel, place] · planes[sample, row, what the tap meets at the place]`
#[derive(Clone, Copy, Debug)]
pub(in crate::tensor::convolution) struct KernelGradient<'a, T> {
    tiles: Winograd<'a, T>,
    /// `[samples, groups, channels, places]`
    map: &'a [T],
}

impl<'a, T: Real> KernelGradient<'a, T> {
    /// `None` for other kernels, or too few rows or tiles. The weights of the factors aren't read.
    #[must_use]
    pub(in crate::tensor::convolution) fn new(of: Factors<'a, T>, map: &'a [T]) -> Option<Self> {
        let tiles = Winograd::new(of)?;
        // The more tiles together, the less often sums are loaded; lines of tiles are divided evenly.
        let [height, across] = tiles.tiles;
        let most = (1..=height).rev().find(|lines| tiles.fits(*lines, BLOCK))?;
        let lines = height.div_ceil(height.div_ceil(most));
        Some(Self { tiles: Winograd { lines, block: BLOCK, tiles: [height, across], ..tiles }, map })
    }

    /// `sums` is worked in: `SHARES` times what `Factors::compute` needs. If it is smaller, nothing is done.
    #[must_use]
    pub(in crate::tensor::convolution) fn add(&self, sums: &mut [T], weight: &mut [T]) -> bool {
        let Sizes { samples, groups, rows, channels } = self.tiles.of.sizes;
        let len = self.tiles.start(groups, 0);
        let Some(sums) = sums.get_mut(..SHARES * len) else { return false };
        let cost = samples.saturating_mul(weight.len()).saturating_mul(self.tiles.of.pixels());
        let shares = SHARES.div_ceil(threads::piece(SHARES, 1, cost));
        let per_share = samples.div_ceil(shares);
        let parts = sums.chunks_mut(len).take(shares).enumerate().map(|(share, sums)| {
            let samples = (share * per_share).min(samples)..((share + 1) * per_share).min(samples);
            (samples, sums)
        });
        threads::parts(parts, |_, (samples, sums)| {
            Arch::new().dispatch(Part { gradient: self, samples, sums });
        });
        let piece = threads::piece(weight.len(), rows * 9, weight.len().saturating_mul(POINTS));
        threads::split(weight, piece, |index, weight| {
            for (channel, weight) in (index * piece / (rows * 9)..).zip(weight.chunks_exact_mut(rows * 9)) {
                for sums in sums.chunks(len).take(shares) {
                    self.add_sums(sums, channel / channels, channel % channels, weight);
                }
            }
        });
        true
    }

    /// Adds the sums of a channel, of `[groups, chunks of channels, points, rows, channels of a chunk]`, to its kernels.
    fn add_sums(&self, sums: &[T], group: usize, channel: usize, weight: &mut [T]) {
        let (depth, chunk) = (self.tiles.depth(), channel / CHANNELS);
        let width = chunk_width((self.tiles.of.sizes.channels - chunk * CHANNELS).min(CHANNELS));
        let sums = &sums[self.tiles.start(group, chunk)..];
        for (row, weight) in weight.chunks_exact_mut(9).enumerate() {
            let sum = |y: usize, x: usize| sums[((y * SIDE + x) * depth + row) * width + channel % CHANNELS];
            let columns: [[T; 3]; SIDE] =
                std::array::from_fn(|x| of_points([sum(0, x), sum(1, x), sum(2, x), sum(3, x)]));
            for (y, weight) in weight.chunks_exact_mut(3).enumerate() {
                let line = of_points(columns.map(|column| column[y]));
                weight.iter_mut().zip(line).for_each(|(weight, sum)| *weight += sum);
            }
        }
    }
}

/// Gᵀ u
#[inline(always)]
fn of_points<T: Real>([a, b, c, d]: [T; SIDE]) -> [T; 3] {
    let half = T::from_f64(0.5);
    [a + half * (b + c), half * (b - c), half * (b + c) + d]
}

/// A y
#[inline(always)]
fn of_pixels<T: Real, S: Simd>(simd: S, [a, b]: [T::Vector<S>; STEP]) -> [T::Vector<S>; SIDE] {
    let none = T::splat(simd, T::zero());
    [a, T::sum_of(simd, a, b), T::difference_of(simd, a, b), T::difference_of(simd, none, b)]
}

/// Some samples.
struct Part<'a, T> {
    gradient: &'a KernelGradient<'a, T>,
    samples: Range<usize>,
    sums: &'a mut [T],
}

impl<T: Real> WithSimd for Part<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (gradient, tiles) = (self.gradient, &self.gradient.tiles);
        let (of, [height, across], depth) = (&tiles.of, tiles.tiles, tiles.depth());
        let Sizes { groups, rows, channels, .. } = of.sizes;
        self.sums.fill(T::zero());
        let mut memory = Memory::new();
        for sample in self.samples {
            for line in (0..height).step_by(tiles.lines) {
                let lines = line..height.min(line + tiles.lines);
                let n_tiles = lines.len() * across;
                let mut seen = None;
                for Chunk { group, first, width } in of.sizes.chunks() {
                    if seen.replace(group) != Some(group) {
                        let planes = &of.planes[(sample * groups + group) * rows * of.plane()..];
                        tiles.transform(simd, planes, lines.clone(), &mut memory);
                    }
                    let map = &gradient.map[((sample * groups + group) * channels + first) * of.pixels()..];
                    gradient.transform(simd, map, (channels - first).min(CHANNELS), lines.clone(), &mut memory);
                    let sums = &mut self.sums[tiles.start(group, first / CHANNELS)..][..POINTS * depth * width];
                    gradient.multiply(simd, n_tiles, width, sums, &memory);
                }
            }
        }
    }
}

impl<T: Real> KernelGradient<'_, T> {
    /// Writes A y Aᵀ of the tiles of some lines.
    #[inline(always)]
    fn transform<S: Simd>(&self, simd: S, map: &[T], n_channels: usize, lines: Range<usize>, memory: &mut Memory<T>) {
        let ([_, y_axis, x_axis], across, places) = (&self.tiles.of.axes, self.tiles.tiles[1], self.tiles.of.pixels());
        let (lanes, width) = (lanes::<T, S>(), chunk_width(n_channels));
        let (parts, n_vectors, room) = (VECTOR / lanes, width / lanes, self.tiles.room(lines.len() * across));
        // In vectors.
        let pitch = STEP * across * parts;
        for first in (0..width).step_by(VECTOR) {
            for (index, line) in lines.clone().enumerate() {
                for y in 0..STEP {
                    let to = &mut memory.pixels[y * pitch * lanes..][..pitch * lanes];
                    let (to, beyond) = to.split_at_mut(x_axis.output * VECTOR);
                    // The image's gradient has nothing there.
                    beyond.fill(T::zero());
                    let line = line * STEP + y;
                    if line < y_axis.output {
                        let rows = &map[first * places + line * x_axis.output..];
                        turn(simd, rows, places, n_channels.saturating_sub(first).min(VECTOR), to, VECTOR);
                    } else {
                        to.fill(T::zero());
                    }
                }
                let pixels = T::vectors::<S>(&memory.pixels);
                let points = T::vectors_mut::<S>(&mut memory.sums);
                for x in 0..across {
                    for part in 0..parts {
                        let [left, right] = [x * STEP * parts + part, (x * STEP + 1) * parts + part];
                        let left = of_pixels::<T, S>(simd, [pixels[left], pixels[pitch + left]]);
                        let right = of_pixels::<T, S>(simd, [pixels[right], pixels[pitch + right]]);
                        for y in 0..SIDE {
                            let line = of_pixels::<T, S>(simd, [left[y], right[y]]);
                            for (point, value) in (y * SIDE..).zip(line) {
                                let tile = point * room + index * across + x;
                                points[tile * n_vectors + first / lanes + part] = value;
                            }
                        }
                    }
                }
            }
        }
    }

    /// Adds the products of rows and channels over all tiles, for each point.
    #[inline(always)]
    fn multiply<S: Simd>(&self, simd: S, n_tiles: usize, width: usize, sums: &mut [T], memory: &Memory<T>) {
        let (depth, room, n_vectors) = (self.tiles.depth(), self.tiles.room(n_tiles), width / lanes::<T, S>());
        let points = memory.tiles.chunks_exact(depth * room).zip(memory.sums.chunks_exact(room * width));
        for ((rows, channels), sums) in points.zip(sums.chunks_exact_mut(depth * width)) {
            let channels = T::vectors::<S>(&channels[..n_tiles * width]);
            let sums = T::vectors_mut::<S>(sums).chunks_exact_mut(VECTOR * n_vectors);
            for (rows, sums) in rows.chunks_exact(room * VECTOR).zip(sums) {
                for (half, sums) in sums.chunks_exact_mut(ROWS * n_vectors).enumerate() {
                    let block = Block { rows: rows.as_chunks::<ROWS>().0, half, channels, n_vectors };
                    for vector in (0..n_vectors).step_by(2) {
                        if vector + 2 <= n_vectors && S::REGISTER_COUNT >= 32 {
                            block.add::<S, 2>(simd, vector, sums);
                            continue;
                        }
                        block.add::<S, 1>(simd, vector, sums);
                        if vector + 1 < n_vectors {
                            block.add::<S, 1>(simd, vector + 1, sums);
                        }
                    }
                }
            }
        }
    }
}

/// Some rows, and all channels of a chunk, at the tiles of a point.
struct Block<'a, T, V> {
    /// Two halves of a vector for each tile.
    rows: &'a [[T; ROWS]],
    half: usize,
    channels: &'a [V],
    n_vectors: usize,
}

impl<T: Real, V: Copy> Block<'_, T, V> {
    /// `sums` has `ROWS` rows; `N` vectors of each are added to.
    #[inline(always)]
    fn add<S: Simd, const N: usize>(&self, simd: S, vector: usize, sums: &mut [V])
    where
        T: Vectors<Vector<S> = V>,
    {
        let mut totals = [[T::splat(simd, T::zero()); N]; ROWS];
        for (totals, sums) in totals.iter_mut().zip(sums.chunks_exact(self.n_vectors)) {
            if let Some(sums) = sums.get(vector..).and_then(|sums| sums.first_chunk::<N>()) {
                *totals = *sums;
            }
        }
        let rows = self.rows.iter().skip(self.half).step_by(2);
        for (rows, channels) in rows.zip(self.channels.chunks_exact(self.n_vectors)) {
            let Some(channels) = channels.get(vector..).and_then(|channels| channels.first_chunk::<N>()) else { break };
            for (row, totals) in rows.iter().zip(&mut totals) {
                let row = T::splat(simd, *row);
                for (total, channel) in totals.iter_mut().zip(channels) {
                    *total = T::mul_add(simd, row, *channel, *total);
                }
            }
        }
        for (sums, totals) in sums.chunks_exact_mut(self.n_vectors).zip(totals) {
            if let Some(sums) = sums.get_mut(vector..).and_then(|sums| sums.first_chunk_mut::<N>()) {
                *sums = totals;
            }
        }
    }
}

const _: () = assert!(VECTOR == 2 * ROWS && MOST_TILES.is_multiple_of(BLOCK));
