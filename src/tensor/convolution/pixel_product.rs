//! Products of weights with planes, pixel by pixel, where the kernel moves by single steps: what a convolution computes
//! forward, and the gradient of its image.
//!
//! The channels of a pixel lie side by side in vectors. The sums of some neighbouring pixels of a line stay in registers for
//! all rows and all taps, so that each pixel is written once.

#![allow(clippy::indexing_slicing, reason = "lines and tiles are counted from the sizes of the tensors")]

use super::arranged::{Chunk, Factors, Part, Product, Sizes, chunk_width};
use super::channels_last::{CHANNELS, LINE, ROOM, VECTOR, put_turned};
use super::direct::Use;
use crate::tensor::Real;
use crate::tensor::sweep::Sweep;
use crate::tensor::vector::lanes;
use pulp::Simd;
use std::ops::Range;

/// How many pixels of a line a tile may have.
const TILES: [usize; 6] = [14, 13, 11, 10, 8, 7];
/// How far lines may reach beyond the pixels, which costs tiles that are half empty.
const WASTE: (usize, usize) = (5, 4);
/// How many elements of pixels are turned at once, if that is more than a line: fewer are soon out of the cache.
const TOGETHER: usize = 1 << 12;

/// A product with a tile of pixels, a line of them after another.
#[derive(Clone, Copy, Debug)]
pub(super) struct PixelProduct<'a, T> {
    of: Factors<'a, T>,
    /// How many pixels a tile has.
    tile: usize,
    /// The length of a line of a plane with the zeros beside it.
    width: usize,
    /// How many rows, and how many lines of the result, are taken together.
    block: [usize; 2],
}

impl<'a, T: Real> PixelProduct<'a, T> {
    /// `None` where lines are too long, or leave tiles half empty.
    #[must_use]
    pub(super) fn new(of: Factors<'a, T>) -> Option<Self> {
        let [z, y, x] = &of.axes;
        let rounded = |tile: usize| x.output.div_ceil(tile) * tile;
        let tile = TILES.into_iter().min_by_key(|tile| rounded(*tile))?;
        let reach = (rounded(tile) + (x.taps - 1) * x.dilation).max(x.before + x.input);
        // The last vector of a line ends among the zeros in front of the next.
        let width = reach.max(x.input.next_multiple_of(VECTOR));
        let halo = (y.taps - 1) * y.dilation;
        let n_rows = (ROOM / (z.taps * (1 + halo) * width)).min(of.sizes.rows);
        let n_lines = (ROOM / (z.taps * n_rows.max(1) * width)).saturating_sub(halo).min(y.output);
        let fits = n_rows > 0 && rounded(tile) * CHANNELS <= LINE && rounded(tile) * WASTE.1 <= x.output * WASTE.0;
        fits.then_some(Self { of, tile, width, block: [n_rows, n_lines] })
    }
}

/// The element of an axis that a tap meets at a pixel.
#[inline(always)]
fn source(axis: &Sweep, pixel: usize, tap: usize) -> Option<usize> {
    (pixel + tap * axis.dilation).checked_sub(axis.before).filter(|at| *at < axis.input)
}

/// Lines of planes with zeros beside them, `[lines, rows, width]`, and the pixels of some lines.
#[repr(align(64))]
struct Memory<T> {
    lines: [T; ROOM],
    pixels: [T; LINE],
}

/// Some lines of the result and rows of the planes.
struct Block {
    z: usize,
    lines: Range<usize>,
    rows: Range<usize>,
}

impl<T: Real> Product<T> for PixelProduct<'_, T> {
    /// Writes the weight as `[groups, chunks of channels, taps of the first two axes, rows, taps, channels of a chunk]`.
    fn arrange(&self, arranged: &mut [T]) {
        let (n_taps, x_taps, rows) = (self.of.taps(), self.of.axes[2].taps, self.of.sizes.rows);
        for Chunk { group, first, width } in self.of.sizes.chunks() {
            let arranged = &mut arranged[self.start(group, first / CHANNELS)..];
            for row in 0..rows {
                // What is written lies side by side, what is read doesn't.
                let kernels: [_; CHANNELS] = std::array::from_fn(|channel| self.of.kernel(group, first + channel, row));
                for tap in 0..n_taps {
                    let at = (tap / x_taps * rows + row) * x_taps + tap % x_taps;
                    let to = &mut arranged[at * width..][..width];
                    to.iter_mut().zip(&kernels).for_each(|(to, kernel)| *to = kernel.at(tap));
                }
            }
        }
    }

    fn start(&self, group: usize, chunk: usize) -> usize {
        self.of.sizes.start(group, chunk) * self.of.taps() * self.of.sizes.rows
    }

    #[inline(always)]
    fn compute<S: Simd>(&self, simd: S, part: Part<'_, T>) {
        let ([z_axis, y_axis, x_axis], pixels) = (&self.of.axes, self.of.pixels());
        let (Sizes { groups, rows: n_rows, channels: n_channels, .. }, [row_step, line_step]) =
            (self.of.sizes, self.block);
        let mut memory = Memory { lines: [T::zero(); ROOM], pixels: [T::zero(); LINE] };
        for (sample, out) in part.samples.clone().zip(part.out.chunks_mut(part.channels.len() * pixels)) {
            for group in part.channels.start / n_channels..part.channels.end.div_ceil(n_channels) {
                let first = group * n_channels;
                let channels = part.channels.start.max(first)..part.channels.end.min(first + n_channels);
                let planes = &self.of.planes[(sample * groups + group) * n_rows * self.of.plane()..];
                for (z, line) in
                    (0..z_axis.output).flat_map(|z| (0..y_axis.output).step_by(line_step).map(move |y| (z, y)))
                {
                    for row in (0..n_rows).step_by(row_step) {
                        let lines = line..y_axis.output.min(line + line_step);
                        let block = Block { z, lines, rows: row..n_rows.min(row + row_step) };
                        self.fill(simd, planes, &block, &mut memory.lines);
                        for channel in channels.clone().step_by(CHANNELS) {
                            let count = (channels.end - channel).min(CHANNELS);
                            let how = match part.how {
                                Use::Write(bias) if row == 0 => {
                                    Use::Write(bias.map(|bias| &bias[channel..channel + count]))
                                }
                                _ => Use::Add,
                            };
                            let weight = &part.weight[self.start(group, (channel - first) / CHANNELS)..];
                            let out = &mut out[(channel - part.channels.start) * pixels..][..count * pixels];
                            let width = chunk_width(count);
                            let together = (TOGETHER / (x_axis.output * width)).max(1);
                            for first in block.lines.clone().step_by(together) {
                                let lines = first..block.lines.end.min(first + together);
                                for y in lines.clone() {
                                    let line = Line { weight, lines: &memory.lines, block: &block, y, width };
                                    let start = (y - first) * x_axis.output * width;
                                    self.line(simd, &line, &mut memory.pixels[start..]);
                                }
                                let columns = &memory.pixels[..lines.len() * x_axis.output * width];
                                let at = (z * y_axis.output + first) * x_axis.output;
                                put_turned(simd, columns, width, how, out, pixels, at);
                            }
                        }
                    }
                }
            }
            (part.finish)((sample * groups * n_channels + part.channels.start) * pixels, out);
        }
    }
}

impl<T: Real> PixelProduct<'_, T> {
    /// The lines of a plane that lines of the result meet, from the first on.
    #[inline(always)]
    fn sources(&self, block: &Block) -> Range<usize> {
        let [_, y, _] = &self.of.axes;
        let start = block.lines.start.saturating_sub(y.before).min(y.input);
        start..(block.lines.end + (y.taps - 1) * y.dilation).saturating_sub(y.before).clamp(start, y.input)
    }

    /// Copies these lines in their order. What is written behind the end of one are the zeros that stand there.
    #[inline(always)]
    fn fill<S: Simd>(&self, simd: S, planes: &[T], block: &Block, lines: &mut [T; ROOM]) {
        let ([z_axis, y_axis, x_axis], sources) = (&self.of.axes, self.sources(block));
        let (lanes, mut at) = (lanes::<T, S>(), x_axis.before);
        for z in (0..z_axis.taps).filter_map(|tap| source(z_axis, block.z, tap)) {
            for y in sources.clone() {
                for row in block.rows.clone() {
                    let from = ((row * z_axis.input + z) * y_axis.input + y) * x_axis.input;
                    let from = &planes[from..][..x_axis.input];
                    for (to, from) in (at..).step_by(lanes).zip(from.chunks(lanes)) {
                        T::store(simd, &mut lines[to..], T::load(simd, from));
                    }
                    at += self.width;
                }
            }
        }
    }

    /// Writes the sums of the pixels of a line.
    #[inline(always)]
    fn line<S: Simd>(&self, simd: S, line: &Line<'_, T>, pixels: &mut [T]) {
        match self.tile {
            14 => self.tiles::<S, 14>(simd, line, pixels),
            13 => self.tiles::<S, 13>(simd, line, pixels),
            11 => self.tiles::<S, 11>(simd, line, pixels),
            10 => self.tiles::<S, 10>(simd, line, pixels),
            8 => self.tiles::<S, 8>(simd, line, pixels),
            _ => self.tiles::<S, 7>(simd, line, pixels),
        }
    }

    #[inline(always)]
    fn tiles<S: Simd, const M: usize>(&self, simd: S, line: &Line<'_, T>, pixels: &mut [T]) {
        let n_vectors = line.width / lanes::<T, S>();
        for x in (0..self.of.axes[2].output).step_by(M) {
            let pixels = &mut pixels[x * line.width..][..M * line.width];
            for vector in (0..n_vectors).step_by(2) {
                if S::REGISTER_COUNT >= 32 && vector + 2 <= n_vectors {
                    line.write(simd, self.sums::<S, M, 2>(simd, line, x, vector), vector, pixels);
                    continue;
                }
                line.write(simd, self.sums::<S, M, 1>(simd, line, x, vector), vector, pixels);
                if vector + 1 < n_vectors {
                    line.write(simd, self.sums::<S, M, 1>(simd, line, x, vector + 1), vector + 1, pixels);
                }
            }
        }
    }

    /// The sums of pixels from `x` on, of the vectors from `vector` on.
    #[inline(always)]
    fn sums<S: Simd, const M: usize, const N: usize>(
        &self,
        simd: S,
        line: &Line<'_, T>,
        x: usize,
        vector: usize,
    ) -> [[T::Vector<S>; N]; M] {
        let ([z_axis, y_axis, x_axis], sources) = (&self.of.axes, self.sources(line.block));
        let (n_rows, pitch) = (line.block.rows.len(), line.width / lanes::<T, S>());
        let mut sums = [[T::splat(simd, T::zero()); N]; M];
        let z_taps = (0..z_axis.taps).filter(|tap| source(z_axis, line.block.z, *tap).is_some());
        for (z, z_tap) in z_taps.enumerate() {
            for y_tap in 0..y_axis.taps {
                let Some(y) = source(y_axis, line.y, y_tap) else { continue };
                let index = z * sources.len() + y - sources.start;
                let lines = line.lines[index * n_rows * self.width..].chunks_exact(self.width);
                let start = ((z_tap * y_axis.taps + y_tap) * self.of.sizes.rows + line.block.rows.start) * x_axis.taps;
                let weights = T::vectors::<S>(&line.weight[start * line.width..]).chunks_exact(pitch * x_axis.taps);
                for (row, weights) in lines.zip(weights).take(n_rows) {
                    let mut at = x;
                    for weights in weights.chunks_exact(pitch) {
                        let window = row.get(at..).and_then(|row| row.first_chunk::<M>());
                        let weights = weights.get(vector..).and_then(|weights| weights.first_chunk::<N>());
                        let (Some(window), Some(weights)) = (window, weights) else { break };
                        for (value, sums) in window.iter().zip(&mut sums) {
                            let value = T::splat(simd, *value);
                            for (sum, weight) in sums.iter_mut().zip(weights) {
                                *sum = T::mul_add(simd, value, *weight, *sum);
                            }
                        }
                        at += x_axis.dilation;
                    }
                }
            }
        }
        sums
    }
}

/// A line of the result, and what it is computed from.
struct Line<'a, T> {
    weight: &'a [T],
    lines: &'a [T; ROOM],
    block: &'a Block,
    y: usize,
    /// How many elements a pixel has.
    width: usize,
}

impl<T: Real> Line<'_, T> {
    #[inline(always)]
    fn write<S: Simd, const M: usize, const N: usize>(
        &self,
        simd: S,
        sums: [[T::Vector<S>; N]; M],
        vector: usize,
        pixels: &mut [T],
    ) {
        let lanes = lanes::<T, S>();
        for (pixel, sums) in pixels.chunks_exact_mut(self.width).zip(sums) {
            for (to, sum) in pixel[vector * lanes..].chunks_exact_mut(lanes).zip(sums) {
                T::store(simd, to, sum);
            }
        }
    }
}
