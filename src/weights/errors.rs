//! What can be wrong with files of arrays.

use miette::Diagnostic;
use thiserror::Error;

#[derive(Clone, Debug, PartialEq, Eq, Error, Diagnostic)]
pub enum FileError {
    #[error("can't read `{path}`: {message}")]
    #[diagnostic(code("file-read"))]
    Read { path: String, message: String },

    #[error("can't write `{path}`: {message}")]
    #[diagnostic(code("file-write"))]
    Write { path: String, message: String },

    #[error("the format of `{path}` isn't known")]
    #[diagnostic(code("file-extension"), help("arrays stand in `.npz`, `.npy` and `.safetensors` files"))]
    Extension { path: String },

    #[error("`{path}` isn't {format}: {message}")]
    #[diagnostic(code("file-format"))]
    Format { path: String, format: &'static str, message: String },

    #[error("the array `{name}` in `{path}` holds {found}, which can't be read")]
    #[diagnostic(code("file-element"), help("floats, ints and bools of fixed size can"))]
    Element { path: String, name: String, found: String },

    #[error("the array `{name}` is twice in `{path}`")]
    #[diagnostic(code("duplicate-array"))]
    Duplicate { path: String, name: String },

    #[error("`{path}` is too large: {message}")]
    #[diagnostic(code("file-too-large"))]
    TooLarge { path: String, message: String },
}

impl FileError {
    /// The path itself is at fault, not what the file holds.
    #[must_use]
    pub const fn is_path_problem(&self) -> bool {
        matches!(self, Self::Read { .. } | Self::Write { .. } | Self::Extension { .. })
    }
}
