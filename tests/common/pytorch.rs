//! Models against stored values of PyTorch: outputs, loss, gradients, and buffers after a call in train mode.
//! `tests/reference/ops/reference.py` says what stands in the files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use wnet::diag::Diagnostics;
use wnet::exec::Float;
use wnet::ops::Mode;
use wnet::run::{Outcome, Request, run};
use wnet::span::SourceMap;
use wnet::weights::{self, Array, Contents, Elements};
use wnet::{CheckedModel, Settings, check};

/// The names of the files in a folder that end so, without that ending.
pub fn names(folder: &str, ending: &str) -> BTreeSet<String> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    files.filter_map(|name| name.strip_suffix(ending).map(str::to_owned)).collect()
}

/// The models of a file, none of which has a mistake.
pub fn compile(path: &Path) -> Vec<CheckedModel> {
    compile_with(path, &Settings::default())
}

pub fn compile_with(path: &Path, settings: &Settings) -> Vec<CheckedModel> {
    let mut map = SourceMap::new();
    map.add(path.to_string_lossy(), fs::read_to_string(path).unwrap()).unwrap();
    let checked = check(&map.files()[0], settings);
    for model in &checked.models {
        assert!(model.sound, "{}: {:#?}", path.display(), checked.diagnostics);
    }
    assert!(!checked.models.is_empty(), "{}: {:#?}", path.display(), checked.diagnostics);
    checked.models
}

/// The arrays of each case, by the rest of their names.
pub fn cases(path: &Path) -> BTreeMap<String, Contents> {
    let mut cases: BTreeMap<String, Contents> = BTreeMap::new();
    for (name, array) in weights::read(path).unwrap().arrays {
        let (case, name) = name.split_once('.').unwrap();
        cases.entry(case.to_owned()).or_default().arrays.insert(name.to_owned(), array);
    }
    cases
}

/// The arrays whose names begin so, in this float type.
pub fn part<T: Float>(all: &Contents, prefix: &str) -> Contents {
    let convert = |array: &Array| {
        let elements = match &array.elements {
            Elements::F64(elements) if T::NAME == "f32" => Elements::F32(elements.iter().map(|x| *x as f32).collect()),
            elements => elements.clone(),
        };
        Array { shape: array.shape.clone(), elements }
    };
    let arrays = all.arrays.iter().filter_map(|(name, array)| Some((name.strip_prefix(prefix)?.to_owned(), array)));
    Contents { arrays: arrays.map(|(name, array)| (name, convert(array))).collect(), ..Contents::default() }
}

pub fn floats(array: &Array) -> Vec<f64> {
    match &array.elements {
        Elements::F32(elements) => elements.iter().map(|x| f64::from(*x)).collect(),
        Elements::F64(elements) => elements.clone(),
        Elements::I64(elements) => elements.iter().map(|x| *x as f64).collect(),
        Elements::Bool(elements) => elements.iter().map(|x| f64::from(u8::from(*x))).collect(),
    }
}

/// How two arrays differ; relative to the largest element, so that what cancels to nearly 0 doesn't count.
pub fn difference(found: &Array, wanted: &Array, tolerance: f64) -> Option<String> {
    if found.shape != wanted.shape {
        return Some(format!("its shape is {:?} and not {:?}", found.shape, wanted.shape));
    }
    let is_float = |array: &Array| matches!(array.elements, Elements::F32(_) | Elements::F64(_));
    if is_float(found) != is_float(wanted) || (!is_float(found) && found.elements.name() != wanted.elements.name()) {
        return Some(format!("it is {} and not {}", found.elements.name(), wanted.elements.name()));
    }
    let (found, wanted) = (floats(found), floats(wanted));
    let finite = wanted.iter().filter(|x| x.is_finite());
    let scale = finite.fold(1e-3f64, |largest, x| largest.max(x.abs()));
    let close = |x: f64, y: f64| x == y || (x.is_nan() && y.is_nan()) || (x - y).abs() <= tolerance * scale;
    let (index, (x, y)) = found.iter().zip(&wanted).enumerate().find(|(_, (x, y))| !close(**x, **y))?;
    Some(format!("element {index} is {x} and not {y}"))
}

/// What is wrong with one case in one float type. A loss is compared where the case has one, and is then what the gradients
/// are of.
pub fn compare<T: Float>(model: &CheckedModel, case: &Contents, tolerance: f64) -> Vec<String> {
    let seeds = part::<T>(case, "grad_outputs.");
    let expected_loss = part::<f64>(case, "loss").arrays.shift_remove("");
    let has_seeds = !seeds.arrays.is_empty();
    let request = Request {
        data: Some(part::<T>(case, "inputs.")),
        weights: Some(part::<T>(case, "weights.")),
        mode: if case.arrays.contains_key("train") { Mode::Train } else { Mode::Eval },
        backward: has_seeds || expected_loss.is_some(),
        grad_outputs: has_seeds.then_some(seeds),
        keep_weights: true,
        ..Request::default()
    };
    let mut diagnostics = Diagnostics::new();
    let Some(outcome) = run::<T>(model, &request, &mut diagnostics) else {
        let messages: Vec<String> = diagnostics.sorted().into_iter().map(|found| found.message).collect();
        return vec![messages.join("; ")];
    };
    let Outcome { outputs, loss, gradients, weights, .. } = outcome;
    let constants = part::<T>(case, "constants.");
    let gradients = gradients
        .into_iter()
        .filter(|gradient| gradient.key.strip_prefix("input.").is_none_or(|name| !constants.arrays.contains_key(name)))
        .map(|gradient| (gradient.key, gradient.array));
    let after = part::<f64>(case, "after.");
    let buffers = weights.into_iter().filter(|(key, _)| after.arrays.contains_key(key));
    let parts: [(&str, BTreeMap<String, Array>); 3] =
        [("outputs.", outputs.into_iter().collect()), ("grads.", gradients.collect()), ("after.", buffers.collect())];
    let mut wrong = Vec::new();
    if let Some(expected) = expected_loss {
        let found = Array { shape: vec![], elements: Elements::F64(loss.into_iter().collect()) };
        wrong.extend(difference(&found, &expected, tolerance).map(|how| format!("loss: {how}")));
    }
    for (prefix, found) in parts {
        let mut wanted = part::<f64>(case, prefix);
        for (key, array) in &found {
            // PyTorch has no gradient where nothing hangs on it.
            let zeros =
                || Array { shape: array.shape.clone(), elements: Elements::F64(vec![0.0; floats(array).len()]) };
            let expected = wanted.arrays.shift_remove(key).unwrap_or_else(zeros);
            wrong.extend(difference(array, &expected, tolerance).map(|how| format!("{prefix}{key}: {how}")));
        }
        wrong.extend(wanted.arrays.keys().map(|key| format!("{prefix}{key} is missing")));
    }
    wrong
}

/// What is wrong with one case in f64, within 1e-10, and then in f32, within 1e-4 unless that is left out.
pub fn compare_both(model: &CheckedModel, case: &Contents) -> Vec<String> {
    let found = compare::<f64>(model, case, 1e-10);
    if !found.is_empty() || case.arrays.contains_key("f64") {
        return found;
    }
    compare::<f32>(model, case, 1e-4).into_iter().map(|message| format!("f32: {message}")).collect()
}
