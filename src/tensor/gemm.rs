//! Products of matrices, single and in batches.

#![allow(clippy::indexing_slicing, reason = "lengths are checked before")]

use super::Real;
use super::nest::Nest;
use super::outer;
use super::threads;
use super::zip::broadcast;
use faer::reborrow::ReborrowMut;
use faer::{Accum, MatMut, MatRef};
use smallvec::SmallVec;
use std::ops::Range;
use std::sync::Mutex;

/// Pieces have whole multiples of this many rows or columns.
const UNIT: usize = 64;
/// Results with at least this many columns are cut between columns, not rows.
const WIDE: usize = 256;

/// A matrix in row-major order, perhaps to be read with its axes exchanged.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a, T> {
    data: &'a [T],
    rows: usize,
    columns: usize,
    /// The distance between neighbouring rows.
    pitch: usize,
    transposed: bool,
}

/// A matrix to write, in row-major order.
#[derive(Debug)]
pub struct MatrixMut<'a, T> {
    data: &'a mut [T],
    rows: usize,
    columns: usize,
    pitch: usize,
}

impl<'a, T: Real> Matrix<'a, T> {
    /// `[rows, columns]`, stored so.
    #[must_use]
    pub fn new(data: &'a [T], rows: usize, columns: usize) -> Self {
        Self { data, rows, columns, pitch: columns, transposed: false }
    }

    /// These columns of a matrix `[rows, pitch]`.
    #[must_use]
    pub fn part(data: &'a [T], rows: usize, pitch: usize, columns: Range<usize>) -> Self {
        let data = data.get(columns.start..).unwrap_or_default();
        Self { data, rows, columns: columns.len(), pitch, transposed: false }
    }

    /// The matrix with its axes exchanged.
    #[must_use]
    pub fn t(self) -> Self {
        Self { transposed: !self.transposed, ..self }
    }

    /// The numbers of rows and columns, as it is read.
    #[must_use]
    pub fn shape(&self) -> [usize; 2] {
        if self.transposed { [self.columns, self.rows] } else { [self.rows, self.columns] }
    }

    #[must_use]
    pub fn is_transposed(&self) -> bool {
        self.transposed
    }

    /// The elements of a row as it is stored. The matrix has it.
    #[must_use]
    pub fn line(&self, index: usize) -> &'a [T] {
        &self.data[index * self.pitch..][..self.columns]
    }

    /// `None` if there are too few elements.
    fn view(&self) -> Option<MatRef<'a, T>> {
        let view = strided(self.data, self.rows, self.columns, self.pitch)?;
        Some(if self.transposed { view.transpose() } else { view })
    }
}

/// Rows that begin `pitch` elements apart. `None` if there are too few elements.
pub(super) fn strided<T>(data: &[T], rows: usize, columns: usize, pitch: usize) -> Option<MatRef<'_, T>> {
    let pitch = pitch.max(columns).max(1);
    fits(data.len(), rows, columns, pitch).then(|| MatRef::from_row_major_slice_with_stride(data, rows, columns, pitch))
}

fn fits(len: usize, rows: usize, columns: usize, pitch: usize) -> bool {
    let last = rows.checked_sub(1).and_then(|last| last.checked_mul(pitch));
    let needed = last.map_or(Some(0), |last| last.checked_add(columns));
    columns == 0 || needed.is_some_and(|needed| needed <= len)
}

impl<'a, T: Real> MatrixMut<'a, T> {
    /// These columns of a matrix `[rows, pitch]`.
    #[must_use]
    pub fn part(data: &'a mut [T], rows: usize, pitch: usize, columns: Range<usize>) -> Self {
        let data = data.get_mut(columns.start..).unwrap_or_default();
        Self { data, rows, columns: columns.len(), pitch }
    }
}

/// out += a · b, `[m, k] · [k, n] -> [m, n]`. Sizes that don't fit leave `out` as it was.
pub fn multiply<T: Real>(a: Matrix<'_, T>, b: Matrix<'_, T>, out: MatrixMut<'_, T>) {
    product(a, b, Accum::Add, out);
}

/// out = a · b + beta · out, `[m, k] · [k, n] -> [m, n]`. Sizes that don't fit leave `out` as it was.
pub fn gemm<T: Real>(a: Matrix<'_, T>, b: Matrix<'_, T>, beta: T, out: &mut [T]) {
    let rows = if a.transposed { a.columns } else { a.rows };
    let columns = if b.transposed { b.rows } else { b.columns };
    let accum = if beta == T::zero() { Accum::Replace } else { Accum::Add };
    if beta != T::zero() && beta != T::one() {
        out.iter_mut().for_each(|x| *x *= beta);
    }
    product(a, b, accum, MatrixMut { data: out, rows, columns, pitch: columns });
}

fn product<T: Real>(a: Matrix<'_, T>, b: Matrix<'_, T>, accum: Accum, out: MatrixMut<'_, T>) {
    let stored = a;
    let (Some(a), Some(b)) = (a.view(), b.view()) else { return };
    let MatrixMut { data, rows, columns, pitch } = out;
    let pitch = pitch.max(columns).max(1);
    if !fits(data.len(), rows, columns, pitch) || (a.nrows(), a.ncols(), b.ncols()) != (rows, b.nrows(), columns) {
        return;
    }
    if stored.transposed && outer::pays::<T>([rows, b.nrows(), columns], stored.pitch) {
        let len = data.len().min(rows * pitch);
        return outer::product(stored, b, accum, &mut data[..len], [rows, pitch]);
    }
    // outᵀ = bᵀ · aᵀ, since the constructor of faer 0.24 for matrices of rows exchanges their strides.
    let mut out = MatMut::from_column_major_slice_with_stride_mut(data, columns, rows, pitch);
    let (a, b) = (a.transpose(), b.transpose());
    let cost = rows.saturating_mul(columns).saturating_mul(a.nrows());
    // Narrow pieces of the columns keep more of faer's speed than flat ones of the rows.
    let upright = columns >= WIDE || columns >= rows;
    let len = if upright { columns } else { rows };
    let mut piece = threads::piece(len, UNIT, cost);
    if len <= piece {
        return T::product(b, a, accum, out);
    }
    if upright {
        // The narrowest are fastest.
        piece = piece.min(columns.div_ceil(threads::MOST).next_multiple_of(UNIT));
    }
    let mut pieces: SmallVec<[Mutex<Piece<'_, T>>; threads::MOST]> = SmallVec::new();
    let mut first = 0;
    while pieces.len() + 1 < threads::MOST {
        let left = if upright { out.nrows() } else { out.ncols() };
        if left <= piece {
            break;
        }
        let (part, rest) = if upright { out.split_at_row_mut(piece) } else { out.split_at_col_mut(piece) };
        pieces.push(Mutex::new(Piece { first, out: part }));
        (first, out) = (first + piece, rest);
    }
    pieces.push(Mutex::new(Piece { first, out }));
    threads::for_each(pieces.len(), |index| {
        let Some(Ok(mut piece)) = pieces.get(index).map(Mutex::lock) else { return };
        let Piece { first, out } = &mut *piece;
        let (a, b) = if upright { (a, b.subrows(*first, out.nrows())) } else { (a.subcols(*first, out.ncols()), b) };
        T::product(b, a, accum, out.rb_mut());
    });
}

/// Rows or columns of a result, from the `first` on.
struct Piece<'a, T> {
    first: usize,
    out: MatMut<'a, T>,
}

/// The products `[m, k] · [k, n] -> [m, n]` of two stacks of matrices whose leading axes broadcast.
pub struct Products {
    nest: Nest<3>,
    m: usize,
    k: usize,
    n: usize,
}

/// The elements of one product, and how many rows `a` and `out` have in it.
pub struct Product {
    pub a: Range<usize>,
    pub b: Range<usize>,
    pub out: Range<usize>,
    pub rows: usize,
}

impl Products {
    /// `a`, `b` and `out` are the leading axes of the three tensors.
    #[must_use]
    pub fn new(a: &[usize], b: &[usize], out: &[usize], [m, k, n]: [usize; 3]) -> Self {
        Self { nest: broadcast(a, b, out), m, k, n }
    }

    /// How many `for_each` visits.
    #[must_use]
    pub fn count(&self) -> usize {
        let mut count = 0;
        self.for_each(|_| count += 1);
        count
    }

    /// Neighbouring matrices that meet the same `b` are one product with more rows.
    pub fn for_each(&self, mut visit: impl FnMut(Product)) {
        let Self { m, k, n, .. } = *self;
        let mut product = |[a, b, out]: [usize; 3], rows: usize| {
            visit(Product {
                a: a * m * k..a * m * k + rows * k,
                b: b * k * n..(b + 1) * k * n,
                out: out * m * n..out * m * n + rows * n,
                rows,
            });
        };
        self.nest.for_each_run(|[a, b, out], length, [step_a, step_b, _]| {
            if step_a == 1 && step_b == 0 {
                product([a, b, out], length * m);
            } else {
                (0..length).for_each(|at| product([a + at * step_a, b + at * step_b, out + at], m));
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(len: usize, seed: usize) -> Vec<f64> {
        (0..len).map(|at| ((at * 7 + seed) % 13) as f64 - 6.0).collect()
    }

    /// One element after another.
    fn naive(
        a: impl Fn(usize, usize) -> f64,
        b: impl Fn(usize, usize) -> f64,
        k: usize,
    ) -> impl Fn(usize, usize) -> f64 {
        move |i, j| (0..k).map(|at| a(i, at) * b(at, j)).sum()
    }

    #[test]
    fn products_of_all_sizes_are_those_of_a_loop() {
        threads::use_threads(3);
        for [m, k, n] in [
            [0, 2, 3],
            [2, 0, 3],
            [2, 3, 0],
            [1, 1, 1],
            [1, 7, 5],
            [5, 3, 1],
            [17, 33, 9],
            [70, 100, 310],
            [400, 70, 100],
            [512, 140, 40],
        ] {
            let (a, b) = (numbers(m * k, 1), numbers(k * n, 2));
            let wanted = naive(|i, j| a[i * k + j], |i, j| b[i * n + j], k);
            let transposed = |from: &[f64], rows: usize, columns: usize| -> Vec<f64> {
                (0..rows * columns).map(|at| from[at % rows * columns + at / rows]).collect()
            };
            let (at, bt) = (transposed(&a, m, k), transposed(&b, k, n));
            for a in [Matrix::new(&a, m, k), Matrix::new(&at, k, m).t()] {
                for b in [Matrix::new(&b, k, n), Matrix::new(&bt, n, k).t()] {
                    for beta in [0.0, 1.0, -2.0] {
                        let mut out = if beta == 0.0 { vec![f64::NAN; m * n] } else { vec![3.0; m * n] };
                        gemm(a, b, beta, &mut out);
                        let start = if beta == 0.0 { 0.0 } else { 3.0 * beta };
                        for (at, found) in out.iter().enumerate() {
                            assert_eq!(*found, start + wanted(at / n, at % n), "{m} {k} {n} {beta} {at}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn parts_of_matrices_are_read_and_written_alone() {
        let (m, k, n) = (40, 50, 600);
        let (a, b) = (numbers(m * (k + 3), 1), numbers(k * (n + 2), 5));
        let wanted = naive(|i, j| a[i * (k + 3) + 2 + j], |i, j| b[i * (n + 2) + 1 + j], k);
        let mut out = vec![1.0; m * (n + 4)];
        let (a, b) = (Matrix::part(&a, m, k + 3, 2..2 + k), Matrix::part(&b, k, n + 2, 1..1 + n));
        multiply(a, b, MatrixMut::part(&mut out, m, n + 4, 3..3 + n));
        for (at, found) in out.iter().enumerate() {
            let (row, column) = (at / (n + 4), at % (n + 4));
            let sum = if (3..3 + n).contains(&column) { wanted(row, column - 3) } else { 0.0 };
            assert_eq!(*found, 1.0 + sum, "{row} {column}");
        }
    }

    #[test]
    fn sizes_that_do_not_fit_change_nothing() {
        let mut out = [5.0; 4];
        gemm(Matrix::new(&[1.0; 6], 2, 3), Matrix::new(&[1.0; 4], 2, 2), 1.0, &mut out);
        gemm(Matrix::new(&[1.0; 3], 2, 3), Matrix::new(&[1.0; 6], 3, 2), 1.0, &mut out);
        gemm(Matrix::new(&[1.0; 6], 2, 3), Matrix::new(&[1.0; 6], 3, 2), 1.0, &mut out[..3]);
        assert_eq!(out, [5.0; 4]);
    }
}
