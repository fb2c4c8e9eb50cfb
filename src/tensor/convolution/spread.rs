//! Products of transposed weights with maps, whose elements are added to all elements of an image that the kernel meets:
//! what is the other way round in a convolution.

#![allow(clippy::indexing_slicing, reason = "tiles are counted from the sizes of the tensors")]

use super::direct::{COLUMNS, PITCH, Panel, TILE_ROWS, TILE_VECTORS, tile};
use super::patches;
use super::patches::{Patches, ROWS, Reach, Rows, Run, Runs};
use crate::tensor::sweep::Sweep;
use crate::tensor::vector::lanes;
use crate::tensor::{Real, threads};
use pulp::{Arch, Simd, WithSimd};
use smallvec::SmallVec;
use std::ops::Range;

/// For how many taps the distances are looked up.
const TABLE: usize = 64;
/// How many rows are computed before they are added to the image.
const GROUP: usize = 72;

/// `image[sample, channel, element] += Σ weight[row, channel, tap] · map[sample, row, place]`, over the rows of a group and
/// all places whose tap meets the element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spread<'a, T> {
    /// From elements of the image to places of the map.
    pub axes: [Sweep; 3],
    /// `[samples, groups, rows, places]`
    pub map: &'a [T],
    /// `[groups, rows, channels of a group, taps]`
    pub weight: &'a [T],
    /// At least 1.
    pub groups: usize,
    /// How many rows a group has.
    pub rows: usize,
    /// How many channels a group has.
    pub channels: usize,
}

impl<T: Real> Spread<'_, T> {
    pub(super) fn add(&self, samples: usize, image: &mut [T]) {
        let channels = self.groups * self.channels;
        if samples * channels * self.pixels() * self.rows * self.places() * self.taps() == 0 {
            return;
        }
        let cost = samples.saturating_mul(self.groups * self.rows * self.places()).saturating_mul(self.depth());
        let split = threads::Split::new(samples, channels, 1, cost);
        threads::parts(image.chunks_mut(split.rows() * self.pixels()), |index, image| {
            let (samples, channels) = split.part(index);
            Arch::new().dispatch(Part { spread: self, samples, channels, image });
        });
    }

    fn pixels(&self) -> usize {
        self.axes.iter().map(|axis| axis.input).product()
    }

    fn places(&self) -> usize {
        self.axes.iter().map(|axis| axis.output).product()
    }

    fn taps(&self) -> usize {
        self.axes.iter().map(|axis| axis.taps).product()
    }

    /// How many weights a row has.
    fn depth(&self) -> usize {
        self.channels * self.taps()
    }

    /// The number of a tap along each axis.
    fn tap(&self, tap: usize) -> [usize; 3] {
        let [_, y, x] = &self.axes;
        [tap / x.taps / y.taps, tap / x.taps % y.taps, tap % x.taps]
    }

    /// How far the element that meets a tap lies behind the one that meets the first.
    fn distance(&self, tap: usize) -> usize {
        let ([z_axis, y_axis, x_axis], [z, y, x]) = (&self.axes, self.tap(tap));
        (z * z_axis.dilation * y_axis.input + y * y_axis.dilation) * x_axis.input + x * x_axis.dilation
    }
}

/// Some channels of some samples.
struct Part<'a, T> {
    spread: &'a Spread<'a, T>,
    samples: Range<usize>,
    channels: Range<usize>,
    image: &'a mut [T],
}

impl<T: Real> WithSimd for Part<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let spread = self.spread;
        let maps = Patches {
            planes: spread.map,
            axes: spread.axes.each_ref().map(Reach::places),
            channels: spread.groups * spread.rows,
        };
        let image = Patches::<T> { planes: &[], axes: spread.axes.each_ref().map(Reach::sweep), channels: 1 };
        let (dense, places, depth, n_taps) = (maps.as_line(), spread.places(), spread.depth(), spread.taps());
        let mut sums = [[T::zero(); PITCH]; GROUP];
        let distances: [usize; TABLE] = std::array::from_fn(|tap| spread.distance(tap));
        let mut panel = patches::Panel([[T::zero(); PITCH]; ROWS]);
        let (mut runs, mut dense_runs, mut goals) = (Runs::new(), Runs::new(), SmallVec::<[Goal; 64]>::new());
        for group in self.channels.start / spread.channels..self.channels.end.div_ceil(spread.channels) {
            let first = group * spread.channels;
            let channels = self.channels.start.max(first)..self.channels.end.min(first + spread.channels);
            // What stands side by side in a row of the weight.
            let entries = (channels.start - first) * spread.taps()..(channels.end - first) * spread.taps();
            for rows in Rows::blocks(group * spread.rows..(group + 1) * spread.rows, 1) {
                for column in (self.samples.start * places..self.samples.end * places).step_by(COLUMNS) {
                    let columns = column..(self.samples.end * places).min(column + COLUMNS);
                    maps.find_runs(columns.clone(), &mut runs);
                    dense.find_runs(columns.clone(), &mut dense_runs);
                    dense.fill(&dense_runs, &rows, &mut panel);
                    let is_inside = runs.iter().all(|run| image.is_inside(run));
                    if is_inside {
                        goals.clear();
                        goals.extend(runs.iter().map(|run| self.goal(run)));
                    }
                    let (columns, distances) = (columns.len(), &distances);
                    let tiles = Tiles { panel: &panel, columns, runs: &runs, goals: &goals, distances, is_inside };
                    let weight = &spread.weight[rows.channels.start * depth..rows.channels.end * depth];
                    for entry in entries.clone().step_by(GROUP) {
                        let entries = entry..entries.end.min(entry + GROUP);
                        if S::REGISTER_COUNT >= 32 {
                            tiles.multiply::<S, TILE_ROWS>(simd, weight, depth, entries.clone(), &mut sums);
                        } else {
                            tiles.multiply::<S, { TILE_ROWS / 2 }>(simd, weight, depth, entries.clone(), &mut sums);
                        }
                        for start in 0..n_taps.min(entries.len()) {
                            self.add_tap(simd, &sums[start..entries.len()], &tiles, first * n_taps + entry + start);
                        }
                    }
                }
            }
        }
    }
}

/// Where neighbouring columns are added: from this element on, in the plane of the first channel, for the first tap.
struct Goal {
    column: usize,
    length: usize,
    at: usize,
}

/// A panel of the map, and where its columns belong.
struct Tiles<'a, T> {
    panel: &'a Panel<T>,
    columns: usize,
    runs: &'a [Run],
    goals: &'a [Goal],
    distances: &'a [usize; TABLE],
    /// No tap leaves the image.
    is_inside: bool,
}

impl<T: Real> Tiles<'_, T> {
    /// The products with some entries of each row of the weight, `M` at a time.
    #[inline(always)]
    fn multiply<S: Simd, const M: usize>(
        &self,
        simd: S,
        weight: &[T],
        depth: usize,
        entries: Range<usize>,
        sums: &mut [[T; PITCH]; GROUP],
    ) {
        let lanes = lanes::<T, S>();
        let vectors = self.columns.div_ceil(lanes);
        for (entry, sums) in entries.clone().step_by(M).zip(sums.chunks_mut(M)) {
            // The last entries are computed with some before them, so that each row has as many.
            let start = if entry + M > depth { depth.saturating_sub(M) } else { entry };
            let weights = || weight[start..].chunks(depth).map_while(|row| row.first_chunk::<M>().copied());
            let few =
                || weight.chunks(depth).map(|row| std::array::from_fn(|at| row.get(at).copied().unwrap_or(T::zero())));
            for first in (0..vectors).step_by(TILE_VECTORS) {
                let tile: [[T::Vector<S>; TILE_VECTORS]; M] = if depth < M {
                    tile(simd, few(), self.panel, first)
                } else {
                    tile(simd, weights(), self.panel, first)
                };
                for (sums, row) in sums.iter_mut().zip(&tile[entry - start..]) {
                    for (sums, vector) in sums[first * lanes..].chunks_exact_mut(lanes).zip(row) {
                        T::store(simd, sums, *vector);
                    }
                }
            }
        }
    }
}

impl<T: Real> Part<'_, T> {
    fn goal(&self, run: &Run) -> Goal {
        let ([z_axis, y_axis, x_axis], [z, y, x]) = (&self.spread.axes, run.place);
        let line = (z * z_axis.stride - z_axis.before) * y_axis.input + y * y_axis.stride - y_axis.before;
        let sample = (run.sample - self.samples.start) * self.channels.len() * self.spread.pixels();
        let at = sample + line * x_axis.input + x * x_axis.stride - x_axis.before;
        Goal { column: run.column, length: run.length, at }
    }

    /// Adds the sums of one tap, those of each channel, to the image. The first of them is `entry`.
    ///
    /// What is read after it was written should have been written long before: neighbours are left for later.
    #[inline(always)]
    fn add_tap<S: Simd>(&mut self, simd: S, sums: &[[T; PITCH]], tiles: &Tiles<'_, T>, entry: usize) {
        let spread = self.spread;
        let ([z_axis, y_axis, x_axis], pixels, n_taps) = (&spread.axes, spread.pixels(), spread.taps());
        let (channel, tap) = (entry / n_taps - self.channels.start, entry % n_taps);
        let planes = (channel * pixels..).step_by(pixels);
        if tiles.is_inside {
            let distance = tiles.distances.get(tap).map_or_else(|| spread.distance(tap), |distance| *distance);
            for goal in tiles.goals {
                for (plane, sums) in planes.clone().zip(sums.iter().step_by(n_taps)) {
                    let out = &mut self.image[plane + distance + goal.at..];
                    add(simd, &sums[goal.column..], goal.length, out, x_axis.stride);
                }
            }
            return;
        }
        let [z_tap, y_tap, x_tap] = spread.tap(tap);
        let inside = x_axis.inside(x_tap);
        for run in tiles.runs {
            let [z, y, x] = run.place;
            let (Some(z), Some(y)) = (z_axis.source(z, z_tap), y_axis.source(y, y_tap)) else { continue };
            let sample = (run.sample - self.samples.start) * self.channels.len() * pixels;
            let line = sample + (z * y_axis.input + y) * x_axis.input;
            let end = x + run.length;
            let within = inside.start.clamp(x, end)..inside.end.clamp(x, end);
            for (plane, sums) in planes.clone().zip(sums.iter().step_by(n_taps)) {
                for place in (x..within.start).chain(within.end.max(within.start)..end) {
                    if let Some(at) = x_axis.source(place, x_tap) {
                        self.image[plane + line + at] += sums[run.column + place - x];
                    }
                }
                if !within.is_empty() {
                    let at = line + within.start * x_axis.stride + x_tap * x_axis.dilation - x_axis.before;
                    let sums = &sums[run.column + within.start - x..];
                    add(simd, sums, within.len(), &mut self.image[plane + at..], x_axis.stride);
                }
            }
        }
    }
}

/// Adds so many elements to others, one every `step`.
#[inline(always)]
fn add<S: Simd, T: Real>(simd: S, mut sums: &[T], mut length: usize, mut out: &mut [T], step: usize) {
    let lanes = lanes::<T, S>();
    while step == 1 && out.len() >= lanes && sums.len() >= lanes {
        let sum = T::sum_of(simd, T::load(simd, out), T::first(simd, T::load(simd, sums), length));
        T::store(simd, out, sum);
        if length <= lanes {
            return;
        }
        (sums, out, length) = (&sums[lanes..], &mut out[lanes..], length - lanes);
    }
    out.iter_mut().step_by(step).zip(&sums[..length]).for_each(|(out, sum)| *out += *sum);
}
