//! The manual of operators: `docs/operators.md` is what the definitions make of it, and every operator has a page that
//! says all of it.
//!
//! `UPDATE_DOCS=1 cargo test --test operators_doc` writes the file anew.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may panic"
)]

mod common;

use wnet::manual::{self, Facts};
use wnet::ops::init::INITIALIZERS;
use wnet::ops::{Def, Form, REGISTRY, named};

const FILE: &str = "docs/operators.md";

#[test]
fn the_document_is_current() {
    let wanted = manual::reference();
    common::is_current(FILE, &wanted, "operators_doc");
}

#[test]
fn every_operator_and_initializer_has_a_page_and_a_section() {
    let document = manual::reference();
    for def in REGISTRY {
        let page = manual::page(def.name).unwrap();
        let title = if def.is_symbol() { format!("`{}`", def.name) } else { def.name.to_owned() };
        assert!(page.starts_with(&format!("# {title}\n")), "{page}");
        assert!(document.contains(&format!("\n### {title}\n\n{}\n", def.summary)), "{}", def.name);
        for text in [def.summary, def.formula, def.torch, def.onnx] {
            assert!(page.contains(text), "{} doesn't say {text}", def.name);
        }
        for parameter in def.parameters.iter().chain(def.call()) {
            assert!(page.contains(&format!("- `{}", parameter.name)) && page.contains(parameter.doc), "{page}");
        }
    }
    for def in INITIALIZERS {
        assert!(manual::page(def.name).unwrap().contains(def.summary), "{}", def.name);
        assert!(document.contains(&format!("\n### {}\n", def.name)), "{}", def.name);
    }
    let names = manual::names();
    assert!(names.len() >= REGISTRY.len(), "{}", names.len());
    assert!(manual::page("no such operator").is_none());
}

/// The types of an example are those that the compiler finds, so an example that it refuses would be missing.
#[test]
fn every_example_is_shown_with_its_types() {
    for def in REGISTRY {
        let facts = Facts::of(def);
        assert_eq!(facts.shapes.len(), def.examples.len(), "{}", def.name);
        assert!(
            facts.shapes.iter().all(|shapes| !shapes.text.is_empty() && !shapes.outputs.is_empty()),
            "{}",
            def.name
        );
    }
}

#[test]
fn a_layer_shows_its_storage() {
    for def in REGISTRY.iter().filter(|def| matches!(def.form, Form::Layer { .. })) {
        let examples = def.examples.iter().any(|example| slots_of_an_example(def, example));
        assert_eq!(!Facts::of(def).slots.is_empty(), examples, "{}", def.name);
    }
}

/// Whether the layer of an example has storage.
fn slots_of_an_example(def: &Def, example: &str) -> bool {
    let mut map = wnet::span::SourceMap::new();
    map.add("example", format!("model M {{\n{}\n}}\n", example.replace("  ", "\n"))).unwrap();
    let checked = wnet::check(&map.files()[0], &wnet::Settings::default());
    let graph = &checked.models[0].graph;
    graph.layers.iter().any(|(_, layer)| layer.operator.op.def() == def && !layer.slots.is_empty())
}

#[test]
fn a_page_says_how_it_is_written() {
    insta::assert_snapshot!("linear", manual::page("Linear").unwrap());
    insta::assert_snapshot!("topk", manual::page("topk").unwrap());
    insta::assert_snapshot!("max", manual::page("max").unwrap());
    insta::assert_snapshot!("minus", manual::page("-").unwrap());
    insta::assert_snapshot!("kaiming_uniform", manual::page("kaiming_uniform").unwrap());
    assert!(named("topk").is_some_and(|def| Facts::of(def).results == [2]));
}
