//! Files of data: opened only if they are regular, unpacked if they are gzipped, and never read past what may be taken.

use super::DataError;
use crate::weights::FileError;
use flate2::read::MultiGzDecoder;
pub(super) use std::fs::File;

use std::fs;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

/// A file, open at its start.
pub(super) struct Source {
    file: File,
    /// In bytes, as it lies there.
    pub(super) size: u64,
    pub(super) gzipped: bool,
}

pub(super) fn is_folder(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_dir())
}

/// Whether a name is that of an npy file.
pub(super) fn is_npy(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "npy")
}

/// The names of the files in a folder, in alphabetical order.
pub(super) fn names(folder: &Path) -> Result<Vec<String>, DataError> {
    let failed = |error: io::Error| read_error(folder, error.to_string());
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        names.extend(entry.map_err(failed)?.file_name().into_string().ok());
    }
    names.sort_unstable();
    Ok(names)
}

impl Source {
    pub(super) fn open(path: &Path) -> Result<Self, DataError> {
        let failed = |error: io::Error| read_error(path, error.to_string());
        // Asked before opening, which could block, and again of what was opened.
        if !fs::metadata(path).map_err(failed)?.is_file() {
            return Err(read_error(path, "it isn't a regular file".to_owned()));
        }
        let mut file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if !metadata.is_file() {
            return Err(read_error(path, "it isn't a regular file".to_owned()));
        }
        let mut magic = Vec::new();
        (&mut file).take(2).read_to_end(&mut magic).map_err(failed)?;
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        Ok(Self { file, size: metadata.len(), gzipped: magic == [0x1f, 0x8b] })
    }

    /// What it holds, unpacked.
    pub(super) fn reader(self) -> Box<dyn Read + Send + Sync> {
        if self.gzipped { Box::new(MultiGzDecoder::new(BufReader::new(self.file))) } else { Box::new(self.file) }
    }

    /// The file itself, for reading at places in it.
    pub(super) fn file(self) -> File {
        self.file
    }
}

pub(super) fn read_error(path: &Path, message: String) -> DataError {
    FileError::Read { path: path.display().to_string(), message }.into()
}

/// What a failed read of a file that could be opened means.
pub(super) fn unreadable(path: &Path, error: &io::Error) -> DataError {
    let damaged = [io::ErrorKind::InvalidInput, io::ErrorKind::InvalidData, io::ErrorKind::UnexpectedEof];
    if damaged.contains(&error.kind()) {
        let (path, message) = (path.display().to_string(), error.to_string());
        return FileError::Format { path, format: "a whole gzip file", message }.into();
    }
    read_error(path, error.to_string())
}

pub(super) fn too_large(path: &Path, size: u64, limit: u64, help: &str) -> DataError {
    let message = format!("it takes {size} bytes of memory or more, and {limit} may be taken{help}");
    FileError::TooLarge { path: path.display().to_string(), message }.into()
}
