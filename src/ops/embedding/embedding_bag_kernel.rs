//! The computation of `EmbeddingBag`: a bag is a run of indices, each the number of a row of the table.

#![allow(clippy::indexing_slicing, reason = "indices and offsets are checked before anything is looked up")]

use super::embedding::check_indices;
use crate::ops::contract::DataError;
use crate::tensor::row::add_scaled;
use crate::tensor::{Real, View, place, reduce};
use std::ops::Range;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Sum,
    Mean,
    Max,
}

pub(super) struct Bags<'a, T> {
    /// Indices, `[B, L]` or `[n]`.
    pub(super) input: View<'a, T>,
    /// Where the bags of `[n]` begin.
    pub(super) offsets: Option<View<'a, T>>,
    /// The last offset is an end.
    pub(super) include_last: bool,
    /// Which operand they are.
    pub(super) offsets_operand: usize,
    pub(super) weights: Option<&'a [T]>,
    pub(super) table: &'a [T],
    pub(super) rows: usize,
    pub(super) width: usize,
    /// A row that is left out.
    pub(super) padding: Option<i64>,
    pub(super) mode: Mode,
}

impl<T: Real> Bags<'_, T> {
    /// Indices are numbers of rows, and offsets grow from 0 to at most the number of indices.
    pub(super) fn check(&self) -> Result<(), DataError> {
        check_indices(&self.input, self.rows)?;
        let Some(offsets) = self.offsets else { return Ok(()) };
        let (mut least, n) = (0, self.input.shape.iter().product::<usize>() as i64);
        for (at, &offset) in offsets.ints().iter().enumerate() {
            let place = place(offsets.shape, at);
            let wrong = match offset {
                _ if at == 0 && offset != 0 => "is not 0, where the first bag begins".to_owned(),
                _ if offset < least => format!("is below the one before, {least}"),
                _ if offset > n => format!("is past the end of {n} indices"),
                _ => {
                    least = offset;
                    continue;
                }
            };
            return Err(DataError {
                operand: self.offsets_operand,
                message: format!("offset {offset}{place} {wrong}"),
            });
        }
        Ok(())
    }

    fn ranges(&self) -> impl Iterator<Item = Range<usize>> {
        let (offsets, length) = match self.offsets {
            Some(offsets) => (offsets.ints(), 0),
            None => (&[][..], self.input.shape.get(1).copied().unwrap_or(0)),
        };
        let count = match self.offsets {
            Some(_) => offsets.len().saturating_sub(usize::from(self.include_last)),
            None => self.input.shape.first().copied().unwrap_or(0),
        };
        let n: usize = self.input.shape.iter().product();
        let at = move |bag: usize| offsets.get(bag).map_or(n, |offset| *offset as usize);
        (0..count).map(move |bag| if length > 0 { bag * length..(bag + 1) * length } else { at(bag)..at(bag + 1) })
    }

    /// The places in a bag whose rows count, with those rows.
    fn members(&self, bag: Range<usize>) -> impl Iterator<Item = (usize, usize)> + Clone {
        let (indices, padding) = (self.input.ints(), self.padding);
        bag.map(move |at| (at, indices[at]))
            .filter(move |(_, index)| Some(*index) != padding)
            .map(|(at, index)| (at, index as usize))
    }

    fn row(&self, row: usize) -> &[T] {
        &self.table[row * self.width..(row + 1) * self.width]
    }

    /// Each bag with the elements of its result.
    fn each<'g>(&self, results: &'g [T], mut visit: impl FnMut(Range<usize>, &'g [T])) {
        for (number, bag) in self.ranges().enumerate() {
            visit(bag, &results[number * self.width..(number + 1) * self.width]);
        }
    }

    /// Sums, or means.
    pub(super) fn sum(&self, y: &mut [T]) {
        y.fill(T::zero());
        for (number, bag) in self.ranges().enumerate() {
            let y = &mut y[number * self.width..(number + 1) * self.width];
            let mut count = 0.0;
            for (at, row) in self.members(bag) {
                let factor = self.weights.map_or(T::one(), |weights| weights[at]);
                add_scaled(y, factor, self.row(row));
                count += 1.0;
            }
            if self.mode == Mode::Mean && count > 0.0 {
                y.iter_mut().for_each(|y| *y = *y / T::from_f64(count));
            }
        }
    }

    /// The greatest of each column, and the rows that they come from; the first of several.
    pub(super) fn maximum(&self, y: &mut [T], rows: &mut [i64]) {
        y.fill(T::zero());
        rows.fill(-1);
        for (number, bag) in self.ranges().enumerate() {
            let range = number * self.width..(number + 1) * self.width;
            let (y, rows) = (&mut y[range.clone()], &mut rows[range]);
            for (_, row) in self.members(bag) {
                for ((y, from), &x) in y.iter_mut().zip(&mut *rows).zip(self.row(row)) {
                    if *from < 0 || x > *y || (x.is_nan() && !y.is_nan()) {
                        (*y, *from) = (x, row as i64);
                    }
                }
            }
        }
    }

    pub(super) fn grad_table(&self, grad: &[T], out: &mut [T]) {
        self.each(grad, |bag, grad| {
            let members = self.members(bag);
            let mean = T::from_f64(if self.mode == Mode::Mean { 1.0 / members.clone().count() as f64 } else { 1.0 });
            for (at, row) in members {
                let factor = self.weights.map_or(mean, |weights| weights[at]);
                let out = &mut out[row * self.width..(row + 1) * self.width];
                add_scaled(out, factor, grad);
            }
        });
    }

    pub(super) fn grad_maximum(&self, grad: &[T], rows: &[i64], out: &mut [T]) {
        for (at, (&grad, &row)) in grad.iter().zip(rows).enumerate() {
            if let Ok(row) = usize::try_from(row) {
                out[row * self.width + at % self.width] += grad;
            }
        }
    }

    /// The gradient of the factors.
    pub(super) fn grad_weights(&self, grad: &[T], out: &mut [T]) {
        self.each(grad, |bag, grad| {
            for (at, row) in self.members(bag) {
                let row = self.row(row);
                out[at] += T::from_f64(reduce::sum(self.width, |index| (row[index] * grad[index]).to_f64()));
            }
        });
    }
}
