//! What `lower` can report: names that mean nothing or two things, arguments that don't fit, values that can't be
//! computed. Each variant holds its words and places, made where the mistake is found.

#![allow(unused_assignments, reason = "the derived code reads the fields where the lint doesn't see it")]

use miette::{Diagnostic, LabeledSpan};
use thiserror::Error;

type Labels = Vec<LabeledSpan>;
type Help = Option<String>;

#[derive(Clone, Debug, Error, Diagnostic)]
pub enum LowerError {
    #[error("{what} `{name}` isn't declared")]
    #[diagnostic(code("unknown-name"))]
    UnknownName {
        what: &'static str,
        name: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("there is no layer or block `{name}`")]
    #[diagnostic(code("unknown-kind"))]
    UnknownKind {
        name: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("`{name}` is declared twice")]
    #[diagnostic(code("duplicate-name"))]
    DuplicateName {
        name: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("{what} `{name}` can't be bound anew")]
    #[diagnostic(code("rebound-declaration"))]
    Rebound {
        what: &'static str,
        name: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("`{name}` is read before it is bound")]
    #[diagnostic(code("unbound-value"))]
    Unbound {
        name: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("`{name}` is a kind of layer, and stands in an expression")]
    #[diagnostic(code("layer-in-expression"))]
    LayerInExpression {
        name: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("{message}")]
    #[diagnostic(code("not-callable"))]
    NotCallable {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("{message}")]
    #[diagnostic(code("not-a-value"))]
    NotAValue {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("{message}")]
    #[diagnostic(code("argument-missing"))]
    ArgumentMissing {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("{message}")]
    #[diagnostic(code("argument-unknown"))]
    ArgumentUnknown {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("`{name}` is given twice")]
    #[diagnostic(code("argument-twice"))]
    ArgumentTwice {
        name: String,
        #[label(collection)]
        labels: Labels,
    },

    #[error("{message}")]
    #[diagnostic(code("argument-type"))]
    ArgumentType {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("{message}")]
    #[diagnostic(code("argument-value"))]
    ArgumentValue {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("`{name}` has no value, and a count hangs on it")]
    #[diagnostic(code("unset-argument"))]
    UnsetArgument {
        name: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("{message}")]
    #[diagnostic(code("constant-expression"))]
    Constant {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("{message}")]
    #[diagnostic(code("dimension"))]
    Dimension {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("the size `{name}` comes with the data, and a {what} must be known before")]
    #[diagnostic(code("input-symbol"))]
    InputSymbol {
        name: String,
        what: &'static str,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("no input tells the size `{name}`")]
    #[diagnostic(code("unsolvable-symbol"))]
    Unsolvable {
        name: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("{message}")]
    #[diagnostic(code("result-count"))]
    ResultCount {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("the output `{name}` is written twice")]
    #[diagnostic(code("duplicate-output"))]
    DuplicateOutput {
        name: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("this output has no name")]
    #[diagnostic(code("output-name"), help("write `output NAME = …`; only a single output may go without"))]
    OutputName {
        #[label(collection)]
        labels: Labels,
    },

    #[error("`{model}` has neither an output nor a loss")]
    #[diagnostic(code("no-output"), help("name what the model computes: `output y`"))]
    NoOutput {
        model: String,
        #[label(collection)]
        labels: Labels,
    },

    #[error("a model has one loss")]
    #[diagnostic(code("second-loss"), help("add the losses up: `loss a + b`"))]
    SecondLoss {
        #[label(collection)]
        labels: Labels,
    },

    #[error("{message}")]
    #[diagnostic(code("reference-form"))]
    ReferenceForm {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("{message}")]
    #[diagnostic(code("assert-form"))]
    AssertForm {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("`{model}` has more than {limit} calls")]
    #[diagnostic(
        code("too-many-calls"),
        help("check the counts: a repeat is unrolled, so `(f^1000)^1000` is a million calls")
    )]
    TooManyCalls {
        model: String,
        limit: usize,
        #[label(collection)]
        labels: Labels,
    },

    #[error("this file has no model")]
    #[diagnostic(code("no-model"), severity(Warning), help("a model is `model NAME {{ input …  output … }}`"))]
    NoModel {
        #[label(collection)]
        labels: Labels,
    },

    #[error("{what} aren't supported yet")]
    #[diagnostic(code("unsupported"))]
    Unsupported {
        what: &'static str,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },
}
