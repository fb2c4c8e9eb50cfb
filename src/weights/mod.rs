//! Arrays in files: npz, npy and safetensors. Sizes in headers are believed only as far as the file bears them out, and
//! what is written appears whole or not at all.

mod array;
mod elements;
mod errors;
mod npy;
mod npz;
mod safetensors;
#[cfg(test)]
mod tests;

pub use array::{Array, Contents, Elements};
pub use errors::FileError;

use crate::atomic;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Reads all arrays of a file. The format is told by the extension: `.npz`, `.npy` (one array, named as the file) or
/// `.safetensors`.
pub fn read(path: &Path) -> Result<Contents, FileError> {
    match extension(path)? {
        Format::Npz => npz::read(path),
        Format::Npy => {
            let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            let array = npy::parse(&bytes(path)?, path, &name)?;
            Ok(Contents { arrays: [(name, array)].into_iter().collect(), ..Contents::default() })
        }
        Format::Safetensors => safetensors::read(path),
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
        Format::Npy => Err(std::io::Error::other("a `.npy` file holds one array; write `.npz`")),
    })
    .map_err(|error| FileError::Write { path: path.display().to_string(), message: error.to_string() })
}

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

/// The bytes of a regular file.
fn bytes(path: &Path) -> Result<Vec<u8>, FileError> {
    let (file, size) = open(path)?;
    read_bounded(file, size, path)
}

/// Reads `size` bytes or fewer; never more.
fn read_bounded(source: impl Read, size: u64, path: &Path) -> Result<Vec<u8>, FileError> {
    let failed = |message: String| FileError::Read { path: path.display().to_string(), message };
    let mut bytes = Vec::new();
    let room = usize::try_from(size).ok().and_then(|size| bytes.try_reserve_exact(size).ok());
    if room.is_none() {
        return Err(FileError::TooLarge { path: path.display().to_string(), size });
    }
    source.take(size).read_to_end(&mut bytes).map_err(|error| failed(error.to_string()))?;
    Ok(bytes)
}
