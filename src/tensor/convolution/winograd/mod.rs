//! Products by kernels of 3 × 3 taps with 16 multiplications for 4 pixels, where 36 would be plain: F(2 × 2, 3 × 3) of Lavin
//! and Gray, "Fast Algorithms for Convolutional Neural Networks", 2015.
//!
//! A tile d of 4 × 4 pixels and a kernel g give 2 × 2 pixels of the result, Aᵀ [Σ (G g Gᵀ) ⊙ (Bᵀ d B)] A, the sum over all
//! rows. For each of the 16 points that sum is a product of matrices. With
//!
//! ```text
//!      1  0 -1  0          1    0    0
//! Bᵀ = 0  1  1  0    G =  1/2  1/2  1/2    Aᵀ = 1  1  1  0
//!      0 -1  1  0         1/2 -1/2  1/2         0  1 -1 -1
//!      0  1  0 -1          0    0    1
//! ```
//!
//! Since pixels are subtracted from each other, one that isn't finite makes NaN of all that its tiles give.

#![allow(clippy::indexing_slicing, reason = "tiles and points are counted from the sizes of the tensors")]

mod gradient;
mod weights;

pub(super) use gradient::KernelGradient;

use super::arranged::{Factors, Part, Product, Sizes, chunk_width, is_square};
use super::channels_last::{CHANNELS, VECTOR, put_turned, turn};
use super::direct::Use;
use crate::tensor::Real;
use crate::tensor::vector::lanes;
use pulp::Simd;
use std::ops::Range;

/// How many points there are.
pub(super) const POINTS: usize = 16;
/// How many pixels of the planes a tile has along each axis, and how many of the result.
const SIDE: usize = 4;
const STEP: usize = 2;
/// How many tiles meet the weights together.
const BLOCKS: [usize; 7] = [14, 13, 12, 11, 10, 9, 8];
/// How many elements the transformed tiles have, at most.
const ROOM: usize = 3 << 14;
/// How many tiles there are at once, at most.
const MOST_TILES: usize = 64;
/// How many elements the lines of the planes have that tiles are made of, at most.
const LINES: usize = SIDE * (STEP * MOST_TILES + STEP) * VECTOR;
/// The least number of rows: with fewer, it takes more to transform tiles than is won.
const LEAST_ROWS: usize = 16;
/// How many transformed kernels there may be: more don't stay in the cache from some tiles to the next.
const MOST_KERNELS: usize = 1 << 15;
/// The largest part of the plain multiplications that tiles beyond the ends may leave.
const PART: (usize, usize) = (3, 4);

/// A product by tiles, some lines of tiles after others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Winograd<'a, T> {
    of: Factors<'a, T>,
    /// How many tiles there are along the last two axes.
    tiles: [usize; 2],
    /// How many lines of tiles are taken together.
    lines: usize,
    /// How many tiles meet the weights together.
    block: usize,
}

impl<'a, T: Real> Winograd<'a, T> {
    /// `None` for other kernels, or too few rows or tiles.
    #[must_use]
    pub(super) fn new(of: Factors<'a, T>) -> Option<Self> {
        let [z, y, x] = &of.axes;
        let is_dense = z.is_identity() && y.dilation == 1 && x.dilation == 1;
        let tiles = [y.output.div_ceil(STEP), x.output.div_ceil(STEP)];
        let few = POINTS * tiles[0] * tiles[1] * PART.1 <= of.taps() * of.pixels() * PART.0;
        if !is_dense || !few || !is_square(&of.axes.map(|axis| axis.taps)) || of.sizes.rows < LEAST_ROWS {
            return None;
        }
        let any = Self { of, tiles, lines: 1, block: 1 };
        if any.depth() * chunk_width(of.sizes.channels) > MOST_KERNELS {
            return None;
        }
        // The smaller a block, the more often weights are loaded.
        let cost = |lines: usize, block: usize| {
            let blocks = |lines: usize| (lines * tiles[1]).div_ceil(block);
            (tiles[0] / lines * blocks(lines) + blocks(tiles[0] % lines)) * (block + 1)
        };
        let ways = (1..=tiles[0]).flat_map(|lines| BLOCKS.map(|block| (lines, block)));
        let (lines, block) =
            ways.filter(|(lines, block)| any.fits(*lines, *block)).min_by_key(|(lines, block)| cost(*lines, *block))?;
        Some(Self { lines, block, ..any })
    }

    /// Whether there is room for so many lines of tiles, rounded up to blocks.
    fn fits(&self, lines: usize, block: usize) -> bool {
        let tiles = (lines * self.tiles[1]).next_multiple_of(block);
        tiles <= MOST_TILES && POINTS * tiles * self.depth() <= ROOM
    }

    /// How many rows there are in whole vectors.
    fn depth(&self) -> usize {
        chunk_width(self.of.sizes.rows)
    }
}

/// Bᵀ d
#[inline(always)]
fn of_tile<T: Real, S: Simd>(simd: S, [a, b, c, d]: [T::Vector<S>; SIDE]) -> [T::Vector<S>; SIDE] {
    [T::difference_of(simd, a, c), T::sum_of(simd, b, c), T::difference_of(simd, c, b), T::difference_of(simd, b, d)]
}

/// Aᵀ y
#[inline(always)]
fn of_sums<T: Real, S: Simd>(simd: S, [a, b, c, d]: [T::Vector<S>; SIDE]) -> [T::Vector<S>; STEP] {
    let (sum, difference) = (T::sum_of(simd, b, c), T::difference_of(simd, b, c));
    [T::sum_of(simd, a, sum), T::difference_of(simd, difference, d)]
}

#[repr(align(64))]
struct Memory<T> {
    /// Lines of some rows, with zeros beside them: `[lines, pixels, rows]`
    lines: [T; LINES],
    /// `[points, vectors of rows, tiles, rows of a vector]`
    tiles: [T; ROOM],
    /// `[points, tiles, channels]`
    sums: [T; POINTS * MOST_TILES * CHANNELS],
    /// The result: `[pixels, channels]`
    pixels: [T; STEP * STEP * MOST_TILES * CHANNELS],
}

impl<T: Real> Memory<T> {
    #[inline(always)]
    fn new() -> Self {
        Self {
            lines: [T::zero(); LINES],
            tiles: [T::zero(); ROOM],
            sums: [T::zero(); POINTS * MOST_TILES * CHANNELS],
            pixels: [T::zero(); STEP * STEP * MOST_TILES * CHANNELS],
        }
    }
}

impl<T: Real> Product<T> for Winograd<'_, T> {
    fn start(&self, group: usize, chunk: usize) -> usize {
        self.of.sizes.start(group, chunk) * POINTS * self.depth()
    }

    fn arrange(&self, arranged: &mut [T]) {
        weights::arrange(self, arranged);
    }

    #[inline(always)]
    fn compute<S: Simd>(&self, simd: S, part: Part<'_, T>) {
        let of = &self.of;
        let ([_, y_axis, x_axis], pixels, [height, across]) = (&of.axes, of.pixels(), self.tiles);
        let Sizes { groups, rows: n_rows, channels: n_channels, .. } = of.sizes;
        let mut memory = Memory::new();
        for (sample, out) in part.samples.clone().zip(part.out.chunks_mut(part.channels.len() * pixels)) {
            for group in part.channels.start / n_channels..part.channels.end.div_ceil(n_channels) {
                let start = group * n_channels;
                let channels = part.channels.start.max(start)..part.channels.end.min(start + n_channels);
                let planes = &of.planes[(sample * groups + group) * n_rows * of.plane()..];
                for line in (0..height).step_by(self.lines) {
                    let lines = line..height.min(line + self.lines);
                    let n_tiles = lines.len() * across;
                    self.transform(simd, planes, lines.clone(), &mut memory);
                    for channel in channels.clone().step_by(CHANNELS) {
                        let count = (channels.end - channel).min(CHANNELS);
                        let width = chunk_width(count);
                        let weight = &part.weight[self.start(group, (channel - start) / CHANNELS)..];
                        self.multiply(simd, weight, n_tiles, width, &mut memory);
                        self.put_pixels(simd, n_tiles, width, &mut memory);
                        let how = match part.how {
                            Use::Write(bias) => Use::Write(bias.map(|bias| &bias[channel..channel + count])),
                            Use::Add => Use::Add,
                        };
                        let n_lines = (lines.len() * STEP).min(y_axis.output - lines.start * STEP);
                        let columns = &memory.pixels[..n_lines * x_axis.output * width];
                        let out = &mut out[(channel - part.channels.start) * pixels..][..count * pixels];
                        put_turned(simd, columns, width, how, out, pixels, lines.start * STEP * x_axis.output);
                    }
                }
            }
            (part.finish)((sample * groups * n_channels + part.channels.start) * pixels, out);
        }
    }
}

impl<T: Real> Winograd<'_, T> {
    /// How many tiles have room, of which some have nothing to do with the planes.
    fn room(&self, n_tiles: usize) -> usize {
        n_tiles.next_multiple_of(self.block)
    }

    /// Writes Bᵀ d B of the tiles of some lines.
    #[inline(always)]
    fn transform<S: Simd>(&self, simd: S, planes: &[T], lines: Range<usize>, memory: &mut Memory<T>) {
        let ([_, y_axis, x_axis], n_rows, across) = (&self.of.axes, self.of.sizes.rows, self.tiles[1]);
        let (plane, lanes, room) = (self.of.plane(), lanes::<T, S>(), self.room(lines.len() * across));
        let parts = VECTOR / lanes;
        // In vectors.
        let (pitch, point) = ((STEP * across + STEP) * parts, self.depth() / VECTOR * room * parts);
        for (vector, row) in (0..n_rows).step_by(VECTOR).enumerate() {
            for (index, line) in lines.clone().enumerate() {
                // The first lines of a tile are the last of the one above it.
                let new = line * STEP + if index > 0 { SIDE - STEP } else { 0 }..line * STEP + SIDE;
                for y in new {
                    let to = &mut memory.lines[y % SIDE * pitch * lanes..][..pitch * lanes];
                    let to = &mut to[x_axis.before * VECTOR..][..x_axis.input * VECTOR];
                    match y.checked_sub(y_axis.before).filter(|y| *y < y_axis.input) {
                        Some(y) => {
                            let rows = &planes[row * plane + y * x_axis.input..];
                            turn(simd, rows, plane, (n_rows - row).min(VECTOR), to, VECTOR);
                        }
                        None => to.fill(T::zero()),
                    }
                }
                let [a, b, c, d] = [0, 1, 2, 3].map(|y| (line * STEP + y) % SIDE * pitch);
                let lines = T::vectors::<S>(&memory.lines);
                let tiles = T::vectors_mut::<S>(&mut memory.tiles);
                for part in 0..parts {
                    let mut left = [[T::splat(simd, T::zero()); SIDE]; STEP];
                    let mut at = (vector * room + index * across) * parts + part;
                    for x in 0..=across {
                        let mut right = left;
                        for (x, right) in (x * STEP..).zip(&mut right) {
                            let at = x * parts + part;
                            let column = [lines[a + at], lines[b + at], lines[c + at], lines[d + at]];
                            *right = of_tile::<T, S>(simd, column);
                        }
                        // The first two columns have no tile yet.
                        if x > 0 {
                            for y in 0..SIDE {
                                let line = [left[0][y], left[1][y], right[0][y], right[1][y]];
                                for (x, value) in of_tile::<T, S>(simd, line).into_iter().enumerate() {
                                    tiles[(y * SIDE + x) * point + at] = value;
                                }
                            }
                            at += parts;
                        }
                        left = right;
                    }
                }
            }
        }
    }

    /// Writes the sums over all rows, for each point.
    #[inline(always)]
    fn multiply<S: Simd>(&self, simd: S, weight: &[T], n_tiles: usize, width: usize, memory: &mut Memory<T>) {
        match self.block {
            14 => self.blocks::<S, 14>(simd, weight, n_tiles, width, memory),
            13 => self.blocks::<S, 13>(simd, weight, n_tiles, width, memory),
            12 => self.blocks::<S, 12>(simd, weight, n_tiles, width, memory),
            11 => self.blocks::<S, 11>(simd, weight, n_tiles, width, memory),
            10 => self.blocks::<S, 10>(simd, weight, n_tiles, width, memory),
            9 => self.blocks::<S, 9>(simd, weight, n_tiles, width, memory),
            _ => self.blocks::<S, 8>(simd, weight, n_tiles, width, memory),
        }
    }

    #[inline(always)]
    fn blocks<S: Simd, const M: usize>(
        &self,
        simd: S,
        weight: &[T],
        n_tiles: usize,
        width: usize,
        memory: &mut Memory<T>,
    ) {
        let (depth, room, n_vectors) = (self.depth(), self.room(n_tiles), width / lanes::<T, S>());
        let points = memory.tiles.chunks_exact(depth * room).zip(weight.chunks_exact(depth * width));
        for ((tiles, weight), sums) in points.zip(memory.sums.chunks_exact_mut(room * width)).take(POINTS) {
            for first in (0..room).step_by(M) {
                let block = Block { tiles: &tiles[first * VECTOR..], room, weight, n_vectors };
                let sums = &mut sums[first * width..][..M * width];
                for vector in (0..n_vectors).step_by(2) {
                    if S::REGISTER_COUNT >= 32 && vector + 2 <= n_vectors {
                        block.write::<S, M, 2>(simd, vector, sums);
                        continue;
                    }
                    block.write::<S, M, 1>(simd, vector, sums);
                    if vector + 1 < n_vectors {
                        block.write::<S, M, 1>(simd, vector + 1, sums);
                    }
                }
            }
        }
    }

    /// Writes Aᵀ y A of the sums of each tile.
    #[inline(always)]
    fn put_pixels<S: Simd>(&self, simd: S, n_tiles: usize, width: usize, memory: &mut Memory<T>) {
        let (room, across, wide) = (self.room(n_tiles), self.tiles[1], self.of.axes[2].output);
        let n_vectors = width / lanes::<T, S>();
        let (sums, pixels) = (T::vectors::<S>(&memory.sums), T::vectors_mut::<S>(&mut memory.pixels));
        for tile in 0..n_tiles {
            let (y, x) = (tile / across * STEP, tile % across * STEP);
            for vector in 0..n_vectors {
                let sum = |point: usize| (point * room + tile) * n_vectors + vector;
                let mut columns = [[T::splat(simd, T::zero()); STEP]; SIDE];
                for (x, column) in columns.iter_mut().enumerate() {
                    let sums = [sums[sum(x)], sums[sum(SIDE + x)], sums[sum(2 * SIDE + x)], sums[sum(3 * SIDE + x)]];
                    *column = of_sums::<T, S>(simd, sums);
                }
                let [a, b, c, d] = columns;
                for row in 0..STEP {
                    let line = of_sums::<T, S>(simd, [a[row], b[row], c[row], d[row]]);
                    // The right half of a tile may lie beyond the end of a line.
                    for (x, value) in (x..wide).zip(line) {
                        pixels[((y + row) * wide + x) * n_vectors + vector] = value;
                    }
                }
            }
        }
    }
}

/// Tiles of a point that meet its weights together.
struct Block<'a, T> {
    /// `[vectors of rows, room, rows of a vector]`, from the first tile on.
    tiles: &'a [T],
    room: usize,
    /// `[rows, channels]`
    weight: &'a [T],
    /// How many vectors the channels are.
    n_vectors: usize,
}

impl<T: Real> Block<'_, T> {
    /// Writes the sums of the tiles for `N` vectors of channels.
    #[inline(always)]
    fn write<S: Simd, const M: usize, const N: usize>(&self, simd: S, vector: usize, sums: &mut [T]) {
        let mut totals = [[T::splat(simd, T::zero()); N]; M];
        let weights = T::vectors::<S>(self.weight).chunks_exact(self.n_vectors * VECTOR);
        for (tiles, weights) in self.tiles.chunks(self.room * VECTOR).zip(weights) {
            let Some(tiles) = tiles.as_chunks::<VECTOR>().0.first_chunk::<M>() else { break };
            for (row, weights) in weights.chunks_exact(self.n_vectors).enumerate().take(VECTOR) {
                let Some(weights) = weights.get(vector..).and_then(|weights| weights.first_chunk::<N>()) else { break };
                for (tile, totals) in tiles.iter().zip(&mut totals) {
                    let value = T::splat(simd, tile[row]);
                    for (total, weight) in totals.iter_mut().zip(weights) {
                        *total = T::mul_add(simd, value, *weight, *total);
                    }
                }
            }
        }
        for (to, totals) in T::vectors_mut::<S>(sums).chunks_exact_mut(self.n_vectors).zip(totals) {
            if let Some(to) = to.get_mut(vector..).and_then(|to| to.first_chunk_mut::<N>()) {
                *to = totals;
            }
        }
    }
}
