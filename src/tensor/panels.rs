//! Products with a matrix that was put into panels: the elements that a tile of the result reads lie one after the other.
//! It pays for matrices that are multiplied often before they change.
//!
//! Each element of a result is one sum in the order of the rows of the panels, so that the bits hang on no division of
//! the work.

#![allow(clippy::indexing_slicing, reason = "tiles are counted from the sizes of the tensors")]

use super::gemm::Matrix;
use super::side_by_side::{Rows, SideBySide};
use super::vector::lanes;
use super::{Real, threads};
use pulp::{Arch, Simd, WithSimd};
use std::ops::Range;

/// How many columns a panel has, if the processor has registers for that many. The last has fewer: enough for what is left.
const WIDTH: usize = 64;
const HALF: usize = 32;
const QUARTER: usize = 16;

/// Pieces have whole multiples of this many rows.
const UNIT: usize = 2;
/// Results with fewer rows aren't divided between rows, if they have several panels.
const FEW: usize = 32;

/// All rows meet so many bytes of a panel, which stay in the second cache, before they meet more.
const BLOCK: usize = 1 << 18;
/// Of narrow panels fewer bytes, which stay in the first cache; and in the second one stays what so many rows have for them.
const NARROW_BLOCK: usize = 1 << 14;
const NARROW_ROWS: usize = 240;

/// The columns of the panels of a matrix with `n` columns are at most this many more.
pub const MORE: usize = WIDTH - 1;

/// How many elements the panels of a matrix `[k, n]` have, on any processor: narrow panels may leave the end unused.
#[must_use]
pub fn len(k: usize, n: usize) -> usize {
    k * columns(n)
}

/// How many columns the panels of a matrix with `n` columns have room for.
#[must_use]
pub fn columns(n: usize) -> usize {
    let rest = n % WIDTH;
    n - rest + if rest == 0 { 0 } else { width(rest) }
}

/// The width of a panel for this many columns.
fn width(columns: usize) -> usize {
    [QUARTER, HALF].into_iter().find(|width| columns <= *width).unwrap_or(WIDTH)
}

/// The width of the widest panels. With half of the registers, tiles are half as wide, and would leave the most of a wider
/// panel's lines unread.
#[inline(always)]
fn widest<S: Simd>() -> usize {
    if S::REGISTER_COUNT >= 32 { WIDTH } else { QUARTER }
}

/// The same for the processor that this runs on.
fn widest_here() -> usize {
    struct Widest;
    impl WithSimd for Widest {
        type Output = usize;

        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> usize {
            widest::<S>()
        }
    }
    Arch::new().dispatch(Widest)
}

/// Puts a matrix `[k, n]` into panels, of which `out` has the length, for products on this processor. Columns that it
/// hasn't got are zeros.
pub fn pack<T: Real>(matrix: Matrix<'_, T>, out: &mut [T]) {
    let [k, n] = matrix.shape();
    if k == 0 {
        return;
    }
    let widest = widest_here();
    for first in (0..n).step_by(widest) {
        let columns = widest.min(n - first);
        let width = width(columns);
        let out = &mut out[first * k..][..k * width];
        if columns < width {
            out.fill(T::zero());
        }
        if matrix.is_transposed() {
            let line = |column| matrix.line(first + column);
            for column in (0..columns / 4 * 4).step_by(4) {
                interleave::<T, 4>(std::array::from_fn(|index| line(column + index)), column, width, out);
            }
            for column in columns / 4 * 4..columns {
                interleave::<T, 1>([line(column)], column, width, out);
            }
        } else {
            for (row, out) in out.chunks_exact_mut(width).enumerate() {
                out[..columns].copy_from_slice(&matrix.line(row)[first..first + columns]);
            }
        }
    }
}

/// Writes lines to neighbouring columns of a panel.
#[inline(always)]
fn interleave<T: Real, const M: usize>(lines: [&[T]; M], column: usize, width: usize, out: &mut [T])
where
    Rows<M>: SideBySide<M>,
{
    for (out, elements) in out.chunks_exact_mut(width).zip(Rows::side_by_side(lines)) {
        out[column..column + M].copy_from_slice(&elements);
    }
}

/// What the products are added to.
#[derive(Clone, Copy, Debug)]
pub enum Start<'a, T> {
    Zero,
    /// Every row begins with this one, `[n]`.
    Row(&'a [T]),
    /// What is in the result.
    Result,
}

/// out = start + a · b, `[m, k] · [k, n] -> [m, n]`, `b` in panels. `finish` is called with pieces of whole rows of the
/// result and where each begins, as soon as it is there, perhaps on several threads. Sizes that don't fit leave `out` as it
/// was.
pub fn multiply<T: Real>(
    a: &[T],
    b: &[T],
    [m, k, n]: [usize; 3],
    start: Start<'_, T>,
    out: &mut [T],
    finish: impl Fn(usize, &mut [T]) + Sync,
) {
    let bias = if let Start::Row(row) = start { row.len() } else { n };
    if a.len() < m * k || b.len() < len(k, n) || out.len() != m * n || bias != n || m * n == 0 {
        return;
    }
    let cost = m.saturating_mul(n).saturating_mul(k);
    let arch = Arch::new();
    let piece = if m < FEW && n > WIDTH { m } else { threads::piece(m, UNIT, cost) };
    threads::split(out, piece * n, |index, out| {
        let first = index * piece;
        let a = &a[first * k..][..out.len() / n * k];
        arch.dispatch(Part { a, b, k, n, depth: 0..k, start, out: &mut *out });
        finish(first * n, out);
    });
}

/// Some rows of a product.
struct Part<'a, T> {
    a: &'a [T],
    b: &'a [T],
    k: usize,
    n: usize,
    /// The rows of `b` that are met.
    depth: Range<usize>,
    start: Start<'a, T>,
    out: &'a mut [T],
}

impl<T: Real> WithSimd for Part<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { a, k, n, out, .. } = self;
        let (block, few) = if widest::<S>() == WIDTH { (BLOCK, usize::MAX) } else { (NARROW_BLOCK, NARROW_ROWS) };
        let (block, rows) = (block / (widest::<S>() * size_of::<T>()), out.len() / n);
        for first in (0..k.max(1)).step_by(block) {
            let start = if first == 0 { self.start } else { Start::Result };
            for row in (0..rows).step_by(few) {
                let rows = few.min(rows - row);
                let (a, out) = (&a[row * k..][..rows * k], &mut out[row * n..][..rows * n]);
                Part { a, out, depth: first..k.min(first + block), start, ..self }.panels(simd);
            }
        }
    }
}

impl<T: Real> Part<'_, T> {
    #[inline(always)]
    fn panels<S: Simd>(&mut self, simd: S) {
        let widest = widest::<S>();
        for first in (0..self.n).step_by(widest) {
            let columns = widest.min(self.n - first);
            let width = width(columns);
            let panel = &self.b[first * self.k + self.depth.start * width..][..self.depth.len() * width];
            match width {
                HALF if widest > QUARTER => self.panel::<S, HALF>(simd, panel, first, columns),
                WIDTH if widest > QUARTER => self.panel::<S, WIDTH>(simd, panel, first, columns),
                _ => self.panel::<S, QUARTER>(simd, panel, first, columns),
            }
        }
    }

    #[inline(always)]
    fn panel<S: Simd, const W: usize>(&mut self, simd: S, panel: &[T], first: usize, columns: usize) {
        let (panel, _) = panel.as_chunks::<W>();
        // As many sums as leave registers for what is multiplied, and no fewer than hide how long a sum takes.
        match (W / lanes::<T, S>(), S::REGISTER_COUNT >= 32) {
            (0 | 1, true) => self.columns::<S, W, 1, 12>(simd, panel, first, columns),
            (2, true) => self.columns::<S, W, 2, 12>(simd, panel, first, columns),
            (_, true) => self.columns::<S, W, 4, 6>(simd, panel, first, columns),
            (_, false) => self.columns::<S, W, 2, 6>(simd, panel, first, columns),
        }
    }

    /// Tiles of `M` rows, at last of fewer, and `N` vectors.
    #[inline(always)]
    fn columns<S: Simd, const W: usize, const N: usize, const M: usize>(
        &mut self,
        simd: S,
        panel: &[[T; W]],
        first: usize,
        columns: usize,
    ) where
        Rows<M>: SideBySide<M>,
    {
        let mut start = [T::zero(); W];
        if let Start::Row(row) = self.start {
            start[..columns].copy_from_slice(&row[first..first + columns]);
        }
        let place = Place { row: 0, first, columns };
        let rows = self.out.len() / self.n;
        let mut row = 0;
        // Two tiles of four are faster than one of six and one of two.
        while row + M <= rows && rows - row != M + 2 {
            self.tiles::<S, W, N, M>(simd, panel, &start, Place { row, ..place });
            row += M;
        }
        while row + 4 <= rows {
            self.tiles::<S, W, N, 4>(simd, panel, &start, Place { row, ..place });
            row += 4;
        }
        if row + 2 <= rows {
            self.tiles::<S, W, N, 2>(simd, panel, &start, Place { row, ..place });
            row += 2;
        }
        if row < rows {
            self.tiles::<S, W, N, 1>(simd, panel, &start, Place { row, ..place });
        }
    }

    #[inline(always)]
    fn tiles<S: Simd, const W: usize, const N: usize, const M: usize>(
        &mut self,
        simd: S,
        panel: &[[T; W]],
        start: &[T; W],
        place: Place,
    ) where
        Rows<M>: SideBySide<M>,
    {
        let (lanes, k, n) = (lanes::<T, S>(), self.k, self.n);
        let rows = std::array::from_fn(|index| &self.a[(place.row + index) * k..][self.depth.clone()]);
        let adds = matches!(self.start, Start::Result);
        let out = &mut self.out[place.row * n + place.first..];
        for first in (0..W / lanes).step_by(N) {
            let column = first * lanes;
            if column >= place.columns || first + N > W / lanes {
                break;
            }
            let columns = (place.columns - column).min(N * lanes);
            let start = &T::vectors::<S>(start)[first..first + N];
            let mut sums = [std::array::from_fn::<_, N, _>(|index| start[index]); M];
            if adds {
                for (index, sums) in sums.iter_mut().enumerate() {
                    let out = out[index * n + column..][..columns].chunks(lanes);
                    out.zip(sums).for_each(|(start, sum)| *sum = T::load(simd, start));
                }
            }
            let sums = tile(simd, Rows::side_by_side(rows), panel, first, sums);
            // In a result of one tile's width, what lies behind the end of a row is written later: whole vectors can be stored.
            let whole = n <= N * lanes && !adds;
            for (index, sums) in sums.iter().enumerate() {
                let out = &mut out[index * n + column..];
                let out = if whole { out } else { &mut out[..columns] };
                out.chunks_mut(lanes).zip(sums).for_each(|(out, sum)| T::store(simd, out, *sum));
            }
        }
    }
}

/// Where a tile stands.
#[derive(Clone, Copy)]
struct Place {
    row: usize,
    /// The first column of the panel, and how many it has.
    first: usize,
    columns: usize,
}

/// Adds the products of rows with the columns of a panel that `N` vectors from `first` on hold.
#[inline(always)]
fn tile<S: Simd, T: Real, const W: usize, const N: usize, const M: usize>(
    simd: S,
    rows: impl Iterator<Item = [T; M]>,
    panel: &[[T; W]],
    first: usize,
    mut sums: [[T::Vector<S>; N]; M],
) -> [[T::Vector<S>; N]; M] {
    // Known here, it isn't asked in the loop.
    if first + N > W / lanes::<T, S>() {
        return sums;
    }
    for (row, elements) in panel.iter().zip(rows) {
        let row = &T::vectors::<S>(row)[first..first + N];
        for (element, sums) in elements.into_iter().zip(&mut sums) {
            let element = T::splat(simd, element);
            for (sum, vector) in sums.iter_mut().zip(row) {
                *sum = T::mul_add(simd, element, *vector, *sum);
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    /// Whole numbers, whose products have no rounding.
    fn numbers<T: Real>(len: usize, seed: usize) -> Vec<T> {
        (0..len).map(|at| T::from_f64(((at * 7 + seed) % 13) as f64 - 6.0)).collect()
    }

    fn check<T: Real>([m, k, n]: [usize; 3], transposed: bool) {
        let (a, b, bias): (Vec<T>, Vec<T>, Vec<T>) = (numbers(m * k, 1), numbers(k * n, 2), numbers(n, 3));
        let matrix = if transposed { Matrix::new(&b, n, k).t() } else { Matrix::new(&b, k, n) };
        let mut packed = vec![T::from_f64(f64::NAN); len(k, n)];
        pack(matrix, &mut packed);
        for start in [Start::Zero, Start::Row(&bias), Start::Result] {
            // Neither the first row nor the last begins where a vector would.
            let before: Vec<T> = numbers(m * n, 4);
            let mut out = before.clone();
            let finished = Mutex::new(vec![0; m * n]);
            multiply(&a, &packed, [m, k, n], start, &mut out, |at, piece| {
                finished.lock().unwrap()[at..at + piece.len()].iter_mut().for_each(|count| *count += 1);
            });
            assert!(finished.into_inner().unwrap().iter().all(|count| *count == 1), "{m} {k} {n}");
            for (at, found) in out.iter().enumerate() {
                let (i, j) = (at / n, at % n);
                let of = |p: usize| if transposed { b[j * k + p] } else { b[p * n + j] };
                let begun = match start {
                    Start::Zero => T::zero(),
                    Start::Row(row) => row[j],
                    Start::Result => before[at],
                };
                let wanted = begun + (0..k).map(|p| a[i * k + p] * of(p)).sum::<T>();
                assert_eq!(*found, wanted, "{m} {k} {n} {start:?} {at}");
            }
        }
    }

    #[test]
    fn products_of_all_sizes_are_those_of_a_loop() {
        threads::use_threads(3);
        for m in [1, 2, 3, 5, 6, 7, 8, 13, 14, 31, 70] {
            for [k, n] in [[1, 1], [3, 5], [10, 20], [20, 5], [7, 16], [9, 17], [4, 32], [33, 33], [5, 64], [6, 150]] {
                check::<f32>([m, k, n], m % 2 == 0);
                check::<f64>([m, k, n], m % 2 == 1);
            }
        }
        check::<f32>([300, 100, 200], true);
        // More than one block of the panels' rows.
        check::<f32>([7, 2060, 70], true);
        check::<f64>([9, 1030, 20], false);
    }

    #[test]
    fn no_sum_is_the_start() {
        let mut out = [9.0; 6];
        multiply(&[], &[], [2, 0, 3], Start::Row(&[1.0, 2.0, 3.0]), &mut out, |_, _| {});
        assert_eq!(out, [1.0, 2.0, 3.0, 1.0, 2.0, 3.0]);
    }

    #[test]
    fn sizes_that_do_not_fit_change_nothing() {
        let mut out = [5.0f32; 4];
        let packed = vec![1.0; len(2, 2)];
        multiply(&[1.0; 3], &packed, [2, 2, 2], Start::Zero, &mut out, |_, _| {});
        multiply(&[1.0; 4], &packed[1..], [2, 2, 2], Start::Zero, &mut out, |_, _| {});
        multiply(&[1.0; 4], &packed, [2, 2, 2], Start::Row(&[1.0]), &mut out, |_, _| {});
        multiply(&[1.0; 4], &packed, [2, 2, 2], Start::Zero, &mut out[..3], |_, _| {});
        assert_eq!(out, [5.0; 4]);
    }
}
