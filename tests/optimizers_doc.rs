//! The manual of optimizers and schedules: `docs/optimizers.md` is what the definitions make of it, and each of them has a
//! page that says all of it.
//!
//! `UPDATE_DOCS=1 cargo test --test optimizers_doc` writes the file anew.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may panic"
)]

mod common;

use wnet::manual;
use wnet::optim::{Def, OPTIMIZERS, SCHEDULES};

const FILE: &str = "docs/optimizers.md";

#[test]
fn the_document_is_current() {
    let wanted = manual::optimizers();
    common::is_current(FILE, &wanted, "optimizers_doc");
}

#[test]
fn every_optimizer_and_schedule_has_a_page_and_a_section() {
    fn check<P: ?Sized>(defs: &[&'static Def<P>], kind: &str) {
        let document = manual::optimizers();
        for def in defs {
            let pages = manual::training(def.name);
            let (_, summary, page) = pages.iter().find(|(found, ..)| *found == kind).unwrap();
            assert_eq!(*summary, def.summary);
            assert!(page.starts_with(&format!("# {}\n\n{}\n", def.name, def.summary)), "{page}");
            assert!(document.contains(&format!("\n### {}\n\n{}\n", def.name, def.summary)), "{}", def.name);
            assert!(page.contains(def.torch) && page.contains(def.paper), "{page}");
            assert!(def.formula.lines().all(|line| page.contains(line)), "{page}");
            for parameter in def.parameters {
                assert!(page.contains(&format!("- `{}", parameter.name)) && page.contains(parameter.doc), "{page}");
            }
            assert!(manual::training_names().contains(&def.name));
        }
    }
    check(OPTIMIZERS, "optimizer");
    check(SCHEDULES, "schedule");
    assert!(manual::training("relu").is_empty());
}

#[test]
fn a_page_says_how_it_is_written() {
    let page = |name| manual::training(name).into_iter().map(|(.., page)| page).collect::<String>();
    insta::assert_snapshot!("adamw", page("AdamW"));
    insta::assert_snapshot!("adafactor", page("Adafactor"));
    insta::assert_snapshot!("cosine", page("cosine"));
    insta::assert_snapshot!("one_cycle_lr", page("OneCycleLR"));
}
