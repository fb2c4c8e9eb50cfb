//! Products of matrices.

use super::Real;
use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2};

/// A matrix in row-major order, perhaps to be read with its axes exchanged.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a, T> {
    data: &'a [T],
    rows: usize,
    columns: usize,
    transposed: bool,
}

impl<'a, T: Real> Matrix<'a, T> {
    /// `[rows, columns]`, stored so.
    #[must_use]
    pub fn new(data: &'a [T], rows: usize, columns: usize) -> Self {
        Self { data, rows, columns, transposed: false }
    }

    /// The matrix with its axes exchanged.
    #[must_use]
    pub fn t(self) -> Self {
        Self { transposed: !self.transposed, ..self }
    }

    fn view(&self) -> Option<ArrayView2<'a, T>> {
        let view = ArrayView2::from_shape((self.rows, self.columns), self.data).ok()?;
        Some(if self.transposed { view.reversed_axes() } else { view })
    }
}

/// out = a · b + beta · out, `[m, k] · [k, n] -> [m, n]`. Sizes that don't fit leave `out` as it was.
pub fn gemm<T: Real>(a: Matrix<'_, T>, b: Matrix<'_, T>, beta: T, out: &mut [T]) {
    let (Some(a), Some(b)) = (a.view(), b.view()) else { return };
    let Ok(mut out) = ArrayViewMut2::from_shape((a.nrows(), b.ncols()), out) else { return };
    if a.ncols() == b.nrows() {
        general_mat_mul(T::one(), &a, &b, beta, &mut out);
    }
}
