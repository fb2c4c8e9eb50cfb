//! Products of weights with the strips of an image: what a convolution computes forward.

#![allow(clippy::indexing_slicing, reason = "tiles are counted from the sizes of the tensors")]

use super::direct::{Finish, Use};
use super::strips::{Layout, Panel, ROOM, Strips};
use crate::tensor::side_by_side::{Rows, SideBySide};
use crate::tensor::vector::lanes;
use crate::tensor::{Real, threads};
use pulp::{Arch, Simd, WithSimd};
use std::ops::Range;

/// Threads share samples in whole multiples of this many rows.
const UNIT: usize = 8;

/// `result[sample, row, place] = Σ weight[row, channel, tap] · image[sample, channel, what the tap meets at the place]`, the
/// channels and rows divided into groups.
#[derive(Clone, Copy, Debug)]
pub(super) struct StripProduct<'a, T> {
    pub strips: Strips,
    /// `[samples, groups, channels of a group, ...]`
    pub image: &'a [T],
    /// `[groups, rows, channels of a group, taps]`
    pub weight: &'a [T],
    /// At least 1.
    pub groups: usize,
    /// How many rows a group has.
    pub rows: usize,
    /// How many channels a group has.
    pub channels: usize,
}

impl<T: Real> StripProduct<'_, T> {
    pub(super) fn compute(&self, samples: usize, how: Use<'_, T>, finish: Finish<'_, T>, out: &mut [T]) {
        let (rows, places) = (self.groups * self.rows, self.places());
        if samples * rows * places == 0 {
            return;
        }
        let cost = samples.saturating_mul(rows * places).saturating_mul(self.depth());
        let split = threads::Split::new(samples, rows, UNIT, cost);
        threads::parts(out.chunks_mut(split.rows() * places), |index, out| {
            let (samples, rows) = split.part(index);
            Arch::new().dispatch(Part { product: self, samples, rows, how, finish, out });
        });
    }

    fn places(&self) -> usize {
        self.strips.axes.iter().map(|axis| axis.output).product()
    }

    fn pixels(&self) -> usize {
        self.strips.axes.iter().map(|axis| axis.input).product()
    }

    /// How many weights a row has.
    fn depth(&self) -> usize {
        self.channels * self.strips.taps()
    }
}

/// Some rows of some samples.
struct Part<'a, T> {
    product: &'a StripProduct<'a, T>,
    samples: Range<usize>,
    rows: Range<usize>,
    how: Use<'a, T>,
    finish: Finish<'a, T>,
    out: &'a mut [T],
}

/// What is computed together: some rows, and the columns of a panel with the weights that meet them.
struct Tiles<'a, T> {
    panel: &'a Panel<T>,
    starts: &'a [usize],
    /// Where the weights begin in their rows.
    weights: usize,
    columns: usize,
    /// Where the first column of the first row stands in `out`.
    at: usize,
    how: Use<'a, T>,
}

impl<T: Real> WithSimd for Part<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let product = self.product;
        let (strips, n_rows, n_channels) = (&product.strips, product.rows, product.channels);
        let (pixels, places, n_taps) = (product.pixels(), product.places(), strips.taps());
        let (mut panel, mut layout) = (Panel([T::zero(); ROOM]), Layout::EMPTY);
        for (index, sample) in self.samples.clone().enumerate() {
            for block in strips.blocks() {
                strips.find(&block, &mut layout);
                for group in self.rows.start / n_rows..self.rows.end.div_ceil(n_rows) {
                    let rows = self.rows.start.max(group * n_rows)..self.rows.end.min((group + 1) * n_rows);
                    let mut how = self.how;
                    for channels in strips.channels(0..n_channels) {
                        let first = (sample * product.groups + group) * n_channels;
                        let image = &product.image[(first + channels.start) * pixels..];
                        strips.fill(image, channels.len(), &block, &layout, &mut panel);
                        let tiles = Tiles {
                            panel: &panel,
                            starts: &layout.starts[..channels.len() * n_taps],
                            weights: channels.start * n_taps,
                            columns: block.n_places(),
                            at: index * self.rows.len() * places + strips.start(&block),
                            how,
                        };
                        self.block(simd, &tiles, rows.clone());
                        how = Use::Add;
                    }
                }
            }
            let len = self.rows.len() * places;
            let first = sample * product.groups * n_rows + self.rows.start;
            (self.finish)(first * places, &mut self.out[index * len..][..len]);
        }
    }
}

impl<T: Real> Part<'_, T> {
    #[inline(always)]
    fn block<S: Simd>(&mut self, simd: S, tiles: &Tiles<'_, T>, rows: Range<usize>) {
        let lanes = lanes::<T, S>();
        if S::REGISTER_COUNT >= 32 {
            let mut column = 0;
            while column + 2 * lanes < tiles.columns {
                self.columns::<S, 4>(simd, tiles, column, rows.clone());
                column += 4 * lanes;
            }
            if column < tiles.columns {
                self.columns::<S, 2>(simd, tiles, column, rows);
            }
        } else {
            for column in (0..tiles.columns).step_by(2 * lanes) {
                self.columns::<S, 2>(simd, tiles, column, rows.clone());
            }
        }
    }

    /// `N` vectors from a column on, of all these rows.
    #[inline(always)]
    fn columns<S: Simd, const N: usize>(&mut self, simd: S, tiles: &Tiles<'_, T>, column: usize, rows: Range<usize>) {
        let (depth, weight) = (self.product.depth(), self.product.weight);
        let of = |row: usize| &weight[row.min(rows.end - 1) * depth + tiles.weights..][..tiles.starts.len()];
        let mut row = rows.start;
        // Two tiles of four are faster than one of six and one of two.
        while row + 4 < rows.end && rows.end - row != 8 {
            let sums = tile::<S, T, 6, N>(simd, std::array::from_fn(|index| of(row + index)), tiles, column);
            self.write(simd, &sums, tiles, column, row..rows.end.min(row + 6));
            row += 6;
        }
        while row + 2 < rows.end {
            let sums = tile::<S, T, 4, N>(simd, std::array::from_fn(|index| of(row + index)), tiles, column);
            self.write(simd, &sums, tiles, column, row..rows.end.min(row + 4));
            row += 4;
        }
        if row < rows.end {
            let sums = tile::<S, T, 2, N>(simd, [of(row), of(row + 1)], tiles, column);
            self.write(simd, &sums, tiles, column, row..rows.end);
        }
    }

    #[inline(always)]
    fn write<S: Simd, const M: usize, const N: usize>(
        &mut self,
        simd: S,
        sums: &[[T::Vector<S>; N]; M],
        tiles: &Tiles<'_, T>,
        column: usize,
        rows: Range<usize>,
    ) {
        let (lanes, places) = (lanes::<T, S>(), self.product.places());
        let columns = (N * lanes).min(tiles.columns - column);
        for (row, sums) in rows.zip(sums) {
            let out = &mut self.out[(row - self.rows.start) * places + tiles.at + column..][..columns];
            let bias = if let Use::Write(Some(bias)) = tiles.how { bias[row] } else { T::zero() };
            let bias = T::splat(simd, bias);
            for (out, sum) in out.chunks_mut(lanes).zip(sums) {
                let start = if let Use::Add = tiles.how { T::load(simd, out) } else { bias };
                T::store(simd, out, T::sum_of(simd, *sum, start));
            }
        }
    }
}

/// The products of rows of weights with `N` vectors of a panel, from a column on.
#[inline(always)]
fn tile<S: Simd, T: Real, const M: usize, const N: usize>(
    simd: S,
    weights: [&[T]; M],
    tiles: &Tiles<'_, T>,
    column: usize,
) -> [[T::Vector<S>; N]; M]
where
    Rows<M>: SideBySide<M>,
{
    let mut sums = [[T::splat(simd, T::zero()); N]; M];
    let Some(panel) = tiles.panel.0.get(column..) else { return sums };
    for (start, weights) in tiles.starts.iter().zip(Rows::side_by_side(weights)) {
        let Some(row) = panel.get(*start..).and_then(|row| row.get(..N * lanes::<T, S>())) else { break };
        let row = T::vectors::<S>(row);
        for (weight, sums) in weights.into_iter().zip(&mut sums) {
            let weight = T::splat(simd, weight);
            for (sum, vector) in sums.iter_mut().zip(row) {
                *sum = T::mul_add(simd, weight, *vector, *sum);
            }
        }
    }
    sums
}
