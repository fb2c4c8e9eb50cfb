//! The workloads of `benches/models`, at small sizes: outputs, loss, gradients, every weight after a step, and the losses of
//! 100 steps are PyTorch's. `tests/reference/workloads/make_workloads.py` says what is stored.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::Folder;
use common::pytorch::{compare, difference, floats, names, part};
use indexmap::IndexMap;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use wnet::data::{Dataset, Request, Tokens};
use wnet::diag::Diagnostics;
use wnet::recipe::Settings;
use wnet::run::{Purpose, load, saved};
use wnet::span::SourceMap;
use wnet::train::{Batched, Examples, Method, Setup, Trained, Trainer, plans, wanted};
use wnet::weights::{self, Array, Contents, Elements};
use wnet::{Checked, CheckedModel, check};

const FOLDER: &str = "tests/reference/workloads";
const STEPS: usize = 100;

/// A workload with what PyTorch makes of it.
struct Workload {
    name: String,
    checked: Checked,
    /// How many examples a step sees.
    batch: usize,
    case: Contents,
    /// Of the steps.
    losses: Vec<f64>,
}

fn workloads() -> Vec<Workload> {
    let text = fs::read_to_string(Path::new(FOLDER).join("workloads.json")).unwrap();
    let all: BTreeMap<String, Json> = serde_json::from_str(&text).unwrap();
    assert_eq!(all.keys().cloned().collect::<BTreeSet<_>>(), names(FOLDER, ".npz"));
    all.iter().map(|(name, entry)| workload(name, entry)).collect()
}

fn workload(name: &str, entry: &Json) -> Workload {
    let path = format!("benches/models/{}.wnet", entry["file"].as_str().unwrap());
    let int = |json: &Json| wnet::ops::Value::Int(json.as_i64().unwrap().into());
    let set = entry["set"].as_object().unwrap().iter().map(|(name, json)| (name.clone(), int(json))).collect();
    let mut map = SourceMap::new();
    map.add(path.as_str(), fs::read_to_string(&path).unwrap()).unwrap();
    let checked = check(&map.files()[0], &wnet::Settings { set, ..wnet::Settings::default() });
    assert!(checked.diagnostics.is_empty(), "{path}: {:#?}", checked.diagnostics);
    let mut case = weights::read(&Path::new(FOLDER).join(format!("{name}.npz"))).unwrap();
    let losses = floats(&case.arrays.shift_remove("losses").unwrap());
    assert_eq!(losses.len(), STEPS);
    let batch = usize::try_from(entry["batch"].as_u64().unwrap()).unwrap();
    Workload { name: name.to_owned(), checked, batch, case, losses }
}

impl Workload {
    fn model(&self) -> &CheckedModel {
        &self.checked.models[0]
    }

    /// What the `train` block of the file says.
    fn method(&self) -> Method {
        let settings = Settings::of(&self.checked.recipes, &self.model().graph.name);
        let optimizer = settings.optimizer.unwrap().optimizer().unwrap();
        Method { optimizer, schedule: None, clip_norm: None, clip_value: None }
    }

    /// Trains with batches of this size, for so many steps; gives the loss of each, and the weights that it came to.
    fn train<T: Trained>(&self, folder: &Folder, batch: usize, steps: usize) -> (Vec<f64>, Vec<(String, Array)>) {
        let path = folder.path(&format!("{}.npz", T::NAME));
        let inputs = part::<T>(&self.case, "inputs.");
        weights::write(Path::new(&path), inputs.arrays.iter().map(|(name, array)| (name.as_str(), array)), &[])
            .unwrap();
        let wanted = wanted(self.model(), &IndexMap::new());
        let (memory, tokens) = (u64::MAX, Tokens::Characters);
        let request = Request { wanted: &wanted, memory, window: None, tokens, vocabularies: None };
        let mut data = Dataset::open::<T>(Path::new(&path), &request).unwrap();
        let mut found = Diagnostics::new();
        let made =
            plans(self.model(), &IndexMap::new(), &data, [data.n_examples(), batch], Purpose::Training, &mut found);
        let training: Vec<Batched> = made.unwrap();
        let setup = Setup {
            training: &training,
            validation: &[],
            examples: Examples::all(data.n_examples(), 0),
            method: self.method(),
            epochs: 1000,
            shuffle: false,
            seed: 0,
        };
        let mut trainer = Trainer::<T>::new(setup).unwrap();
        load(trainer.machine().unwrap(), &part::<T>(&self.case, "weights."), &mut found).unwrap();
        assert!(!found.has_errors());
        let mut losses = Vec::new();
        while losses.len() < steps {
            losses.push(trainer.step(&mut data).unwrap().loss);
            if trainer.is_epoch_over() {
                trainer.end_epoch(None).unwrap();
            }
        }
        (losses, saved(trainer.machine().unwrap()))
    }

    /// How every weight after a step differs. An optimizer that divides gradients by their size makes of one that is as small
    /// as rounding a step of any length: elements with such gradients are compared in f64 only.
    fn stepped<T: Trained>(&self, folder: &Folder, tolerance: f64) -> Vec<String> {
        let (_, weights) = self.train::<T>(folder, usize::MAX, 1);
        let (wanted, gradients) = (part::<f64>(&self.case, "stepped."), part::<f64>(&self.case, "grads."));
        assert_eq!(weights.len(), wanted.arrays.len(), "{}", self.name);
        let compared = weights.iter().filter_map(|(key, found)| {
            let wanted = &wanted.arrays[key];
            let (mut elements, exact) = (floats(found), floats(wanted));
            for ((element, exact), gradient) in elements.iter_mut().zip(&exact).zip(floats(&gradients.arrays[key])) {
                let is_rounding = T::NAME == "f32" && gradient.abs() < 1e-6 && (*element - exact).abs() < 1e-3;
                *element = if is_rounding { *exact } else { *element };
            }
            let found = Array { shape: found.shape.clone(), elements: Elements::F64(elements) };
            difference(&found, wanted, tolerance).map(|how| format!("{key}: {how}"))
        });
        compared.collect()
    }

    /// The largest difference of the losses of the steps.
    fn strays<T: Trained>(&self, folder: &Folder) -> f64 {
        let (losses, _) = self.train::<T>(folder, self.batch, STEPS);
        losses.iter().zip(&self.losses).fold(0.0, |most, (found, wanted)| most.max((found - wanted).abs()))
    }
}

#[test]
fn outputs_loss_and_gradients_are_those_of_pytorch() {
    for workload in workloads() {
        for (dtype, wrong) in [
            ("f64", compare::<f64>(workload.model(), &workload.case, 1e-12)),
            ("f32", compare::<f32>(workload.model(), &workload.case, 1e-5)),
        ] {
            assert!(wrong.is_empty(), "{} {dtype}: {wrong:#?}", workload.name);
        }
    }
}

#[test]
fn every_weight_after_a_step_is_that_of_pytorch() {
    let folder = Folder::new();
    for workload in workloads() {
        for (dtype, wrong) in
            [("f64", workload.stepped::<f64>(&folder, 1e-11)), ("f32", workload.stepped::<f32>(&folder, 1e-6))]
        {
            assert!(wrong.is_empty(), "{} {dtype}: {wrong:#?}", workload.name);
        }
    }
}

#[test]
fn a_hundred_steps_follow_pytorch() {
    let folder = Folder::new();
    for workload in workloads() {
        for (dtype, strays, most) in
            [("f64", workload.strays::<f64>(&folder), 1e-9), ("f32", workload.strays::<f32>(&folder), 1e-4)]
        {
            assert!(strays < most, "{} {dtype}: {strays:e}", workload.name);
        }
        let (first, second) = workload.losses.split_at(STEPS / 2);
        assert!(first.iter().sum::<f64>() > second.iter().sum(), "{}", workload.name);
    }
}
