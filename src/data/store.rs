//! Where the elements of data are, and how those of some examples get into a batch.

use super::csv::TableFile;
use super::text::Text;
use super::{Column, DataError};
use crate::tensor::{Real, SliceMut};
use crate::weights::{Elements, Rows};

#[derive(Debug)]
pub(super) enum Store {
    /// One of each for each column.
    Columns(Vec<Cells>),
    /// A table that stays in its file.
    Table(Box<TableFile>),
    Text(Box<Text>),
}

/// The elements of a column.
#[derive(Debug)]
pub(super) enum Cells {
    Memory(Elements),
    File(Box<Rows>),
    /// Bytes, which are divided by 255 where floats are wanted.
    Bytes(Vec<u8>),
}

impl Store {
    pub(super) fn is_streamed(&self) -> bool {
        match self {
            Self::Columns(columns) => columns.iter().any(|cells| matches!(cells, Cells::File(_))),
            Self::Table(_) => true,
            Self::Text(text) => text.is_streamed(),
        }
    }

    pub(super) fn fetch<T: Real>(
        &mut self,
        index: usize,
        column: &Column,
        rows: &[usize],
        out: SliceMut<'_, T>,
    ) -> Result<(), DataError> {
        match self {
            Self::Columns(columns) => columns.get_mut(index).map_or(Ok(()), |cells| cells.fetch(column, rows, out)),
            Self::Table(table) => table.fetch(index, rows, out),
            Self::Text(text) => text.fetch(index, rows, out),
        }
    }
}

impl Cells {
    fn fetch<T: Real>(&mut self, column: &Column, rows: &[usize], out: SliceMut<'_, T>) -> Result<(), DataError> {
        let length = column.len();
        let all = [0];
        let rows = if column.batched { rows } else { &all };
        match self {
            Self::Memory(elements) => copy(elements, length, rows.iter().copied(), out),
            Self::File(file) => {
                let read = file.read(rows)?;
                copy(&read, length, 0..rows.len(), out);
            }
            Self::Bytes(bytes) => {
                let rows = rows.iter().copied();
                match out {
                    SliceMut::Float(out) => {
                        each(bytes, length, rows, out, |byte| T::from_f64(f64::from(byte) / 255.0));
                    }
                    SliceMut::Int(out) => each(bytes, length, rows, out, i64::from),
                    SliceMut::Bool(out) => each(bytes, length, rows, out, |byte| byte != 0),
                }
            }
        }
        Ok(())
    }
}

/// Copies the rows of an array. That its elements are of the kind of `out` was seen to when the data was opened.
fn copy<T: Real>(from: &Elements, length: usize, rows: impl Iterator<Item = usize>, out: SliceMut<'_, T>) {
    match (from, out) {
        (Elements::F32(from), SliceMut::Float(out)) => each(from, length, rows, out, |x| T::from_f64(f64::from(x))),
        (Elements::F64(from), SliceMut::Float(out)) => each(from, length, rows, out, T::from_f64),
        (Elements::I64(from), SliceMut::Int(out)) => each(from, length, rows, out, |x| x),
        (Elements::Bool(from), SliceMut::Bool(out)) => each(from, length, rows, out, |x| x),
        _ => {}
    }
}

fn each<E: Copy, F>(
    from: &[E],
    length: usize,
    rows: impl Iterator<Item = usize>,
    out: &mut [F],
    convert: impl Fn(E) -> F,
) {
    if length == 0 {
        return;
    }
    for (row, out) in rows.zip(out.chunks_exact_mut(length)) {
        let start = row.saturating_mul(length);
        let Some(from) = from.get(start..start.saturating_add(length)) else { continue };
        out.iter_mut().zip(from).for_each(|(to, from)| *to = convert(*from));
    }
}
