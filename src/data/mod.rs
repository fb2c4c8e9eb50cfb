//! Data for training: arrays by name (npz, npy, folders of npy), tables (CSV), images with labels (IDX) and text, as examples
//! that are fetched by number. What fits into memory is read once; what doesn't is read where it lies, if it can be.

mod arrays;
mod csv;
mod errors;
mod fit;
mod idx;
mod source;
mod store;
#[cfg(test)]
mod tests;
mod text;

pub use errors::DataError;
pub use fit::{Element, Wanted};
pub use text::Tokens;

use crate::tensor::{Real, SliceMut};
use fit::Format;
use std::path::Path;
use store::Store;

/// What data is opened for.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The inputs of the model, in their order.
    pub wanted: &'a [Wanted],
    /// How many bytes of memory the data may take.
    pub memory: u64,
    /// The length of the windows of a text, where the inputs leave it open.
    pub window: Option<usize>,
    pub tokens: Tokens,
    /// Those of the data that the model is trained on, for other data, which gets the same numbers. `None` for the data
    /// that it is trained on.
    pub vocabularies: Option<&'a [Vocabulary]>,
}

/// What the ints of an input stand for: the names of classes, or the characters of a text, by their numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vocabulary {
    pub input: String,
    pub names: Vec<String>,
}

/// Data whose examples are fetched by number.
#[derive(Debug)]
pub struct Dataset {
    count: usize,
    columns: Vec<Column>,
    vocabularies: Vec<Vocabulary>,
    unused: Vec<String>,
    store: Store,
}

/// What the data has for an input.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    pub name: String,
    pub element: Element,
    /// Every example has a part of it; else it is the same for all.
    pub batched: bool,
    /// Of the part of one example, or of the whole.
    pub shape: Vec<usize>,
}

impl Column {
    /// The number of elements of its part of an example, or of the whole.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Dataset {
    /// Opens data for a model that runs in the float type `T`, and checks all that can be checked without reading more than
    /// the memory of the request allows.
    pub fn open<T: Real>(path: &Path, request: &Request<'_>) -> Result<Self, DataError> {
        let mut data = match fit::format(path)? {
            Format::Arrays => arrays::file::<T>(path, request),
            Format::Folder => arrays::folder::<T>(path, request),
            Format::Table => csv::open::<T>(path, request),
            Format::Images { images, labels } => idx::open(&images, &labels, request),
            Format::Text => text::open(path, request),
        }?;
        if data.count == 0 && data.columns.iter().any(|column| column.batched) {
            return Err(DataError::Empty { path: path.display().to_string() });
        }
        if data.columns.iter().all(|column| !column.batched) {
            data.count = 1;
        }
        Ok(data)
    }

    /// How many examples there are: one if none of its columns tells.
    #[must_use]
    pub fn n_examples(&self) -> usize {
        self.count
    }

    /// What the data has, in the order of the wanted inputs. One that it hasn't, and that may be absent, is left out.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// What ints stand for, of the inputs that the data has as text.
    #[must_use]
    pub fn vocabularies(&self) -> &[Vocabulary] {
        &self.vocabularies
    }

    /// What the numbers of a text stand for; `None` of other data.
    #[must_use]
    pub fn tokens(&self) -> Option<Tokens> {
        if let Store::Text(text) = &self.store { Some(text.tokens) } else { None }
    }

    /// The columns of a table that no input takes.
    #[must_use]
    pub fn unused(&self) -> &[String] {
        &self.unused
    }

    /// The data stays in its file.
    #[must_use]
    pub fn is_streamed(&self) -> bool {
        self.store.is_streamed()
    }

    /// Fills `out` with the parts that these examples have of a column, one after another; with the whole of one that
    /// isn't batched. `out` has the column's kind of elements and room for them.
    pub fn fetch<T: Real>(&mut self, column: usize, rows: &[usize], out: SliceMut<'_, T>) -> Result<(), DataError> {
        let Some(described) = self.columns.get(column) else { return Ok(()) };
        self.store.fetch(column, described, rows, out)
    }
}
