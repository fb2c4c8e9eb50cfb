//! What `infer` can report: shapes that don't fit, sizes that can't be, assertions that fail.

#![allow(unused_assignments, reason = "the derived code reads the fields where the lint doesn't see it")]

use miette::{Diagnostic, LabeledSpan};
use thiserror::Error;

type Labels = Vec<LabeledSpan>;
type Help = Option<String>;

#[derive(Clone, Debug, Error, Diagnostic)]
pub enum InferError {
    #[error("{message}")]
    #[diagnostic(code("shape-mismatch"))]
    Mismatch {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("{message}")]
    #[diagnostic(code("rank-mismatch"))]
    Rank {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("{message}")]
    #[diagnostic(code("element-type"))]
    Element {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("{message}")]
    #[diagnostic(code("axis-range"))]
    Axis {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("{message}")]
    #[diagnostic(code("index-range"))]
    Range {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("{message}")]
    #[diagnostic(code("reshape-size"))]
    Reshape {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("{message}")]
    #[diagnostic(code("tie-shape"))]
    TieShape {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("{message}")]
    #[diagnostic(code("partial-overlap"))]
    PartialOverlap {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("this tensor is too large")]
    #[diagnostic(code("size-overflow"), help("sizes have 64 bits"))]
    SizeOverflow {
        #[label(collection)]
        labels: Labels,
    },

    #[error("a loss is one float, and this is {found}")]
    #[diagnostic(code("loss-not-scalar"))]
    LossNotScalar {
        found: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: String,
    },

    #[error("`{requirement}` can't hold")]
    #[diagnostic(code("impossible-requirement"))]
    Impossible {
        requirement: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("the size `{symbol}` can only be {size}")]
    #[diagnostic(code("fixed-symbol"), severity(Warning))]
    FixedSymbol {
        symbol: String,
        size: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("{message}")]
    #[diagnostic(code("assertion-failed"))]
    AssertionFailed {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("{message}")]
    #[diagnostic(code("assertion-undecided"))]
    AssertionUndecided {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },
}

impl InferError {
    /// Adds places to a finding about shapes.
    pub(super) fn extend(&mut self, more: Vec<LabeledSpan>) {
        if let Self::Mismatch { labels, .. }
        | Self::Rank { labels, .. }
        | Self::Element { labels, .. }
        | Self::Axis { labels, .. }
        | Self::Reshape { labels, .. } = self
        {
            labels.extend(
                more.into_iter()
                    .filter(|label| labels.iter().all(|old| old.inner() != label.inner()))
                    .collect::<Vec<_>>(),
            );
        }
    }
}
