//! How long a check takes, over the number of layers or calls: `cargo bench --bench front_end`. The time must grow with
//! the file only.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a bench may panic")]

use divan::Bencher;
use divan::counter::ItemsCount;
use std::fmt::Write;
use wnet::span::SourceMap;
use wnet::{Checked, Settings, check};

/// From a hundred to a hundred thousand.
const SIZES: [usize; 4] = [100, 1_000, 10_000, 100_000];

fn main() {
    divan::main();
}

/// A file in memory, as `wnetc check` has it after reading.
fn file(text: &str) -> SourceMap {
    let mut map = SourceMap::new();
    map.add("bench.wnet", text).unwrap();
    map
}

fn checked(map: &SourceMap) -> Checked {
    let checked = check(&map.files()[0], &Settings::default());
    assert!(checked.diagnostics.is_empty() && checked.models[0].sound);
    checked
}

fn measure(bencher: Bencher, count: usize, text: &str) {
    let map = file(text);
    bencher.counter(ItemsCount::new(count)).bench(|| checked(&map));
}

/// `count` layers, each called once, one after another.
#[divan::bench(args = SIZES, sample_count = 10)]
fn chain_of_layers(bencher: Bencher, count: usize) {
    let mut text = "model Chain {\n    input x: [batch, 8]\n    h = x\n".to_owned();
    for index in 0..count {
        writeln!(text, "    layer l{index} = Linear(8, 8)\n    h = relu(l{index}(h))").unwrap();
    }
    text.push_str("    output h\n}\n");
    measure(bencher, count, &text);
}

/// One layer, called `count` times, each call a statement.
#[divan::bench(args = SIZES, sample_count = 10)]
fn calls_of_one_layer(bencher: Bencher, count: usize) {
    let mut text = "model Calls {\n    input x: [batch, 8]\n    layer l = Linear(8, 8)\n    h = x\n".to_owned();
    text.push_str(&"    h = relu(l(h))\n".repeat(count));
    text.push_str("    output h\n}\n");
    measure(bencher, count, &text);
}

/// One layer, called `count` times by a repeat.
#[divan::bench(args = SIZES, sample_count = 10)]
fn repeat_of_one_layer(bencher: Bencher, count: usize) {
    let text = format!(
        "model Repeat {{\n    input x: [batch, 8]\n    layer l = Linear(8, 8)\n    output x -> (l -> relu)^{count}\n}}\n"
    );
    measure(bencher, count, &text);
}

/// `count` layers whose weights are one param, called once each.
#[divan::bench(args = SIZES, sample_count = 10)]
fn slots_of_one_param(bencher: Bencher, count: usize) {
    let mut text =
        "model Tied {\n    input x: [batch, 8]\n    param p: [8, 8] = normal(std=0.1)\n    h = x\n".to_owned();
    for index in 0..count {
        writeln!(text, "    layer l{index} = Linear(8, 8) weight=@p\n    h = relu(l{index}(h))").unwrap();
    }
    text.push_str("    output h\n}\n");
    measure(bencher, count, &text);
}
