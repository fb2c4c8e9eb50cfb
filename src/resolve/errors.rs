//! What `resolve` can report: references that lead nowhere or in a circle, properties at places that don't own the
//! storage, and sharing that isn't one.

#![allow(unused_assignments, reason = "the derived code reads the fields where the lint doesn't see it")]

use crate::diag::primary;
use crate::ir::Reference;
use crate::ops::SlotSpec;
use crate::span::Span;
use miette::{Diagnostic, LabeledSpan};
use thiserror::Error;

type Labels = Vec<LabeledSpan>;
type Help = Option<String>;

#[derive(Clone, Debug, Error, Diagnostic)]
pub enum ResolveError {
    #[error("`@{path}` leads to nothing")]
    #[diagnostic(code("unknown-reference"))]
    Unknown {
        path: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("`{path}` is a layer, and one of its slots is wanted")]
    #[diagnostic(code("reference-to-layer"))]
    ToALayer {
        path: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("`{slot}` is tied twice")]
    #[diagnostic(code("tied-twice"), help("a slot is one storage; remove one of the ties"))]
    TiedTwice {
        slot: String,
        #[label(collection)]
        labels: Labels,
    },

    #[error("`{slot}` refers to itself")]
    #[diagnostic(code("reference-cycle"))]
    Cycle {
        slot: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("`{slot}` has an initializer, but the storage belongs to `{owner}`")]
    #[diagnostic(code("initializer-not-owner"), help("give the initializer where the storage is declared"))]
    InitializerNotOwner {
        slot: String,
        owner: String,
        #[label(collection)]
        labels: Labels,
    },

    #[error("`{layer}` is frozen, but `{owner}`, which it uses, is trained")]
    #[diagnostic(code("frozen-not-owner"))]
    FrozenNotOwner {
        layer: String,
        owner: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("`{slot}` is {wanted}, and `{owner}` is {found}")]
    #[diagnostic(code("tie-kind"), help("a param is trained and a buffer is not: tie each to its like"))]
    TieKind {
        slot: String,
        wanted: &'static str,
        owner: String,
        found: &'static str,
        #[label(collection)]
        labels: Labels,
    },

    #[error("`{param}` has no initializer, and no slot lends it one")]
    #[diagnostic(code("missing-initializer"), help("give it one: `= normal(std=0.02)`, `= zeros()`"))]
    MissingInitializer {
        param: String,
        #[label(collection)]
        labels: Labels,
    },

    #[error("the slots bound to `{param}` have different initializers")]
    #[diagnostic(code("initializer-disagreement"), help("say which: `= normal(std=0.02)` at the param"))]
    InitializerDisagreement {
        param: String,
        #[label(collection)]
        labels: Labels,
    },

    #[error("`{init}` wants {axes}, and `{path}` is {shape}")]
    #[diagnostic(code("initializer-axes"))]
    InitializerAxes {
        init: String,
        axes: &'static str,
        path: String,
        shape: String,
        #[label(collection)]
        labels: Labels,
    },

    #[error("{what} `{path}` is never used")]
    #[diagnostic(code("unused"), severity(Warning))]
    Unused {
        what: &'static str,
        path: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("`{param}` is bound to one slot, so nothing is shared")]
    #[diagnostic(code("nothing-shared"), severity(Warning))]
    NothingShared {
        param: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("`{path}` has running statistics, and is called {calls} times")]
    #[diagnostic(code("shared-statistics"), severity(Warning))]
    SharedStatistics {
        path: String,
        calls: u64,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },

    #[error("the initial values of `{path}` have {ratio} times the scale of `{kind}`'s")]
    #[diagnostic(code("initializer-scale"), severity(Warning))]
    InitializerScale {
        path: String,
        kind: &'static str,
        ratio: String,
        #[label(collection)]
        labels: Labels,
        #[help]
        help: Help,
    },
}

/// A reference whose path means nothing.
pub(super) fn unknown(reference: &Reference, place: Span, near: Option<String>) -> ResolveError {
    ResolveError::Unknown {
        path: reference.path.to_string(),
        labels: vec![primary(place, "no param, buffer or slot has this path")],
        help: near.map(|near| format!("`{near}` is near to it")),
    }
}

/// A reference to a layer where storage is wanted.
pub(super) fn to_a_layer(reference: &Reference, place: Span, slots: &[SlotSpec]) -> ResolveError {
    let path = reference.path.to_string();
    let names: Vec<String> = slots.iter().map(|slot| format!("`{path}.{}`", slot.name)).collect();
    let help = if names.is_empty() { "it has no slots".to_owned() } else { format!("name one: {}", names.join(", ")) };
    ResolveError::ToALayer { path, labels: vec![primary(place, "this is a layer")], help: Some(help) }
}
