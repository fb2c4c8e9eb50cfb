//! Products of matrices, single and in batches.

use super::Real;
use super::nest::Nest;
use super::zip::broadcast;
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use std::ops::Range;

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

    /// `None` if there are too few elements.
    fn view(&self) -> Option<MatRef<'a, T>> {
        let view = strided(self.data, self.rows, self.columns, self.pitch)?;
        Some(if self.transposed { view.transpose() } else { view })
    }
}

/// Rows that begin `pitch` elements apart. `None` if there are too few elements.
fn strided<T>(data: &[T], rows: usize, columns: usize, pitch: usize) -> Option<MatRef<'_, T>> {
    fits(data.len(), rows, columns, pitch)
        .then(|| MatRef::from_row_major_slice_with_stride(data, rows, columns, pitch.max(columns).max(1)))
}

fn fits(len: usize, rows: usize, columns: usize, pitch: usize) -> bool {
    let last = rows.checked_sub(1).and_then(|last| last.checked_mul(pitch));
    let needed = last.map_or(Some(0), |last| last.checked_add(columns));
    columns == 0 || (columns <= pitch || rows <= 1) && needed.is_some_and(|needed| needed <= len)
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
    let (Some(a), Some(b)) = (a.view(), b.view()) else { return };
    let MatrixMut { data, rows, columns, pitch } = out;
    if !fits(data.len(), rows, columns, pitch) {
        return;
    }
    let out = MatMut::from_row_major_slice_with_stride_mut(data, rows, columns, pitch.max(columns).max(1));
    if a.ncols() == b.nrows() && a.nrows() == rows && b.ncols() == columns {
        matmul(out, accum, a, b, T::one(), Par::Seq);
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
