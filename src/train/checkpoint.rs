//! A training run between two steps as arrays and a text, and back: the weights, what the optimizer keeps of each storage
//! (`optimizer.STATE.KEY`), and the numbers that training goes on from.

use super::{Sums, Trained, Trainer};
use crate::exec::Float;
use crate::plan::Plan;
use crate::weights::{Array, Contents, Elements};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The metadata that holds a `Progress`.
pub const PROGRESS: &str = "wnet.training";

/// How far a run has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// Whole ones.
    pub epochs: u64,
    /// How many steps of the next there were.
    pub done: u64,
    /// What they came to.
    pub sums: Sums,
}

/// The numbers of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    pub position: Position,
    pub steps: u64,
    /// What the optimizer and the schedule remember, by name.
    pub carried: BTreeMap<String, f64>,
    /// The epoch with the lowest loss so far, and that loss.
    pub best: Option<(u64, f64)>,
    /// What decides how it goes on: it can be resumed only with the same.
    pub settings: BTreeMap<String, String>,
    /// The lines of the log.
    pub log: Vec<String>,
}

/// Why a checkpoint can't be gone on from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It holds no run.
    Missing,
    /// An array of it is missing, or of another shape or type.
    Array(String),
}

impl<T: Trained> Trainer<'_, T> {
    /// The states of the optimizer, and what it and the schedule carry.
    pub fn states(&mut self) -> (Vec<(String, Array)>, Progress) {
        let keys = self.keys();
        let position = self.position;
        let (states, method) = self.kept();
        let steps = states.steps;
        let arrays = states
            .iter_mut()
            .map(|(storage, name, values)| {
                let elements = elements::<T>(values);
                (key(&keys, storage, name), Array { shape: vec![values.len()], elements })
            })
            .collect();
        let mut carried = BTreeMap::new();
        if let Some((name, value)) = method.optimizer.carried() {
            carried.insert(format!("optimizer.{name}"), *value);
        }
        for (name, value) in method.schedule.iter_mut().flat_map(|schedule| schedule.carried()) {
            carried.insert(format!("schedule.{name}"), *value);
        }
        (arrays, Progress { position, steps, carried, ..Progress::default() })
    }

    /// Goes on from a checkpoint, whose weights were loaded already.
    pub fn restore(&mut self, contents: &Contents, progress: &Progress) -> Result<(), Unfit> {
        let keys = self.keys();
        self.position = progress.position;
        let (states, method) = self.kept();
        states.steps = progress.steps;
        for (storage, name, values) in states.iter_mut() {
            let key = key(&keys, storage, name);
            let array = contents.arrays.get(&key);
            let fits = array.is_some_and(|array| match &array.elements {
                Elements::F32(from) if T::NAME == "f32" && from.len() == values.len() => {
                    values.iter_mut().zip(from).for_each(|(to, from)| *to = T::from_f64(f64::from(*from)));
                    true
                }
                Elements::F64(from) if T::NAME == "f64" && from.len() == values.len() => {
                    values.iter_mut().zip(from).for_each(|(to, from)| *to = T::from_f64(*from));
                    true
                }
                _ => false,
            });
            if !fits {
                return Err(Unfit::Array(key));
            }
        }
        if let Some((name, value)) = method.optimizer.carried() {
            *value = progress.carried.get(&format!("optimizer.{name}")).copied().unwrap_or(*value);
        }
        for (name, value) in method.schedule.iter_mut().flat_map(|schedule| schedule.carried()) {
            *value = progress.carried.get(&format!("schedule.{name}")).copied().unwrap_or(*value);
        }
        Ok(())
    }

    /// The key of each storage.
    fn keys(&mut self) -> Vec<String> {
        let keys = |plan: &Plan| plan.storages.iter().map(|storage| storage.path.key()).collect();
        self.machine().map(|machine| keys(machine.plan())).unwrap_or_default()
    }
}

fn key(keys: &[String], storage: usize, state: &str) -> String {
    format!("optimizer.{state}.{}", keys.get(storage).map_or("", String::as_str))
}

fn elements<T: Float>(values: &[T]) -> Elements {
    if T::NAME == "f64" {
        Elements::F64(values.iter().map(|x| x.to_f64()).collect())
    } else {
        Elements::F32(values.iter().map(|x| x.to_f64() as f32).collect())
    }
}

/// The arrays of a checkpoint that are weights, and its numbers.
pub fn read(mut contents: Contents) -> Result<(Contents, Contents, Progress), Unfit> {
    let progress = contents.metadata.get(PROGRESS).and_then(|text| serde_json::from_str(text).ok());
    let progress: Progress = progress.ok_or(Unfit::Missing)?;
    let mut states = Contents::default();
    for (name, array) in std::mem::take(&mut contents.arrays) {
        let into = if name.starts_with("optimizer.") { &mut states } else { &mut contents };
        into.arrays.insert(name, array);
    }
    Ok((contents, states, progress))
}
