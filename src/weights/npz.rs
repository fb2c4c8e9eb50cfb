//! The npz format of NumPy: a zip archive of npy files.

use super::{Array, Contents, FileError, Room, Rows, npy};
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

/// Deflate makes at most about a thousandth of its input.
const MAX_RATIO: u64 = 1100;
const MAX_ENTRIES: usize = 1 << 20;
const FORMAT: &str = "an npz file";

pub(super) fn read(file: File, file_size: u64, room: &mut Room<'_>) -> Result<Contents, FileError> {
    let mut archive = open(file, room)?;
    let mut contents = Contents::default();
    let mut packed = 0u64;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|error| wrong(room, &error))?;
        let name = key(entry.name()).to_owned();
        // Entries that overlap could multiply the size of the file.
        packed = packed.saturating_add(entry.compressed_size());
        let size = entry.size();
        let believable = size <= entry.compressed_size().saturating_mul(MAX_RATIO).saturating_add(64);
        if packed > file_size || !believable {
            return Err(
                room.wrong(FORMAT, format!("the entry `{name}` claims {size} bytes, which the file can't hold"))
            );
        }
        let array = npy::read(&mut entry, size, &name, room)?;
        contents.arrays.insert(name, array);
    }
    Ok(contents)
}

/// The arrays where they lie; `None` if one is compressed.
pub(super) fn rows(file: File, file_size: u64, room: &Room<'_>) -> Result<Option<Vec<Rows>>, FileError> {
    let mut archive = open(file, room)?;
    let mut found = Vec::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|error| wrong(room, &error))?;
        if entry.compression() != CompressionMethod::Stored {
            return Ok(None);
        }
        let (name, size, start) = (key(entry.name()).to_owned(), entry.size(), entry.data_start());
        if start.checked_add(size).is_none_or(|end| end > file_size) {
            return Err(
                room.wrong(FORMAT, format!("the entry `{name}` claims {size} bytes, which the file can't hold"))
            );
        }
        let head = npy::head(&mut entry, size, &name, room)?;
        found.push(Rows::new(room, name, head, start)?);
    }
    Ok(Some(found))
}

fn open(file: File, room: &Room<'_>) -> Result<ZipArchive<BufReader<File>>, FileError> {
    let archive = ZipArchive::new(BufReader::new(file)).map_err(|error| wrong(room, &error))?;
    if archive.len() > MAX_ENTRIES {
        return Err(room.wrong(FORMAT, format!("it has {} entries", archive.len())));
    }
    // The reader keeps one entry of each name.
    let directory = archive.central_directory_start();
    let mut source = archive.into_inner();
    if let Some(name) = repeated(&mut source, directory).map_err(|error| wrong(room, &error.into()))? {
        return Err(room.duplicate(&name));
    }
    ZipArchive::new(source).map_err(|error| wrong(room, &error))
}

fn wrong(room: &Room<'_>, error: &ZipError) -> FileError {
    room.wrong(FORMAT, describe(error))
}

fn key(entry: &str) -> &str {
    entry.strip_suffix(".npy").unwrap_or(entry)
}

fn describe(error: &ZipError) -> String {
    match error {
        ZipError::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => "it ends early".to_owned(),
        ZipError::Io(error) => error.to_string(),
        ZipError::InvalidArchive(_) => "it is no zip archive, or not a whole one".to_owned(),
        other => other.to_string(),
    }
}

/// The first name that a directory, which starts at this offset, lists twice.
fn repeated(source: &mut BufReader<File>, directory: u64) -> io::Result<Option<String>> {
    source.seek(SeekFrom::Start(directory))?;
    let mut seen = HashSet::new();
    let mut header = [0; 46];
    while seen.len() <= MAX_ENTRIES && source.read_exact(&mut header).is_ok() {
        let [b'P', b'K', 1, 2, ..] = header else { break };
        let field = |at: usize| {
            let bytes = header.get(at..at + 2).and_then(|bytes| bytes.try_into().ok());
            u16::from_le_bytes(bytes.unwrap_or_default())
        };
        let mut name = vec![0; usize::from(field(28))];
        source.read_exact(&mut name)?;
        source.seek_relative(i64::from(field(30)) + i64::from(field(32)))?;
        let name = key(&String::from_utf8_lossy(&name)).to_owned();
        if let Some(name) = seen.replace(name) {
            return Ok(Some(name));
        }
    }
    Ok(None)
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
