//! The npz format of NumPy: a zip archive of npy files.

use super::{Array, Contents, FileError, npy, open, read_bounded};
use std::io::{self, BufReader, Seek, Write};
use std::path::Path;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

/// Deflate makes at most about a thousandth of its input.
const MAX_RATIO: u64 = 1100;
const MAX_ENTRIES: usize = 1 << 20;

pub(super) fn read(path: &Path) -> Result<Contents, FileError> {
    let wrong =
        |message: String| FileError::Format { path: path.display().to_string(), format: "an npz file", message };
    let (file, file_size) = open(path)?;
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|error| wrong(error.to_string()))?;
    if archive.len() > MAX_ENTRIES {
        return Err(wrong(format!("it has {} entries", archive.len())));
    }
    let mut contents = Contents::default();
    let mut packed = 0u64;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|error| wrong(error.to_string()))?;
        let name = entry.name().strip_suffix(".npy").unwrap_or(entry.name()).to_owned();
        // Entries that overlap could multiply the size of the file.
        packed = packed.saturating_add(entry.compressed_size());
        let believable = entry.size() <= entry.compressed_size().saturating_mul(MAX_RATIO).saturating_add(64);
        if packed > file_size || !believable {
            return Err(wrong(format!("the entry `{name}` claims {} bytes, which the file can't hold", entry.size())));
        }
        let size = entry.size();
        let bytes = read_bounded(&mut entry, size, path)?;
        if bytes.len() as u64 != size {
            return Err(wrong(format!("the entry `{name}` ends early")));
        }
        let array = npy::parse(&bytes, path, &name)?;
        if contents.arrays.insert(name.clone(), array).is_some() {
            return Err(FileError::Duplicate { path: path.display().to_string(), name });
        }
    }
    Ok(contents)
}

/// Stored, not compressed, and without the time.
pub(super) fn write(out: &mut (impl Write + Seek), arrays: &[(&str, &Array)]) -> io::Result<()> {
    let mut archive = ZipWriter::new(out);
    for (name, array) in arrays {
        let large = array.elements.len() > (u32::MAX / 16) as usize;
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(DateTime::default())
            .large_file(large);
        archive.start_file(format!("{name}.npy"), options)?;
        npy::write(&mut archive, array)?;
    }
    archive.finish()?;
    Ok(())
}
