//! What `plan` can report: sizes that aren't known, don't fit or are too large.

#![allow(unused_assignments, reason = "the derived code reads the fields where the lint doesn't see it")]

use miette::{Diagnostic, LabeledSpan};
use thiserror::Error;

type Labels = Vec<LabeledSpan>;

#[derive(Clone, Debug, Error, Diagnostic)]
pub enum PlanError {
    #[error("the size `{name}` isn't known")]
    #[diagnostic(code("unknown-size"))]
    UnknownSize {
        name: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: String,
    },

    #[error("the data for `{name}` is {found}, and the input is {declared}")]
    #[diagnostic(code("input-shape"))]
    InputShape {
        name: String,
        found: String,
        declared: String,
        #[label(collection)]
        labels: Labels,
    },

    #[error("`{text}` doesn't hold: the left side is {left}, the right side {right}")]
    #[diagnostic(code("requirement-fails"))]
    Requirement {
        text: String,
        left: i64,
        right: i64,
        #[label(collection)]
        labels: Labels,
    },

    #[error("the size `{dim}` is {found}")]
    #[diagnostic(code("bad-size"))]
    Size {
        dim: String,
        found: String,
        #[label(collection)]
        labels: Labels,
    },

    #[error("the output `{output}` needs the input `{input}`, which the data hasn't got")]
    #[diagnostic(code("missing-input"), help("only an input that nothing but the loss needs may be left out"))]
    MissingInput {
        output: String,
        input: String,
        #[label(collection)]
        labels: Labels,
    },

    #[error("{message}")]
    #[diagnostic(code("bad-size"))]
    Attribute {
        message: String,
        #[label(collection)]
        labels: Labels,
    },

    #[error("a tensor {shape} would have {count} elements, and {limit} are the most")]
    #[diagnostic(code("memory-limit"))]
    TooLarge {
        shape: String,
        count: String,
        limit: usize,
        #[label(collection)]
        labels: Labels,
    },

    #[error("nothing in the model has a gradient")]
    #[diagnostic(code("no-gradient"), help("gradients start from a `loss` or from outputs that are floats"))]
    NoGradient {
        #[label(collection)]
        labels: Labels,
    },
}
