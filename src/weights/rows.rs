//! Arrays that stay in their file: rows, the parts of an array by its first axis, are read when they are asked for.

use super::elements::Unreadable;
use super::npy::{self, Head};
use super::{Elements, FileError, Format, Room, Stored, extension, npz, open};
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// An array in a file, row-major and not compressed.
#[derive(Debug)]
pub struct Rows {
    pub name: String,
    pub shape: Vec<usize>,
    path: PathBuf,
    file: File,
    /// Where the first element lies, in bytes.
    start: u64,
    by_row: bool,
    stored: Stored,
    big_endian: bool,
}

/// The arrays of an npz or npy file where they lie. `None` if they can only be read whole: they are compressed, lie
/// column by column, or the format is another.
pub fn rows(path: &Path) -> Result<Option<Vec<Rows>>, FileError> {
    let format = extension(path)?;
    let (mut file, size) = open(path)?;
    let room = Room { path, limit: u64::MAX, taken: 0 };
    match format {
        Format::Npz => npz::rows(file, size, &room).map(|rows| rows.filter(|rows| rows.iter().all(|rows| rows.by_row))),
        Format::Npy => {
            let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            let head = npy::head(&mut BufReader::new(&mut file), size, &name, &room)?;
            Ok(Some(vec![Rows::new(&room, name, head, 0)?]).filter(|rows| rows.iter().all(|rows| rows.by_row)))
        }
        Format::Safetensors => Ok(None),
    }
}

impl Rows {
    /// The array whose header is at `start` in the file of the room.
    pub(super) fn new(room: &Room<'_>, name: String, head: Head, start: u64) -> Result<Self, FileError> {
        Ok(Self {
            // A single column has the order of a row.
            by_row: head.by_row || head.shape.len() <= 1,
            name,
            shape: head.shape,
            path: room.path.to_owned(),
            file: open(room.path)?.0,
            start: start + head.length,
            stored: head.stored,
            big_endian: head.big_endian,
        })
    }

    /// The kind of its elements, without any.
    #[must_use]
    pub fn kind(&self) -> Elements {
        self.stored.none()
    }

    /// What all its elements take in memory.
    #[must_use]
    pub fn bytes(&self) -> u128 {
        let count: u128 = self.shape.iter().map(|size| *size as u128).product();
        count * self.stored.size_in_memory() as u128
    }

    /// Some rows, one after another. A row that isn't there is an error of the file.
    pub fn read(&mut self, rows: &[usize]) -> Result<Elements, FileError> {
        let [count, row @ ..] = self.shape.as_slice() else { return Ok(self.stored.none()) };
        let length: usize = row.iter().product();
        let mut all = self.stored.none();
        for row in rows {
            let place = (*row as u64).checked_mul((length * self.stored.size()) as u64);
            let place = place.and_then(|place| place.checked_add(self.start)).filter(|_| row < count);
            let read = place.ok_or_else(|| Unreadable::Value(format!("no row {row}"))).and_then(|place| {
                self.file.seek(SeekFrom::Start(place)).map_err(Unreadable::Source)?;
                let bytes = (length * self.stored.size()) as u64;
                self.stored.read(&mut (&mut self.file).take(bytes), length, self.big_endian)
            });
            let room = Room { path: &self.path, limit: u64::MAX, taken: 0 };
            all.append(read.map_err(|error| match error {
                Unreadable::Source(error) => {
                    room.wrong("an npy file", format!("row {row} of the array `{}` can't be read: {error}", self.name))
                }
                Unreadable::Value(found) => room.element(&self.name, found),
                Unreadable::Memory => room.refused(),
            })?);
        }
        Ok(all)
    }
}
