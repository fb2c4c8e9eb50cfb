//! Where the elements of data are, and how those of some examples get into a batch.

use super::csv::TableFile;
use super::source::{File, unreadable};
use super::text::Text;
use super::{Column, DataError};
use crate::tensor::{Real, SliceMut};
use crate::weights::{Elements, Rows};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;

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
    /// The same, in their file.
    Lying(Box<Lying>),
}

/// Bytes that stay in their file.
#[derive(Debug)]
pub(super) struct Lying {
    pub(super) path: PathBuf,
    pub(super) file: File,
    /// Where the first lies.
    pub(super) start: u64,
    /// The row that was read last.
    pub(super) row: Vec<u8>,
}

impl Lying {
    fn read(&mut self, row: usize, length: usize) -> Result<&[u8], DataError> {
        let failed = |error: io::Error| unreadable(&self.path, &error);
        let at = (row as u64).saturating_mul(length as u64).saturating_add(self.start);
        self.row.resize(length, 0);
        self.file.seek(SeekFrom::Start(at)).map_err(failed)?;
        self.file.read_exact(&mut self.row).map_err(failed)?;
        Ok(&self.row)
    }
}

impl Store {
    pub(super) fn is_streamed(&self) -> bool {
        match self {
            Self::Columns(columns) => columns.iter().any(|cells| matches!(cells, Cells::File(_) | Cells::Lying(_))),
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
            Self::Bytes(bytes) => copy_bytes(bytes, length, rows.iter().copied(), out),
            Self::Lying(bytes) => {
                let mut out = out;
                for (at, row) in rows.iter().enumerate() {
                    copy_bytes(bytes.read(*row, length)?, length, [0].into_iter(), part(&mut out, at, length));
                }
            }
        }
        Ok(())
    }
}

/// The elements of one row.
fn part<'o, T>(out: &'o mut SliceMut<'_, T>, row: usize, length: usize) -> SliceMut<'o, T> {
    let range = row * length..(row + 1) * length;
    match out {
        SliceMut::Float(out) => SliceMut::Float(out.get_mut(range).unwrap_or_default()),
        SliceMut::Int(out) => SliceMut::Int(out.get_mut(range).unwrap_or_default()),
        SliceMut::Bool(out) => SliceMut::Bool(out.get_mut(range).unwrap_or_default()),
    }
}

/// Copies the rows of bytes.
fn copy_bytes<T: Real>(from: &[u8], length: usize, rows: impl Iterator<Item = usize>, out: SliceMut<'_, T>) {
    match out {
        SliceMut::Float(out) => each(from, length, rows, out, |byte| T::from_f64(f64::from(byte) / 255.0)),
        SliceMut::Int(out) => each(from, length, rows, out, i64::from),
        SliceMut::Bool(out) => each(from, length, rows, out, |byte| byte != 0),
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
