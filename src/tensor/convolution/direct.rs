//! Products of weights with patches: the heart of convolutions. Patches are put side by side in a panel that stays in the
//! cache, and tiles of the result are computed in vectors.

#![allow(clippy::indexing_slicing, reason = "tiles are counted from the sizes of the tensors")]

use super::patches::{self, Patches, ROWS, Rows, Run, Runs, WIDTH};
use crate::tensor::vector::lanes;
use crate::tensor::{Real, threads};
use pulp::{Arch, Simd, WithSimd};
use smallvec::SmallVec;
use std::ops::Range;

/// How many places stand side by side.
pub(super) const COLUMNS: usize = 48;
pub(super) const PITCH: usize = COLUMNS + WIDTH;

pub(super) type Panel<T> = patches::Panel<T, PITCH>;

/// How many rows a tile has, at most, and how many vectors in each.
pub(super) const TILE_ROWS: usize = 8;
pub(super) const TILE_VECTORS: usize = 3;

/// `result[sample, row, place] = Σ weight[row, channel, tap] · patches[sample, channel, tap, place]`, the channels and
/// rows divided into groups.
#[derive(Clone, Copy, Debug)]
pub(super) struct Product<'a, T> {
    pub patches: Patches<'a, T>,
    /// `[groups, rows, channels of a group, taps]`
    pub weight: &'a [T],
    /// At least 1.
    pub groups: usize,
    /// How many rows a group has.
    pub rows: usize,
    pub target: Target,
}

/// Where in a plane of the result its places stand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    /// The size of the plane.
    pub plane: usize,
    pub start: usize,
    /// The distance between neighbours along each axis.
    pub steps: [usize; 3],
}

/// What becomes of the product.
#[derive(Clone, Copy, Debug)]
pub enum Use<'a, T> {
    /// It is the result, with one number added for each row.
    Write(Option<&'a [T]>),
    /// It is added to what is there.
    Add,
}

/// What is done with each piece of a result while it is in the cache: takes the index of its first element, and the piece.
pub type Finish<'a, T> = &'a (dyn Fn(usize, &mut [T]) + Sync);

impl<T: Real> Product<'_, T> {
    pub(super) fn compute(&self, samples: usize, how: Use<'_, T>, finish: Finish<'_, T>, out: &mut [T]) {
        let (rows, plane) = (self.groups * self.rows, self.target.plane);
        if samples * rows * plane == 0 {
            return;
        }
        let depth = self.patches.channels / self.groups * self.patches.taps();
        let cost = samples.saturating_mul(rows * self.patches.places()).saturating_mul(depth);
        let split = threads::Split::new(samples, rows, TILE_ROWS, cost);
        threads::parts(out.chunks_mut(split.rows() * plane), |index, out| {
            let (samples, rows) = split.part(index);
            Arch::new().dispatch(Part { product: self, samples, rows, how, out: &mut *out });
            finish(index * split.rows() * plane, out);
        });
    }
}

/// Some rows of some samples.
struct Part<'a, T> {
    product: &'a Product<'a, T>,
    samples: Range<usize>,
    rows: Range<usize>,
    how: Use<'a, T>,
    out: &'a mut [T],
}

/// Neighbouring columns of a panel, and where they stand in `out`, in the plane of the first row.
struct Segment {
    column: usize,
    length: usize,
    at: usize,
    step: usize,
}

type Segments = SmallVec<[Segment; PITCH]>;

impl<T: Real> WithSimd for Part<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let (product, patches) = (self.product, &self.product.patches);
        let (n_rows, n_channels) = (product.rows, patches.channels / product.groups);
        let depth = n_channels * patches.taps();
        if depth == 0 {
            return self.without_products();
        }
        let mut panel = patches::Panel([[T::zero(); PITCH]; ROWS]);
        let (places, mut runs, mut segments) = (patches.places(), Runs::new(), Segments::new());
        for group in self.rows.start / n_rows..self.rows.end.div_ceil(n_rows) {
            let rows = self.rows.start.max(group * n_rows)..self.rows.end.min((group + 1) * n_rows);
            let mut first = 0;
            for block in Rows::blocks(group * n_channels..(group + 1) * n_channels, patches.taps()) {
                let weights = first..first + block.count();
                let how = if first == 0 { self.how } else { Use::Add };
                for column in (self.samples.start * places..self.samples.end * places).step_by(COLUMNS) {
                    let columns = column..(self.samples.end * places).min(column + COLUMNS);
                    patches.find_runs(columns.clone(), &mut runs);
                    self.find_segments(&runs, &mut segments);
                    patches.fill(&runs, &block, &mut panel);
                    for row in rows.clone().step_by(TILE_ROWS) {
                        let rows = row..rows.end.min(row + TILE_ROWS);
                        let weight = |row: usize| &product.weight[row.min(rows.end - 1) * depth..][weights.clone()];
                        let tiles = Tiles { panel: &panel, columns: columns.len(), segments: &segments, how };
                        if S::REGISTER_COUNT >= 32 && rows.len() > TILE_ROWS / 2 {
                            let weights = || eight(std::array::from_fn(|index| weight(row + index)));
                            self.tiles::<S, TILE_ROWS, _>(simd, weights, &tiles, rows.clone());
                            continue;
                        }
                        for row in rows.clone().step_by(TILE_ROWS / 2) {
                            let weights = || four(std::array::from_fn(|index| weight(row + index)));
                            let rows = row..rows.end.min(row + TILE_ROWS / 2);
                            self.tiles::<S, { TILE_ROWS / 2 }, _>(simd, weights, &tiles, rows);
                        }
                    }
                }
                first = weights.end;
            }
        }
    }
}

/// A panel, and where what is computed of it is written.
struct Tiles<'a, T> {
    panel: &'a Panel<T>,
    columns: usize,
    segments: &'a [Segment],
    how: Use<'a, T>,
}

impl<T: Real> Part<'_, T> {
    fn without_products(&mut self) {
        if let Use::Write(bias) = self.how {
            let rows = self.out.chunks_exact_mut(self.product.target.plane);
            rows.zip(self.rows.clone().cycle())
                .for_each(|(out, row)| out.fill(bias.map_or(T::zero(), |bias| bias[row])));
        }
    }

    #[inline(always)]
    fn find_segments(&self, runs: &[Run], segments: &mut Segments) {
        let Target { plane, start, steps } = self.product.target;
        segments.clear();
        for run in runs {
            let sample = (run.sample - self.samples.start) * self.rows.len() * plane;
            let place: usize = run.place.iter().zip(steps).map(|(place, step)| place * step).sum();
            let (at, step) = (sample + start + place, steps[2]);
            match segments.last_mut() {
                Some(last) if step == 1 && last.at + last.length == at => last.length += run.length,
                _ => segments.push(Segment { column: run.column, length: run.length, at, step }),
            }
        }
    }

    /// `M` rows or fewer, and what is computed beside them for nothing.
    #[inline(always)]
    fn tiles<S: Simd, const M: usize, W: Iterator<Item = [T; M]>>(
        &mut self,
        simd: S,
        weights: impl Fn() -> W,
        tiles: &Tiles<'_, T>,
        rows: Range<usize>,
    ) {
        let lanes = lanes::<T, S>();
        let vectors = tiles.columns.div_ceil(lanes);
        for first in (0..vectors).step_by(TILE_VECTORS) {
            let (panel, column, rows) = (tiles.panel, first * lanes, rows.clone());
            match vectors - first {
                1 => self.write(simd, tile::<S, T, M, 1>(simd, weights(), panel, first), column, tiles, rows),
                2 => self.write(simd, tile::<S, T, M, 2>(simd, weights(), panel, first), column, tiles, rows),
                _ => self.write(simd, tile::<S, T, M, 3>(simd, weights(), panel, first), column, tiles, rows),
            }
        }
    }

    #[inline(always)]
    fn write<S: Simd, const M: usize, const N: usize>(
        &mut self,
        simd: S,
        tile: [[T::Vector<S>; N]; M],
        column: usize,
        tiles: &Tiles<'_, T>,
        rows: Range<usize>,
    ) {
        let (lanes, plane) = (lanes::<T, S>(), self.product.target.plane);
        let columns = (N * lanes).min(tiles.columns - column);
        for (row, tile) in rows.zip(&tile) {
            let start = (row - self.rows.start) * plane;
            if let [Segment { at, step: 1, .. }] = tiles.segments {
                let out = &mut self.out[start + at + column..][..columns];
                for (out, vector) in out.chunks_mut(lanes).zip(tile) {
                    let other = match tiles.how {
                        Use::Write(None) => *vector,
                        Use::Write(Some(bias)) => T::sum_of(simd, *vector, T::splat(simd, bias[row])),
                        Use::Add => T::sum_of(simd, *vector, T::load(simd, out)),
                    };
                    T::store(simd, out, other);
                }
                continue;
            }
            let mut line = [T::zero(); COLUMNS];
            line.chunks_mut(lanes).zip(tile).for_each(|(out, vector)| T::store(simd, out, *vector));
            self.scatter(&line, column..column + columns, tiles, start, row);
        }
    }

    /// Writes some columns of a row, the first of which is the first of `line`.
    #[inline(always)]
    fn scatter(&mut self, line: &[T; COLUMNS], columns: Range<usize>, tiles: &Tiles<'_, T>, start: usize, row: usize) {
        for segment in tiles.segments {
            let first = columns.start.max(segment.column);
            let last = columns.end.min(segment.column + segment.length);
            if first >= last {
                continue;
            }
            let out = &mut self.out[start + segment.at + (first - segment.column) * segment.step..];
            let pairs = out.iter_mut().step_by(segment.step).zip(&line[first - columns.start..last - columns.start]);
            match tiles.how {
                Use::Write(bias) => {
                    let bias = bias.map_or(T::zero(), |bias| bias[row]);
                    pairs.for_each(|(out, value)| *out = *value + bias);
                }
                Use::Add => pairs.for_each(|(out, value)| *out += *value),
            }
        }
    }
}

/// The products of rows of weights with the columns of a panel that `N` vectors from `first` on hold.
#[inline(always)]
pub(super) fn tile<S: Simd, T: Real, const M: usize, const N: usize>(
    simd: S,
    weights: impl Iterator<Item = [T; M]>,
    panel: &Panel<T>,
    first: usize,
) -> [[T::Vector<S>; N]; M] {
    let mut sums = [[T::splat(simd, T::zero()); N]; M];
    // Known here, it isn't asked in the loop.
    if first + N > PITCH / lanes::<T, S>() {
        return sums;
    }
    for (row, weights) in panel.0.iter().zip(weights) {
        let row = &T::vectors::<S>(row)[first..first + N];
        for (weight, sums) in weights.into_iter().zip(&mut sums) {
            let weight = T::splat(simd, weight);
            for (sum, vector) in sums.iter_mut().zip(row) {
                *sum = T::mul_add(simd, weight, *vector, *sum);
            }
        }
    }
    sums
}

/// The elements of rows side by side. Iterators find the way through so many slices without asking for their ends.
#[inline(always)]
fn four<T: Real>([a, b, c, d]: [&[T]; TILE_ROWS / 2]) -> impl Iterator<Item = [T; TILE_ROWS / 2]> {
    a.iter().zip(b).zip(c.iter().zip(d)).map(|((a, b), (c, d))| [*a, *b, *c, *d])
}

#[inline(always)]
fn eight<T: Real>([a, b, c, d, e, f, g, h]: [&[T]; TILE_ROWS]) -> impl Iterator<Item = [T; TILE_ROWS]> {
    let both = four([a, b, c, d]).zip(four([e, f, g, h]));
    both.map(|([a, b, c, d], [e, f, g, h])| [a, b, c, d, e, f, g, h])
}
