//! Products aᵀ · b of matrices with many rows, where those of `a` lie whole pages apart: what stands in one column meets in
//! the same few places of a cache, and pushes itself out. Blocks of `a` are copied to where that isn't so.

#![allow(clippy::indexing_slicing, reason = "blocks are counted from the sizes of the matrices")]

use super::gemm::{Matrix, strided};
use super::{Real, threads};
use faer::{Accum, MatMut, MatRef};

/// The size of a page.
const PAGE: usize = 4096;
/// How many rows of `a` are copied at once, and how many elements of each.
const DEPTH: usize = 128;
const ROWS: usize = 128;
/// The rows of the copy lie this many elements apart.
const PITCH: usize = ROWS + 16;
/// So many columns of `b` meet the copy at once.
const COLUMNS: usize = 256;
/// Fewer columns don't pay for the copy.
const LEAST: usize = 32;

/// Whether aᵀ · b, `[m, k] · [k, n] -> [m, n]`, is better computed here.
pub(super) fn pays<T>([m, k, n]: [usize; 3], pitch: usize) -> bool {
    (pitch * size_of::<T>()).is_multiple_of(PAGE) && m >= ROWS / 2 && k >= DEPTH && n >= LEAST
}

/// out = aᵀ · b or out += aᵀ · b, of matrices `[k, m]` and `[k, n]` whose sizes fit. The rows of `out` lie `pitch` apart.
pub(super) fn product<T: Real>(
    a: Matrix<'_, T>,
    b: MatRef<'_, T>,
    accum: Accum,
    out: &mut [T],
    [rows, pitch]: [usize; 2],
) {
    let (k, n) = (b.nrows(), b.ncols());
    let piece = threads::piece(rows, ROWS, rows.saturating_mul(n).saturating_mul(k));
    threads::split(out, piece * pitch, |index, out| {
        let mut copy = [T::zero(); DEPTH * PITCH];
        let end = rows.min((index + 1) * piece);
        for first in (index * piece..end).step_by(ROWS) {
            let columns = ROWS.min(end - first);
            let out = &mut out[(first - index * piece) * pitch..];
            // A block of the result stays in the second cache until it is done.
            for column in (0..n).step_by(COLUMNS) {
                let width = COLUMNS.min(n - column);
                for row in (0..k).step_by(DEPTH) {
                    let depth = DEPTH.min(k - row);
                    for (copy, row) in copy.chunks_exact_mut(PITCH).zip(row..row + depth) {
                        copy[..columns].copy_from_slice(&a.line(row)[first..first + columns]);
                    }
                    let Some(a) = strided(&copy, depth, columns, PITCH) else { return };
                    let b = b.submatrix(row, column, depth, width);
                    let accum = if row == 0 { accum } else { Accum::Add };
                    // outᵀ = bᵀ · a, as in `gemm`.
                    let out = MatMut::from_column_major_slice_with_stride_mut(&mut *out, n, columns, pitch);
                    T::product(b.transpose(), a, accum, out.subrows_mut(column, width));
                }
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::gemm::{MatrixMut, multiply};

    /// Whole numbers, whose products have no rounding.
    fn numbers<T: Real>(len: usize, seed: usize) -> Vec<T> {
        (0..len).map(|at| T::from_f64(((at * 7 + seed) % 13) as f64 - 6.0)).collect()
    }

    fn check<T: Real>([m, k, n]: [usize; 3], pitch: usize) {
        assert!(pays::<T>([m, k, n], pitch));
        let (a, b) = (numbers::<T>(k * pitch, 1), numbers::<T>(k * n, 2));
        let before = numbers::<T>(m * (n + 3) + 2, 3);
        let mut out = before.clone();
        let matrix = Matrix::part(&a, k, pitch, pitch - m..pitch);
        multiply(matrix.t(), Matrix::new(&b, k, n), MatrixMut::part(&mut out, m, n + 3, 1..1 + n));
        for (at, (found, &before)) in out.iter().zip(&before).enumerate() {
            let (row, column) = (at / (n + 3), at % (n + 3));
            let is_in = row < m && (1..=n).contains(&column);
            let term = |p: usize| a[p * pitch + pitch - m + row] * b[p * n + column - 1];
            let sum = if is_in { (0..k).map(term).sum() } else { T::zero() };
            assert_eq!(*found, before + sum, "{m} {k} {n} {pitch} {at}");
        }
    }

    #[test]
    fn products_of_all_sizes_are_those_of_a_loop() {
        threads::use_threads(3);
        for [m, k, n] in [[64, 128, 32], [128, 130, 300], [129, 150, 33], [500, 140, 40], [300, 257, 50]] {
            check::<f32>([m, k, n], 1024);
            check::<f64>([m, k, n], 512);
        }
    }
}
