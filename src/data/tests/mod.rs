//! Each format as it should be, and what is said of one that isn't.

mod arrays;
mod damage;
mod images;
mod tables;
mod texts;

use super::*;
use std::fs;
use std::path::PathBuf;

pub(super) fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

pub(super) fn wanted(name: &str, element: Element, shape: &[Option<usize>]) -> Wanted {
    Wanted { name: name.to_owned(), element, batched: true, shape: shape.to_vec(), optional: false }
}

pub(super) fn floats(name: &str, shape: &[Option<usize>]) -> Wanted {
    wanted(name, Element::Float, shape)
}

pub(super) fn ints(name: &str, shape: &[Option<usize>]) -> Wanted {
    wanted(name, Element::Int, shape)
}

pub(super) fn request(wanted: &[Wanted]) -> Request<'_> {
    Request { wanted, memory: 1 << 20, window: None, tokens: Tokens::Characters, vocabularies: None }
}

/// A file with these bytes.
pub(super) fn file(folder: &tempfile::TempDir, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    path
}

pub(super) fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzEncoder::new(bytes, flate2::Compression::best()), &mut packed)
        .unwrap();
    packed
}

/// The message and the help, without the folder.
pub(super) fn said(path: &Path, request: &Request<'_>) -> String {
    match Dataset::open::<f32>(path, request) {
        Ok(data) => format!("opened, {} examples", data.n_examples()),
        Err(error) => {
            let help = miette::Diagnostic::help(&error).map(|help| format!(" | {help}")).unwrap_or_default();
            let folder = path.parent().unwrap().display().to_string();
            format!("{error}{help}").replace(&format!("{folder}/"), "")
        }
    }
}

/// The floats of some examples of a column.
pub(super) fn fetched(data: &mut Dataset, column: usize, rows: &[usize]) -> Vec<f32> {
    let length = data.columns()[column].len();
    let mut out = vec![f32::NAN; length * rows.len().max(1)];
    data.fetch(column, rows, SliceMut::Float(&mut out)).unwrap();
    out
}

/// The ints of some examples of a column.
pub(super) fn fetched_ints(data: &mut Dataset, column: usize, rows: &[usize]) -> Vec<i64> {
    let length = data.columns()[column].len();
    let mut out = vec![-1; length * rows.len()];
    data.fetch::<f32>(column, rows, SliceMut::Int(&mut out)).unwrap();
    out
}
