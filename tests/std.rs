//! The standard library: its files are without mistakes and in their one form, its blocks say what they do and have the
//! values of PyTorch, and `docs/std.md` is current.
//!
//! `UPDATE_DOCS=1 cargo test --test std` writes the page anew, `tests/reference/std/make_std.py` the values.

#![allow(
    unreachable_pub,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may panic"
)]

#[path = "std/block.rs"]
mod block;
mod common;
#[path = "std/page.rs"]
mod page;
#[path = "std/probe.rs"]
mod probe;

use common::pytorch::{cases, compare, compile, names};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use wnet::program::{Library, standard_files};
use wnet::span::SourceMap;
use wnet::syntax::ast::{Item, LayerBody, Statement};
use wnet::syntax::format;
use wnet::{Settings, check};

const FOLDER: &str = "tests/reference/std";
const PAGE: &str = "docs/std.md";

fn map(name: &str, text: &str) -> SourceMap {
    let mut map = SourceMap::new();
    map.add(name, text).unwrap();
    map
}

/// The models that the values are for.
fn tests() -> Vec<(String, String)> {
    let text = |name: &str| fs::read_to_string(Path::new(FOLDER).join(format!("{name}.wnet"))).unwrap();
    names(FOLDER, ".wnet").into_iter().map(|name| (format!("{name}.wnet"), text(&name))).collect()
}

/// The folder of the library as that of the file that is checked.
struct Folder(&'static str);

impl Library for Folder {
    fn root(&self) -> String {
        self.0.to_owned()
    }

    fn read(&mut self, path: &str) -> Result<String, String> {
        let found = standard_files().into_iter().find(|(name, _)| *name == path);
        found.map(|(_, text)| text.to_owned()).ok_or_else(|| "no such file".to_owned())
    }

    fn name(&self, path: &str) -> String {
        path.to_owned()
    }
}

/// Each block is checked by itself, for all sizes.
#[test]
fn every_file_is_without_mistakes() {
    for (name, text) in standard_files() {
        let found = wnet::compile(&mut map(name, text), &mut Folder(name), &Settings::default()).diagnostics;
        assert!(found.is_empty(), "{name}: {found:#?}");
    }
    for (name, text) in tests() {
        let found = check(&map(&name, &text).files()[0], &Settings::default()).diagnostics;
        assert!(found.is_empty(), "{name}: {found:#?}");
    }
}

#[test]
fn every_file_has_the_form_that_fmt_writes() {
    let library = standard_files().into_iter().map(|(name, text)| (name.to_owned(), text.to_owned()));
    for (name, text) in library.chain(tests()) {
        assert_eq!(format(&map(&name, &text).files()[0]).unwrap(), text, "{name}");
    }
}

#[test]
fn every_block_says_what_it_does() {
    for file in block::all() {
        assert!(file.comment.join("\n").ends_with('.'), "{}", file.name);
        for block in &file.blocks {
            let text = block.comment.join("\n");
            assert!(text.ends_with('.'), "{}: {text}", block.name);
            // An activation is no paper's.
            assert!(text.contains("(http") || block.name == "Activation", "{} names no paper", block.name);
            assert_eq!(block.types().0, block.inputs, "{}: the inputs and the line of shapes", block.name);
        }
    }
}

/// The types behind the arrow are those that the compiler finds, whatever the sizes.
#[test]
fn every_block_gives_the_shapes_that_it_says() {
    for file in block::all() {
        for block in &file.blocks {
            let probe = probe::probe(file.name, block);
            assert!(probe.checked.diagnostics.is_empty(), "{}\n{:#?}", probe.text, probe.checked.diagnostics);
            let asserts = |line: u32| {
                line.checked_sub(1)
                    .is_some_and(|line| probe.text.lines().nth(line as usize).unwrap().contains("assert"))
            };
            let assumed: Vec<_> = probe.requires.iter().filter(|(_, line)| asserts(*line)).collect();
            assert!(assumed.is_empty(), "{} has these shapes only if {assumed:?}", block.name);
        }
    }
}

/// Where the paper has another initial value than the layer of that kind.
#[test]
fn blocks_begin_as_their_papers_say() {
    for (file, model, path, wanted) in [
        ("residual", "ReZeros", "f[0].alpha", "zeros()"),
        ("residual", "LayerScales", "f.gamma", "constant(val=1e-5)"),
        ("gated", "Highways", "f[0].gate.bias", "constant(val=-1)"),
        ("convolution", "ConvNeXt", "f.gamma", "constant(val=1e-6)"),
        ("vision", "Vit", "f.class_token", "zeros()"),
        ("vision", "Vit", "f.pos_embedding", "normal(mean=0, std=0.02)"),
        ("language", "Tied", "f.embed.token.weight", "normal(mean=0, std=0.02)"),
    ] {
        let models = compile(&Path::new(FOLDER).join(format!("{file}.wnet")));
        let model = models.iter().find(|found| found.graph.name == model).unwrap();
        let storage = model.graph.storages.iter().find(|(_, storage)| storage.path.as_str() == path).unwrap().1;
        assert_eq!(storage.init.to_string(), wanted, "{file}: {path}");
    }
}

#[test]
fn every_block_is_tried() {
    let mut used = BTreeSet::new();
    for (name, text) in tests() {
        let tree = check(&map(&name, &text).files()[0], &Settings::default()).tree;
        for item in &tree.items {
            let Item::Model(model) = item else { continue };
            for statement in &model.body {
                let Statement::Layer(layer) = statement else { continue };
                let LayerBody::Chain(kinds) = &layer.body else { continue };
                used.extend(kinds.iter().map(|kind| (name.clone(), kind.path[0].text.clone())));
            }
        }
    }
    for file in block::all() {
        for block in &file.blocks {
            assert!(used.contains(&(file.name.to_owned(), block.name.clone())), "{} isn't tried", block.name);
        }
    }
}

#[test]
fn every_block_has_the_values_of_pytorch() {
    let files = names(FOLDER, ".wnet");
    assert_eq!(files, names(FOLDER, ".npz"));
    let (mut count, mut wrong) = (0, Vec::new());
    for file in &files {
        let models = compile(&Path::new(FOLDER).join(format!("{file}.wnet")));
        let mut tried = BTreeSet::new();
        for (name, case) in cases(&Path::new(FOLDER).join(format!("{file}.npz"))) {
            let name_of_model = name.strip_suffix("_train").unwrap_or(&name);
            let model = models.iter().find(|model| &*model.graph.name == name_of_model).unwrap();
            let mut found: Vec<String> = compare::<f64>(model, &case, 1e-10);
            if found.is_empty() && !case.arrays.contains_key("f64") {
                found.extend(compare::<f32>(model, &case, 1e-4).into_iter().map(|message| format!("f32: {message}")));
            }
            wrong.extend(found.into_iter().map(|message| format!("{file} {name}: {message}")));
            tried.insert(name_of_model.to_owned());
            count += 1;
        }
        let written: BTreeSet<String> = models.iter().map(|model| model.graph.name.clone()).collect();
        assert_eq!(written, tried, "{file}");
    }
    assert!(wrong.is_empty(), "{} differences\n{}", wrong.len(), wrong.join("\n"));
    assert!(count >= 79, "{count} cases");
}

#[test]
fn the_page_is_current() {
    let wanted = page::page(&block::all());
    common::is_current(PAGE, &wanted, "std");
}
