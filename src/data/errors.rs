//! What can be wrong with data for training: with its files, and with how it goes with the inputs of the model.

use crate::weights::FileError;
use miette::Diagnostic;
use thiserror::Error;

#[derive(Clone, Debug, PartialEq, Eq, Error, Diagnostic)]
pub enum DataError {
    #[error(transparent)]
    #[diagnostic(transparent)]
    File(#[from] FileError),

    #[error("the format of the data in `{path}` isn't known")]
    #[diagnostic(
        code("file-extension"),
        help(
            "data is an `.npz`, `.npy`, `.csv`, `.tsv` or `.txt` file, IDX files named `…-images…` and `…-labels…`, or a folder of `.npy` or IDX files; `.gz` may follow"
        )
    )]
    Extension { path: String },

    #[error("the data has no array for the input `{name}`")]
    #[diagnostic(code("missing-array"))]
    Missing {
        name: String,
        #[help]
        help: Option<String>,
    },

    #[error("`{name}` in the data is no input of the model")]
    #[diagnostic(code("surplus-array"))]
    Surplus {
        name: String,
        #[help]
        help: Option<String>,
    },

    #[error("`{name}` holds {found}, and {wanted} is wanted")]
    #[diagnostic(code("array-element"))]
    Element {
        name: String,
        found: String,
        wanted: String,
        #[help]
        help: Option<String>,
    },

    #[error("`{name}` is {found}, and {wanted} is wanted")]
    #[diagnostic(code("array-shape"))]
    Shape {
        name: String,
        found: String,
        wanted: String,
        #[help]
        help: Option<String>,
    },

    #[error("`{first}` has {first_count} examples, and `{second}` has {second_count}")]
    #[diagnostic(code("example-count"), help("every example has its row in each array"))]
    Count { first: String, first_count: usize, second: String, second_count: usize },

    #[error("there are no examples in `{path}`")]
    #[diagnostic(code("example-count"))]
    Empty { path: String },

    #[error("`{path}`, line {line}{column}: {message}")]
    #[diagnostic(code("data-cell"))]
    Cell {
        path: String,
        line: u64,
        /// Begins with a comma, and may be empty.
        column: String,
        message: String,
        #[help]
        help: Option<String>,
    },

    #[error("{message}")]
    #[diagnostic(code("data-columns"))]
    Columns {
        message: String,
        #[help]
        help: Option<String>,
    },

    #[error("`{path}`{place}: {message}")]
    #[diagnostic(code("data-text"))]
    Text {
        path: String,
        /// Begins with a blank, and may be empty.
        place: String,
        message: String,
        #[help]
        help: Option<String>,
    },
}

impl DataError {
    /// The path itself is at fault, not what the file holds.
    #[must_use]
    pub const fn is_path_problem(&self) -> bool {
        match self {
            Self::File(error) => error.is_path_problem(),
            Self::Extension { .. } => true,
            _ => false,
        }
    }
}
