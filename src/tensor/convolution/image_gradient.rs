//! Products of transposed weights with maps, pixel by pixel: the gradient of a convolution's image where the kernel moves
//! by single steps.
//!
//! The channels of a pixel lie side by side in vectors. The sums of some neighbouring pixels of a line stay in registers for
//! all rows of the map and all taps, so that each pixel is added to the image once.

#![allow(clippy::indexing_slicing, reason = "lines and tiles are counted from the sizes of the tensors")]

use super::channels_last::{CHANNELS, LINE, ROOM, VECTOR, add_turned, is_full};
use crate::tensor::border::Border;
use crate::tensor::sweep::Sweep;
use crate::tensor::vector::lanes;
use crate::tensor::{Real, threads};
use pulp::{Arch, Simd, WithSimd};
use std::ops::Range;

/// How many pixels of a line a tile may have.
const TILES: [usize; 5] = [14, 13, 10, 8, 7];
/// How far lines may reach beyond the pixels, which costs tiles that are half empty.
const WASTE: (usize, usize) = (5, 4);

/// `image[sample, channel, element] += Σ weight[row, channel, tap] · map[sample, row, place]`, over the rows of a group and
/// all places whose tap meets the element.
#[derive(Clone, Copy, Debug)]
pub(super) struct ImageGradient<'a, T> {
    axes: [Sweep; 3],
    /// `[samples, groups, rows, places]`
    map: &'a [T],
    samples: usize,
    groups: usize,
    rows: usize,
    channels: usize,
    /// How many pixels a tile has.
    tile: usize,
    /// The length of a line of the map with the zeros beside it, and how many of these stand before it.
    width: usize,
    before: usize,
    /// How many rows of the map, and how many lines of the image, are taken together.
    block: [usize; 2],
}

impl<'a, T: Real> ImageGradient<'a, T> {
    /// For so many samples and groups, of which each has so many rows and channels. `None` where other ways are better.
    #[must_use]
    pub(super) fn new(axes: [Sweep; 3], [samples, groups, rows, channels]: [usize; 4], map: &'a [T]) -> Option<Self> {
        let [z, y, x] = &axes;
        let is_plain = |axis: &Sweep| axis.stride == 1 && axis.border == Border::Constant;
        if !axes.iter().all(is_plain) || !is_full(channels) || samples * groups * rows * channels == 0 {
            return None;
        }
        let rounded = |tile: usize| x.input.div_ceil(tile) * tile;
        let tile = TILES.into_iter().min_by_key(|tile| rounded(*tile)).filter(|_| x.input > 0)?;
        let before = ((x.taps - 1) * x.dilation).saturating_sub(x.before);
        // The last vector of a line ends among the zeros in front of the next.
        let width = (rounded(tile) + x.before + before).max(x.output.next_multiple_of(VECTOR));
        let halo = (y.taps - 1) * y.dilation;
        let n_rows = (ROOM / (z.taps * (1 + halo) * width)).min(rows);
        let n_lines = (ROOM / (z.taps * n_rows.max(1) * width)).saturating_sub(halo).min(y.input);
        let fits = n_rows > 0 && rounded(tile) * CHANNELS <= LINE && rounded(tile) * WASTE.1 <= x.input * WASTE.0;
        let block = [n_rows, n_lines];
        fits.then_some(Self { axes, map, samples, groups, rows, channels, tile, width, before, block })
    }

    /// Adds to the image, which is no more than memory if it is fresh. `turned` is worked in: as large as the weight with
    /// whole vectors of channels.
    pub(super) fn add(&self, weight: &[T], turned: &mut [T], is_fresh: bool, image: &mut [T]) {
        self.turn(weight, turned);
        let channels = self.groups * self.channels;
        let cost = self.samples.saturating_mul(weight.len()).saturating_mul(self.places());
        let unit = if self.groups == 1 { CHANNELS } else { self.channels };
        let split = threads::Split::new(self.samples, channels, unit, cost);
        threads::parts(image.chunks_mut(split.rows() * self.pixels()), |index, image| {
            let (samples, channels) = split.part(index);
            Arch::new().dispatch(Part { gradient: self, weight: turned, samples, channels, is_fresh, image });
        });
    }

    /// Writes the weight as `[groups, chunks of channels, taps of the first two axes, rows, taps, channels of a chunk]`.
    fn turn(&self, weight: &[T], turned: &mut [T]) {
        let (n_taps, x_taps, rows) = (self.taps(), self.axes[2].taps, self.rows);
        for (row, weight) in weight.chunks_exact(self.channels * n_taps).enumerate() {
            let (group, row) = (row / rows, row % rows);
            for (chunk, weight) in weight.chunks(CHANNELS * n_taps).enumerate() {
                let width = chunk_width(weight.len() / n_taps);
                let turned = &mut turned[self.start(group, chunk)..];
                for tap in 0..n_taps {
                    let at = ((tap / x_taps * rows + row) * x_taps + tap % x_taps) * width;
                    let channels = weight[tap..].iter().step_by(n_taps).copied();
                    let channels = channels.chain(std::iter::repeat(T::zero()));
                    turned[at..at + width].iter_mut().zip(channels).for_each(|(turned, weight)| *turned = weight);
                }
            }
        }
    }

    /// Where the turned weights of a chunk begin.
    fn start(&self, group: usize, chunk: usize) -> usize {
        let all = self.channels / CHANNELS * CHANNELS + chunk_width(self.channels % CHANNELS);
        (group * all + chunk * CHANNELS) * self.taps() * self.rows
    }

    fn places(&self) -> usize {
        self.axes.iter().map(|axis| axis.output).product()
    }

    fn pixels(&self) -> usize {
        self.axes.iter().map(|axis| axis.input).product()
    }

    fn taps(&self) -> usize {
        self.axes.iter().map(|axis| axis.taps).product()
    }
}

/// How many elements so many channels take.
fn chunk_width(channels: usize) -> usize {
    channels.next_multiple_of(VECTOR)
}

/// The place of an axis that meets a tap at a pixel.
#[inline(always)]
fn place(axis: &Sweep, pixel: usize, tap: usize) -> Option<usize> {
    (pixel + axis.before).checked_sub(tap * axis.dilation).filter(|place| *place < axis.output)
}

/// Some channels of some samples.
struct Part<'a, T> {
    gradient: &'a ImageGradient<'a, T>,
    weight: &'a [T],
    samples: Range<usize>,
    channels: Range<usize>,
    is_fresh: bool,
    image: &'a mut [T],
}

/// Lines of a map with zeros beside them, `[lines, rows, width]`, and the pixels of a line.
#[repr(align(64))]
struct Memory<T> {
    lines: [T; ROOM],
    pixels: [T; LINE],
}

/// Some lines of the image and rows of the map.
struct Block {
    z: usize,
    lines: Range<usize>,
    rows: Range<usize>,
}

impl<T: Real> WithSimd for Part<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let gradient = self.gradient;
        let ([z_axis, y_axis, x_axis], pixels) = (&gradient.axes, gradient.pixels());
        let (n_rows, n_channels, [row_step, line_step]) = (gradient.rows, gradient.channels, gradient.block);
        let mut memory = Memory { lines: [T::zero(); ROOM], pixels: [T::zero(); LINE] };
        for (sample, image) in self.samples.clone().zip(self.image.chunks_mut(self.channels.len() * pixels)) {
            if self.is_fresh {
                image.fill(T::zero());
            }
            for group in self.channels.start / n_channels..self.channels.end.div_ceil(n_channels) {
                let first = group * n_channels;
                let channels = self.channels.start.max(first)..self.channels.end.min(first + n_channels);
                let map = &gradient.map[(sample * gradient.groups + group) * n_rows * gradient.places()..];
                for (z, line) in
                    (0..z_axis.input).flat_map(|z| (0..y_axis.input).step_by(line_step).map(move |y| (z, y)))
                {
                    for row in (0..n_rows).step_by(row_step) {
                        let lines = line..y_axis.input.min(line + line_step);
                        let block = Block { z, lines, rows: row..n_rows.min(row + row_step) };
                        gradient.fill(simd, map, &block, &mut memory.lines);
                        for channel in channels.clone().step_by(CHANNELS) {
                            let count = (channels.end - channel).min(CHANNELS);
                            let weight = &self.weight[gradient.start(group, (channel - first) / CHANNELS)..];
                            let image = &mut image[(channel - self.channels.start) * pixels..];
                            for y in block.lines.clone() {
                                let at = (z * y_axis.input + y) * x_axis.input;
                                gradient.line(simd, weight, &block, y, count, &mut memory);
                                let columns = &memory.pixels[..x_axis.input * chunk_width(count)];
                                add_turned(columns, chunk_width(count), &mut image[at..], pixels, count);
                            }
                        }
                    }
                }
            }
        }
    }
}

impl<T: Real> ImageGradient<'_, T> {
    /// The map's lines that meet lines of the image, from the first on.
    #[inline(always)]
    fn sources(&self, block: &Block) -> Range<usize> {
        let [_, y, _] = &self.axes;
        let start = (block.lines.start + y.before).saturating_sub((y.taps - 1) * y.dilation).min(y.output);
        start..(block.lines.end + y.before).min(y.output).max(start)
    }

    /// Copies these lines in their order. What is written behind the end of one are the zeros that stand there.
    #[inline(always)]
    fn fill<S: Simd>(&self, simd: S, map: &[T], block: &Block, lines: &mut [T; ROOM]) {
        let ([z_axis, y_axis, x_axis], sources) = (&self.axes, self.sources(block));
        let (lanes, mut at) = (lanes::<T, S>(), self.before);
        for z in (0..z_axis.taps).filter_map(|tap| place(z_axis, block.z, tap)) {
            for y in sources.clone() {
                for row in block.rows.clone() {
                    let from = &map[((row * z_axis.output + z) * y_axis.output + y) * x_axis.output..][..x_axis.output];
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
    fn line<S: Simd>(&self, simd: S, weight: &[T], block: &Block, y: usize, channels: usize, memory: &mut Memory<T>) {
        match self.tile {
            14 => self.tiles::<S, 14>(simd, weight, block, y, channels, memory),
            13 => self.tiles::<S, 13>(simd, weight, block, y, channels, memory),
            10 => self.tiles::<S, 10>(simd, weight, block, y, channels, memory),
            8 => self.tiles::<S, 8>(simd, weight, block, y, channels, memory),
            _ => self.tiles::<S, 7>(simd, weight, block, y, channels, memory),
        }
    }

    #[inline(always)]
    fn tiles<S: Simd, const M: usize>(
        &self,
        simd: S,
        weight: &[T],
        block: &Block,
        y: usize,
        channels: usize,
        memory: &mut Memory<T>,
    ) {
        let (lanes, width) = (lanes::<T, S>(), chunk_width(channels));
        for x in (0..self.axes[2].input).step_by(M) {
            let pixels = &mut memory.pixels[x * width..(x + M) * width];
            for first in (0..width / lanes).step_by(2) {
                let tile = Tile { weight, lines: &memory.lines, block, y, x, width, first };
                if S::REGISTER_COUNT >= 32 && first + 2 <= width / lanes {
                    tile.write(simd, self.sums::<S, M, 2>(simd, &tile), pixels);
                    continue;
                }
                tile.write(simd, self.sums::<S, M, 1>(simd, &tile), pixels);
                if first + 1 < width / lanes {
                    let tile = Tile { first: first + 1, ..tile };
                    tile.write(simd, self.sums::<S, M, 1>(simd, &tile), pixels);
                }
            }
        }
    }

    #[inline(always)]
    fn sums<S: Simd, const M: usize, const N: usize>(&self, simd: S, tile: &Tile<'_, T>) -> [[T::Vector<S>; N]; M] {
        let ([z_axis, y_axis, x_axis], sources) = (&self.axes, self.sources(tile.block));
        let (n_rows, pitch) = (tile.block.rows.len(), tile.width / lanes::<T, S>());
        let mut sums = [[T::splat(simd, T::zero()); N]; M];
        let z_taps = (0..z_axis.taps).filter(|tap| place(z_axis, tile.block.z, *tap).is_some());
        for (z, z_tap) in z_taps.enumerate() {
            for y_tap in 0..y_axis.taps {
                let Some(y) = place(y_axis, tile.y, y_tap) else { continue };
                let line = z * sources.len() + y - sources.start;
                let lines = tile.lines[line * n_rows * self.width..].chunks_exact(self.width);
                let start = ((z_tap * y_axis.taps + y_tap) * self.rows + tile.block.rows.start) * x_axis.taps;
                let weights = T::vectors::<S>(&tile.weight[start * tile.width..]).chunks_exact(pitch * x_axis.taps);
                for (line, weights) in lines.zip(weights).take(n_rows) {
                    let mut at = tile.x + x_axis.before + self.before;
                    for weights in weights.chunks_exact(pitch) {
                        let window = line.get(at..).and_then(|line| line.first_chunk::<M>());
                        let weights = weights.get(tile.first..).and_then(|weights| weights.first_chunk::<N>());
                        let (Some(window), Some(weights)) = (window, weights) else { break };
                        for (value, sums) in window.iter().zip(&mut sums) {
                            let value = T::splat(simd, *value);
                            for (sum, weight) in sums.iter_mut().zip(weights) {
                                *sum = T::mul_add(simd, value, *weight, *sum);
                            }
                        }
                        at = at.wrapping_sub(x_axis.dilation);
                    }
                }
            }
        }
        sums
    }
}

/// Some pixels of a line, and some vectors of their channels.
struct Tile<'a, T> {
    weight: &'a [T],
    lines: &'a [T; ROOM],
    block: &'a Block,
    y: usize,
    x: usize,
    /// How many elements a pixel has.
    width: usize,
    /// The first vector.
    first: usize,
}

impl<T: Real> Tile<'_, T> {
    #[inline(always)]
    fn write<S: Simd, const M: usize, const N: usize>(&self, simd: S, sums: [[T::Vector<S>; N]; M], pixels: &mut [T]) {
        let lanes = lanes::<T, S>();
        for (pixel, sums) in pixels.chunks_exact_mut(self.width).zip(sums) {
            for (to, sum) in pixel[self.first * lanes..].chunks_exact_mut(lanes).zip(sums) {
                T::store(simd, to, sum);
            }
        }
    }
}
