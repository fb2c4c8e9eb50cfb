//! What running a model can report: arrays that are missing, surplus or don't fit, and values that an operator can't
//! take.

#![allow(unused_assignments, reason = "the derived code reads the fields where the lint doesn't see it")]

use miette::{Diagnostic, LabeledSpan};
use thiserror::Error;

type Labels = Vec<LabeledSpan>;
type Help = Option<String>;

#[derive(Clone, Debug, Error, Diagnostic)]
pub enum RunError {
    #[error("the data has no array for the input `{name}`")]
    #[diagnostic(code("missing-array"))]
    MissingArray {
        name: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("`{name}` in the {file} is no {wanted} of the model")]
    #[diagnostic(code("surplus-array"))]
    SurplusArray {
        file: &'static str,
        name: String,
        wanted: &'static str,
        #[help]
        help: Help,
    },

    #[error("`{name}` holds {found}, and {wanted} is wanted")]
    #[diagnostic(code("array-element"))]
    ArrayElement {
        name: String,
        found: String,
        wanted: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("`{name}` is {found}, and {wanted} is wanted")]
    #[diagnostic(code("array-shape"))]
    ArrayShape { name: String, found: String, wanted: String },

    #[error("the weights have no array for `{path}`")]
    #[diagnostic(code("missing-weight"))]
    MissingWeight {
        path: String,
        #[help]
        help: Help,
    },

    #[error("`{first}` and `{second}` are one storage, and their elements differ by up to {difference}")]
    #[diagnostic(
        code("weights-disagree"),
        help("the file was trained with two storages; give each its own in the model")
    )]
    WeightsDisagree { first: String, second: String, difference: f64 },

    #[error("{message}")]
    #[diagnostic(code("data-value"))]
    DataValue {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("`{name}` has no value")]
    #[diagnostic(code("unset-argument"))]
    ArgumentUnset {
        name: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: String,
    },

    #[error("the run needs {needed} of memory, and {limit}")]
    #[diagnostic(code("not-enough-memory"))]
    Memory {
        needed: String,
        limit: String,
        #[help]
        help: Help,
    },

    #[error("the gradient of `{path}`{place} is {gradient}, and differences give {quotient}{others}")]
    #[diagnostic(
        code("wrong-gradient"),
        help(
            "an operator is wrong, or the function bends too sharply here; `wnetc explain wrong-gradient` helps to tell"
        )
    )]
    WrongGradient {
        path: String,
        place: String,
        gradient: String,
        quotient: String,
        others: String,
        #[label(collection)]
        labels: Labels,
    },

    #[error("{what} is {value}, so gradients can't be compared with differences")]
    #[diagnostic(code("not-finite"), help("`wnetc run` shows the outputs; other data, or another `--seed`, may help"))]
    NotFinite {
        what: String,
        value: f64,
        #[label(collection)]
        labels: Labels,
    },

    #[error("{what} read as {found} and converted to {wanted}")]
    #[diagnostic(code("converted"), severity(Advice))]
    Converted { what: String, found: &'static str, wanted: &'static str },

    #[error("the model has no `loss`, so nothing can be trained")]
    #[diagnostic(code("no-loss"), help("write what is to become small: `loss cross_entropy(logits, target)`"))]
    NoLoss {
        #[label(collection)]
        labels: Labels,
    },

    #[error("the loss of step {step}, in epoch {epoch}, isn't finite: {found}")]
    #[diagnostic(code("loss-not-finite"))]
    LossNotFinite {
        step: u64,
        epoch: u64,
        found: String,
        #[help]
        help: Help,
    },

    #[error("of {count} examples, {part} for validation leaves none on one side")]
    #[diagnostic(code("example-count"), help("`--val` takes examples of their own"))]
    Split { count: usize, part: f64 },

    #[error("`{path}` can't be gone on from: {message}")]
    #[diagnostic(code("checkpoint"), help("without `--resume` training begins anew"))]
    Checkpoint { path: String, message: String },
}
