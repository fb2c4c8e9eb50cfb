//! Arrays in files: npz, npy and safetensors. Sizes in headers are believed only as far as the file bears them out, and
//! what is written appears whole or not at all.

mod array;
mod elements;
mod errors;
mod npy;
mod npz;
mod rows;
mod safetensors;
#[cfg(test)]
mod tests;

pub use array::{Array, Contents, Elements};
pub use errors::FileError;
pub use rows::{Rows, rows};

use crate::atomic;
use elements::Stored;
use std::fs::File;
use std::path::Path;

/// Reads all arrays of a file. The format is told by the extension: `.npz`, `.npy` (one array, named as the file) or
/// `.safetensors`.
pub fn read(path: &Path) -> Result<Contents, FileError> {
    read_within(path, u64::MAX)
}

/// Reads all arrays of a file that take at most so many bytes of memory.
pub fn read_within(path: &Path, limit: u64) -> Result<Contents, FileError> {
    let format = extension(path)?;
    let (mut file, size) = open(path)?;
    let mut room = Room { path, limit, taken: 0 };
    match format {
        Format::Npz => npz::read(file, size, &mut room),
        Format::Npy => {
            let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            let array = npy::read(&mut file, size, &name, &mut room)?;
            Ok(Contents { arrays: [(name, array)].into_iter().collect(), ..Contents::default() })
        }
        Format::Safetensors => safetensors::read(file, size, &mut room),
    }
}

/// The memory for what is read, and the words for what is wrong with the file.
struct Room<'p> {
    path: &'p Path,
    /// In bytes.
    limit: u64,
    taken: u64,
}

impl Room<'_> {
    /// Asked before there is memory for so many elements.
    fn take(&mut self, count: usize, stored: Stored) -> Result<(), FileError> {
        let size = (count as u64).saturating_mul(stored.size_in_memory() as u64);
        self.taken = self.taken.saturating_add(size);
        if self.taken <= self.limit {
            return Ok(());
        }
        let message =
            format!("its arrays take {} bytes of memory or more, and {} may be taken", self.taken, self.limit);
        Err(FileError::TooLarge { path: self.path(), message })
    }

    fn path(&self) -> String {
        self.path.display().to_string()
    }

    fn wrong(&self, format: &'static str, message: String) -> FileError {
        FileError::Format { path: self.path(), format, message }
    }

    fn element(&self, name: &str, found: String) -> FileError {
        FileError::Element { path: self.path(), name: name.to_owned(), found }
    }

    fn duplicate(&self, name: &str) -> FileError {
        FileError::Duplicate { path: self.path(), name: name.to_owned() }
    }

    /// The system refused the memory for which `take` had asked.
    fn refused(&self) -> FileError {
        let message = format!("its arrays take {} bytes of memory, more than there are", self.taken);
        FileError::TooLarge { path: self.path(), message }
    }
}

/// Writes arrays, and for safetensors the metadata, in place of what was there. The bytes are the same for the same
/// arrays.
pub fn write<'a>(
    path: &Path,
    arrays: impl IntoIterator<Item = (&'a str, &'a Array)>,
    metadata: &[(&str, &str)],
) -> Result<(), FileError> {
    let arrays: Vec<_> = arrays.into_iter().collect();
    let format = extension(path)?;
    atomic::write(path, |out| match format {
        Format::Npz => npz::write(out, &arrays),
        Format::Safetensors => safetensors::write(out, &arrays, metadata),
        Format::Npy => Err(std::io::Error::other(ONE_ARRAY)),
    })
    .map_err(|error| FileError::Write { path: path.display().to_string(), message: error.to_string() })
}

/// Whether arrays could be written to a path, as far as that can be told without writing.
pub fn writable(path: &Path) -> Result<(), FileError> {
    let failed = |message: &str| FileError::Write { path: path.display().to_string(), message: message.to_owned() };
    if matches!(extension(path)?, Format::Npy) {
        return Err(failed(ONE_ARRAY));
    }
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    match (std::fs::metadata(folder), std::fs::metadata(path)) {
        (Err(error), _) => Err(failed(&error.to_string())),
        (Ok(found), _) if !found.is_dir() => Err(failed(&format!("`{}` isn't a folder", folder.display()))),
        (_, Ok(file)) if !file.is_file() => Err(failed("it isn't a regular file")),
        _ => Ok(()),
    }
}

const ONE_ARRAY: &str = "a `.npy` file holds one array; write `.npz`";

enum Format {
    Npz,
    Npy,
    Safetensors,
}

fn extension(path: &Path) -> Result<Format, FileError> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("npz") => Ok(Format::Npz),
        Some("npy") => Ok(Format::Npy),
        Some("safetensors") => Ok(Format::Safetensors),
        _ => Err(FileError::Extension { path: path.display().to_string() }),
    }
}

/// A regular file, open. Anything else could block or never end.
fn open(path: &Path) -> Result<(File, u64), FileError> {
    let failed = |message: String| FileError::Read { path: path.display().to_string(), message };
    let io = |error: std::io::Error| failed(error.to_string());
    if !std::fs::metadata(path).map_err(io)?.is_file() {
        return Err(failed("it isn't a regular file".to_owned()));
    }
    let file = File::open(path).map_err(io)?;
    let metadata = file.metadata().map_err(io)?;
    if metadata.is_file() { Ok((file, metadata.len())) } else { Err(failed("it isn't a regular file".to_owned())) }
}
