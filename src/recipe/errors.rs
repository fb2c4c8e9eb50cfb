//! What the reading of `train` blocks can report.

#![allow(unused_assignments, reason = "the derived code reads the fields where the lint doesn't see it")]

use miette::{Diagnostic, LabeledSpan};
use thiserror::Error;

type Labels = Vec<LabeledSpan>;

#[derive(Clone, Debug, Error, Diagnostic)]
pub enum RecipeError {
    #[error("there is no model `{name}` in this file")]
    #[diagnostic(code("unknown-name"))]
    UnknownModel {
        name: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Option<String>,
    },

    #[error("`{name}` is given twice")]
    #[diagnostic(code("duplicate-name"))]
    Twice {
        name: String,
        #[label(collection)]
        labels: Labels,
    },

    #[error("`{name}` isn't a setting of `train`")]
    #[diagnostic(code("unknown-setting"))]
    UnknownSetting {
        name: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: String,
    },

    #[error("{message}")]
    #[diagnostic(code("setting-value"))]
    SettingValue {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: String,
    },

    #[error("{message}")]
    #[diagnostic(code("unknown-method"))]
    UnknownMethod {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Option<String>,
    },

    #[error("{message}")]
    #[diagnostic(code("argument-unknown"))]
    ArgumentUnknown {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Option<String>,
    },

    #[error("{message}")]
    #[diagnostic(code("argument-twice"))]
    ArgumentTwice {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Option<String>,
    },

    #[error("{message}")]
    #[diagnostic(code("argument-type"))]
    ArgumentType {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Option<String>,
    },

    #[error("{message}")]
    #[diagnostic(code("argument-missing"))]
    ArgumentMissing {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Option<String>,
    },

    #[error("{message}")]
    #[diagnostic(code("argument-value"))]
    ArgumentValue {
        message: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Option<String>,
    },
}
