//! Outputs, losses and gradients of the examples and of every operator against PyTorch's; `make_reference.py` beside the
//! values made them.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may panic"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use wnet::diag::Diagnostics;
use wnet::exec::Float;
use wnet::run::{Outcome, Request, run};
use wnet::span::SourceMap;
use wnet::weights::{self, Array, Contents, Elements};
use wnet::{CheckedModel, Settings, check};

const FOLDER: &str = "tests/reference";

fn compile(path: &Path) -> CheckedModel {
    let mut map = SourceMap::new();
    map.add(path.to_string_lossy(), fs::read_to_string(path).unwrap()).unwrap();
    let mut checked = check(&map.files()[0], &Settings::default());
    assert_eq!(checked.models.len(), 1, "{}: {:#?}", path.display(), checked.diagnostics);
    checked.models.pop().unwrap()
}

/// The arrays whose names begin so, by the rest of their names.
fn part(all: &Contents, prefix: &str) -> Contents {
    let arrays =
        all.arrays.iter().filter_map(|(name, array)| Some((name.strip_prefix(prefix)?.to_owned(), array.clone())));
    Contents { arrays: arrays.collect(), ..Contents::default() }
}

fn floats(array: &Array) -> Vec<f64> {
    match &array.elements {
        Elements::F32(elements) => elements.iter().map(|x| f64::from(*x)).collect(),
        Elements::F64(elements) => elements.clone(),
        Elements::I64(elements) => elements.iter().map(|x| *x as f64).collect(),
        Elements::Bool(elements) => elements.iter().map(|x| f64::from(u8::from(*x))).collect(),
    }
}

/// Equal within a tolerance relative to the largest element, so that what cancels to nearly 0 doesn't count.
fn close(what: &str, found: &Array, wanted: &Array, tolerance: f64) {
    assert_eq!(found.shape, wanted.shape, "{what}");
    let (found, wanted) = (floats(found), floats(wanted));
    let scale = wanted.iter().fold(0.0f64, |largest, x| largest.max(x.abs()));
    for (index, (x, y)) in found.iter().zip(&wanted).enumerate() {
        assert!((x - y).abs() <= tolerance * scale.max(1e-3), "{what}, element {index}: {x} and not {y}");
    }
}

fn compare<T: Float>(name: &str, model: &CheckedModel, all: &Contents, dtype: &str, tolerance: f64) {
    let wanted = part(all, &format!("{dtype}."));
    let seeds = part(&wanted, "grad_outputs.");
    let request = Request {
        data: Some(part(&wanted, "inputs.")),
        weights: Some(part(&wanted, "weights.")),
        backward: true,
        grad_outputs: (!seeds.arrays.is_empty()).then_some(seeds),
        ..Request::default()
    };
    let mut diagnostics = Diagnostics::new();
    let outcome = run::<T>(model, &request, &mut diagnostics);
    let Outcome { outputs, loss, gradients, .. } = outcome.unwrap_or_else(|| panic!("{name}: {diagnostics:#?}"));
    let mut seen = BTreeSet::new();
    for (output, array) in &outputs {
        close(
            &format!("{name} {dtype} output {output}"),
            array,
            &wanted.arrays[&format!("outputs.{output}")],
            tolerance,
        );
    }
    assert_eq!(outputs.len(), part(&wanted, "outputs.").arrays.len(), "{name}");
    if let Some(expected) = wanted.arrays.get("loss") {
        let loss = Array { shape: vec![], elements: Elements::F64(vec![loss.unwrap()]) };
        close(&format!("{name} {dtype} loss"), &loss, expected, tolerance);
    }
    for gradient in &gradients {
        let what = format!("{name} {dtype} gradient of {}", gradient.path);
        match wanted.arrays.get(&format!("grads.{}", gradient.key)) {
            Some(expected) => close(&what, &gradient.array, expected, tolerance),
            // PyTorch has none where nothing hangs on it.
            None => assert!(floats(&gradient.array).iter().all(|x| *x == 0.0), "{what}"),
        }
        seen.insert(gradient.key.clone());
    }
    for key in part(&wanted, "grads.").arrays.keys() {
        assert!(seen.contains(key), "{name} {dtype}: no gradient of {key}");
    }
}

#[test]
fn values_are_those_of_pytorch() {
    let mut names: Vec<String> = fs::read_dir(FOLDER)
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().to_str()?.strip_suffix(".npz").map(str::to_owned))
        .collect();
    names.sort();
    assert!(names.len() >= 50, "{names:?}");
    for name in &names {
        let own = Path::new(FOLDER).join(format!("{name}.wnet"));
        let path = if own.exists() { own } else { Path::new("examples").join(format!("{name}.wnet")) };
        let model = compile(&path);
        let all = weights::read(&Path::new(FOLDER).join(format!("{name}.npz"))).unwrap();
        compare::<f64>(name, &model, &all, "f64", 1e-10);
        compare::<f32>(name, &model, &all, "f32", 1e-5);
    }
}
