//! Sums. Partial sums are double precision, so long axes of `f32` lose nothing; their order is fixed.

#![allow(clippy::indexing_slicing, reason = "a nest of loops stays inside the tensors that it was made of")]

use super::nest::Nest;
use super::simd::{self, Loop};
use super::{Real, threads};
use std::ops::Range;

/// How many sums run side by side: neighbours in memory are read together.
pub const COLUMNS: usize = 64;
/// The same where rows of a matrix are added, which are read from end to end if they aren't longer.
const WIDE: usize = 1024;
/// How many partial sums a single sum is made of, so that an addition needn't wait for the one before.
const LANES: usize = 4;

/// The sum of `value(0)` … `value(length - 1)`.
pub fn sum(length: usize, value: impl Fn(usize) -> f64) -> f64 {
    let mut lanes = [0.0; LANES];
    let whole = length - length % LANES;
    for start in (0..whole).step_by(LANES) {
        for (lane, total) in lanes.iter_mut().enumerate() {
            *total += value(start + lane);
        }
    }
    let rest: f64 = (whole..length).map(&value).sum();
    lanes.iter().sum::<f64>() + rest
}

/// `out[t] += scale · Σ value(indices)`, over all elements of the nest, where `t` is the index in its tensor `target` and
/// `indices` are those in all its tensors.
pub fn add_sums<T: Real, const K: usize>(
    nest: &Nest<K>,
    target: usize,
    scale: f64,
    value: impl Fn([usize; K]) -> T,
    out: &mut [T],
) {
    for_each_block(nest, target, |block| {
        let sums = block.sums(|_, indices| value(indices).to_f64());
        for (column, sum) in sums.iter().take(block.length).enumerate() {
            out[block.at(target, column)] += T::from_f64(*sum * scale);
        }
    });
}

/// Neighbours in the tensor that a nest is reduced to, and the loops over what is reduced to each of them.
pub struct Block<'n, const K: usize> {
    reduced: &'n Nest<K>,
    starts: [usize; K],
    steps: [usize; K],
    /// How many neighbours there are: columns of the matrix whose rows are reduced.
    pub length: usize,
}

/// Calls `visit` for all elements of the tensor `target` of a nest, some at a time.
pub fn for_each_block<const K: usize>(nest: &Nest<K>, target: usize, mut visit: impl FnMut(&Block<K>)) {
    let (kept, reduced) = nest.split(target);
    kept.for_each_run(|starts, length, steps| {
        for first in (0..length).step_by(COLUMNS) {
            let starts: [usize; K] = std::array::from_fn(|tensor| starts[tensor] + first * steps[tensor]);
            visit(&Block { reduced: &reduced, starts, steps, length: COLUMNS.min(length - first) });
        }
    });
}

impl<const K: usize> Block<'_, K> {
    /// The index in a tensor of the first element of a column.
    #[must_use]
    pub fn at(&self, tensor: usize, column: usize) -> usize {
        self.starts[tensor] + column * self.steps[tensor]
    }

    /// Σ value(column, indices) for each column; 0 past the last.
    pub fn sums(&self, value: impl Fn(usize, [usize; K]) -> f64) -> [f64; COLUMNS] {
        let mut sums = [0.0; COLUMNS];
        self.reduced.for_each_run(|offsets, length, inner| {
            let at = |column: usize, index: usize| value(column, self.indices(offsets, inner, column, index));
            if self.is_by_column(inner) {
                for (column, total) in sums.iter_mut().take(self.length).enumerate() {
                    *total += sum(length, |index| at(column, index));
                }
            } else {
                for index in 0..length {
                    for (column, total) in sums.iter_mut().take(self.length).enumerate() {
                        *total += at(column, index);
                    }
                }
            }
        });
        sums
    }

    /// Folds the elements of each column in their order, beginning with `start(column)`.
    pub fn fold<A: Copy>(&self, start: impl Fn(usize) -> A, step: impl Fn(A, usize, [usize; K]) -> A) -> [A; COLUMNS] {
        let mut totals: [A; COLUMNS] = std::array::from_fn(|column| start(column.min(self.length - 1)));
        self.for_each(|column, indices| totals[column] = step(totals[column], column, indices));
        totals
    }

    /// Calls `visit(column, indices)` for the elements of each column.
    pub fn for_each(&self, mut visit: impl FnMut(usize, [usize; K])) {
        self.reduced.for_each_run(|offsets, length, inner| {
            if self.is_by_column(inner) {
                for column in 0..self.length {
                    (0..length).for_each(|index| visit(column, self.indices(offsets, inner, column, index)));
                }
            } else {
                for index in 0..length {
                    (0..self.length).for_each(|column| visit(column, self.indices(offsets, inner, column, index)));
                }
            }
        });
    }

    fn indices(&self, offsets: [usize; K], inner: [usize; K], column: usize, index: usize) -> [usize; K] {
        std::array::from_fn(|tensor| self.at(tensor, column) + offsets[tensor] + index * inner[tensor])
    }

    /// The loop along the smaller distance in memory is the inner one.
    fn is_by_column(&self, inner: [usize; K]) -> bool {
        self.length == 1 || (0..K).any(|tensor| inner[tensor] > 0 && inner[tensor] < self.steps[tensor])
    }
}

/// `out[j] += Σᵢ value(i, j)`, for the rows `i` of a matrix and its columns `j`.
pub fn add_columns<T: Real>(rows: usize, value: impl Fn(usize, usize) -> T, out: &mut [T]) {
    let add = |row: usize, columns: Range<usize>, sums: &mut [f64]| {
        columns.zip(sums).for_each(|(column, sum)| *sum += value(row, column).to_f64());
    };
    add_rows(rows, add, out);
}

/// Adds the rows of a matrix to `out`: `add(i, columns, sums)` adds the elements of row `i` in some neighbouring columns
/// to their sums.
pub fn add_rows<T: Real>(rows: usize, add: impl Fn(usize, Range<usize>, &mut [f64]), out: &mut [T]) {
    for (block, out) in out.chunks_mut(COLUMNS).enumerate() {
        let mut sums = [0.0; COLUMNS];
        let (sums, start) = (&mut sums[..out.len()], block * COLUMNS);
        for row in 0..rows {
            add(row, start..start + out.len(), sums);
        }
        out.iter_mut().zip(sums).for_each(|(out, sum)| *out += T::from_f64(*sum));
    }
}

/// Adds the rows of a matrix `[rows, out.len()]` to `out`. Four neighbours in a column are added up in `T`, their sums in
/// double precision.
pub fn add_row_sums<T: Real>(matrix: &[T], out: &mut [T]) {
    let width = out.len();
    let piece = threads::piece(width, COLUMNS, matrix.len().saturating_mul(4));
    threads::split(out, piece, |index, out| simd::run(RowSums { matrix, width, first: index * piece, out }));
}

struct RowSums<'a, T> {
    matrix: &'a [T],
    width: usize,
    /// The column of the first element of `out`.
    first: usize,
    out: &'a mut [T],
}

impl<T: Real> Loop for RowSums<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        if self.matrix.len() < 4 * self.width {
            for row in self.matrix.chunks_exact(self.width) {
                self.out.iter_mut().zip(&row[self.first..]).for_each(|(out, &x)| *out += x);
            }
        } else if self.out.len() <= COLUMNS {
            self.runs::<COLUMNS>();
        } else {
            self.runs::<WIDE>();
        }
    }
}

impl<T: Real> RowSums<'_, T> {
    /// Runs of `N` columns.
    #[inline(always)]
    fn runs<const N: usize>(self) {
        for (block, out) in self.out.chunks_mut(N).enumerate() {
            let mut sums = [0.0; N];
            let first = self.first + block * N;
            let columns = first..first + out.len();
            let fours = self.matrix.chunks_exact(4 * self.width);
            let rest = fours.remainder();
            for rows in fours {
                let (upper, lower) = rows.split_at(2 * self.width);
                let ((a, b), (c, d)) = (upper.split_at(self.width), lower.split_at(self.width));
                let [a, b, c, d] = [a, b, c, d].map(|row| &row[columns.clone()]);
                for (sum, ((&a, &b), (&c, &d))) in sums.iter_mut().zip(a.iter().zip(b).zip(c.iter().zip(d))) {
                    *sum += ((a + b) + (c + d)).to_f64();
                }
            }
            for row in rest.chunks_exact(self.width) {
                for (sum, &x) in sums.iter_mut().zip(&row[columns.clone()]) {
                    *sum += x.to_f64();
                }
            }
            for (out, sum) in out.iter_mut().zip(sums) {
                *out += T::from_f64(sum);
            }
        }
    }
}

/// How many elements of each slice `sums_of` reads together.
const WIDTH: usize = 8;

/// The sums of what `value` makes of the elements that stand at one place in slices of one length.
pub fn sums_of<T: Real, const K: usize, const V: usize>(
    slices: [&[T]; K],
    value: impl Fn([T; K]) -> [T; V],
) -> [f64; V] {
    let chunks = slices.map(|slice| slice.as_chunks::<WIDTH>().0);
    let mut lanes = [[0.0; WIDTH]; V];
    for at in 0..chunks.iter().map(|chunks| chunks.len()).min().unwrap_or(0) {
        let chunks = chunks.map(|chunks| &chunks[at]);
        for lane in 0..WIDTH {
            let found = value(chunks.map(|chunk| chunk[lane]));
            lanes.iter_mut().zip(found).for_each(|(lanes, found)| lanes[lane] += found.to_f64());
        }
    }
    let mut totals = lanes.map(|lanes| lanes.iter().sum::<f64>());
    let rests = slices.map(|slice| slice.as_chunks::<WIDTH>().1);
    for at in 0..rests.iter().map(|rest| rest.len()).min().unwrap_or(0) {
        let found = value(rests.map(|rest| rest[at]));
        totals.iter_mut().zip(found).for_each(|(total, found)| *total += found.to_f64());
    }
    totals
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::nest::{broadcast_steps, dense_steps};

    #[test]
    fn any_axes_can_be_summed() {
        let (shape, x): (_, Vec<f64>) = ([3, 70, 5, 2], (0..2100).map(|i| f64::from(i) * 0.25).collect());
        for kept in 0..16usize {
            let small: Vec<usize> = (0..4).map(|axis| if kept >> axis & 1 == 1 { shape[axis] } else { 1 }).collect();
            let steps = broadcast_steps(&small, &shape);
            let mut found = vec![1.0; small.iter().product()];
            let nest = Nest::new(&shape, [&dense_steps(&shape), &steps]);
            add_sums(&nest, 1, 2.0, |[i, _]| x[i], &mut found);
            let mut expected = vec![1.0; found.len()];
            for (index, x) in x.iter().enumerate() {
                let at = |axis: usize| index / dense_steps(&shape)[axis] % shape[axis];
                expected[(0..4).map(|axis| at(axis) * steps[axis]).sum::<usize>()] += 2.0 * x;
            }
            assert_eq!(found, expected, "{small:?}");
        }
    }

    #[test]
    fn rows_are_added() {
        threads::use_threads(3);
        for (rows, width) in [(0, 3), (3, 0), (1, 1), (5, 7), (3, 64), (2, 130), (4000, 300)] {
            let matrix: Vec<f32> = (0..rows * width).map(|at| (at * 7 % 31) as f32).collect();
            let mut out = vec![1.0; width];
            add_row_sums(&matrix, &mut out);
            for (column, &found) in out.iter().enumerate() {
                assert_eq!(
                    found,
                    1.0 + (0..rows).map(|row| matrix[row * width + column]).sum::<f32>(),
                    "{rows} {width}"
                );
            }
        }
    }

    #[test]
    fn sums_of_slices_are_complete() {
        for length in [0, 1, 7, 8, 9, 16, 100] {
            let (x, y): (Vec<f64>, Vec<f64>) = (0..length).map(|i| (f64::from(i), f64::from(i % 3))).unzip();
            let expected: [f64; 2] = [x.iter().sum(), x.iter().zip(&y).map(|(x, y)| x * y).sum()];
            assert_eq!(sums_of([&x, &y], |[x, y]| [x, x * y]), expected, "{length}");
        }
    }

    #[test]
    fn a_long_sum_of_single_floats_is_exact() {
        let x = vec![0.1f32; 1 << 20];
        let (mut row, mut column) = ([0.0f32], [0.0f32]);
        add_sums(&Nest::new(&[x.len()], [&[1], &[0]]), 1, 1.0, |[i, _]| x[i], &mut row);
        add_columns(x.len(), |i, _| x[i], &mut column);
        let exact = (f64::from(0.1f32) * x.len() as f64) as f32;
        assert_eq!((row, column), ([exact], [exact]));
    }
}
