//! Products of matrices, single and in batches.

use super::Real;
use super::nest::Nest;
use super::zip::broadcast;
use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2, Ix2, ShapeBuilder, StrideShape};
use std::ops::Range;

/// A matrix in row-major order, perhaps to be read with its axes exchanged.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a, T> {
    data: &'a [T],
    rows: usize,
    columns: usize,
    /// The distance between rows.
    stride: usize,
    transposed: bool,
}

impl<'a, T: Real> Matrix<'a, T> {
    /// `[rows, columns]`, stored so.
    #[must_use]
    pub fn new(data: &'a [T], rows: usize, columns: usize) -> Self {
        Self::strided(data, rows, columns, columns)
    }

    /// `[rows, columns]` out of a wider tensor, in which its rows have this distance.
    #[must_use]
    pub fn strided(data: &'a [T], rows: usize, columns: usize, stride: usize) -> Self {
        Self { data, rows, columns, stride, transposed: false }
    }

    /// The matrix with its axes exchanged.
    #[must_use]
    pub fn t(self) -> Self {
        Self { transposed: !self.transposed, ..self }
    }

    fn view(&self) -> Option<ArrayView2<'a, T>> {
        let view = ArrayView2::from_shape(shape(self.rows, self.columns, self.stride), self.data).ok()?;
        Some(if self.transposed { view.reversed_axes() } else { view })
    }
}

/// Without elements, rows have no distance.
fn shape(rows: usize, columns: usize, stride: usize) -> StrideShape<Ix2> {
    if rows == 0 || columns == 0 { (rows, columns).into() } else { (rows, columns).strides((stride, 1)) }
}

/// out = a · b + beta · out, `[m, k] · [k, n] -> [m, n]`. Sizes that don't fit leave `out` as it was.
pub fn gemm<T: Real>(a: Matrix<'_, T>, b: Matrix<'_, T>, beta: T, out: &mut [T]) {
    let stride = if b.transposed { b.rows } else { b.columns };
    gemm_strided(a, b, beta, out, stride);
}

/// The same into rows that have this distance.
pub fn gemm_strided<T: Real>(a: Matrix<'_, T>, b: Matrix<'_, T>, beta: T, out: &mut [T], stride: usize) {
    let (Some(a), Some(b)) = (a.view(), b.view()) else { return };
    let Ok(mut out) = ArrayViewMut2::from_shape(shape(a.nrows(), b.ncols(), stride), out) else { return };
    if a.ncols() == b.nrows() {
        general_mat_mul(T::one(), &a, &b, beta, &mut out);
    }
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

    #[test]
    fn rows_may_have_a_distance() {
        let (a, b) = ([1.0, 2.0, 9.0, 3.0, 4.0, 9.0], [1.0, 0.0, 9.0, 9.0, 1.0, 1.0]);
        let (a, b) = (Matrix::strided(&a, 2, 2, 3), Matrix::strided(&b, 2, 2, 4));
        let mut out = [5.0; 5];
        gemm_strided(a, b, 0.0, &mut out, 3);
        assert_eq!(out, [3.0, 2.0, 5.0, 7.0, 4.0]);
        gemm_strided(a.t(), b.t(), 1.0, &mut out, 3);
        assert_eq!(out, [4.0, 6.0, 5.0, 9.0, 10.0]);
    }

    #[test]
    fn nothing_between_rows_and_columns_is_zero() {
        let mut out = [5.0; 4];
        gemm(Matrix::new(&[], 2, 0), Matrix::new(&[], 0, 2), 0.0, &mut out);
        assert_eq!(out, [0.0; 4]);
        gemm(Matrix::new(&[], 0, 3), Matrix::new(&[1.0; 6], 3, 2), 0.0, &mut []);
    }
}
