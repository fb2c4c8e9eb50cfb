//! What reading imports can report.

#![allow(unused_assignments, reason = "the derived code reads the fields where the lint doesn't see it")]

use miette::{Diagnostic, LabeledSpan};
use thiserror::Error;

type Labels = Vec<LabeledSpan>;

#[derive(Clone, Debug, Error, Diagnostic)]
pub enum ImportError {
    #[error("`{path}` can't be imported")]
    #[diagnostic(
        code("import-path"),
        help(
            "a path is relative to the importing file and stays in the folder of the first file, or begins with `std/`"
        )
    )]
    Path {
        path: String,
        #[label(collection)]
        labels: Labels,
    },

    #[error("can't read `{name}`")]
    #[diagnostic(code("import-read"))]
    Read {
        name: String,
        #[label(collection)]
        labels: Labels,
    },

    #[error("`{name}` imports itself: {circle}")]
    #[diagnostic(code("import-cycle"), help("move what both need into a file of its own"))]
    Cycle {
        name: String,
        circle: String,
        #[label(collection)]
        labels: Labels,
    },
}
