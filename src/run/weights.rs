//! Storages by the keys of files. A storage is found under its owner's key or any member's, through the member's view;
//! it is written under its owner's alone.

use super::RunError;
use super::inputs::surplus;
use crate::diag::Diagnostics;
use crate::exec::{Float, Machine};
use crate::plan::{Member, Storage, Strided};
use crate::tensor::nest::{Nest, dense_steps};
use crate::tensor::{Slice, SliceMut};
use crate::weights::{Array, Contents, Elements};
use serde_json::{Map, json};

/// The name under which PyTorch counts batches, which no model of ours needs.
const COUNTER: &str = "num_batches_tracked";

/// Reads every storage from a file's arrays. `None` if one is missing, surplus, of another shape, or there twice with
/// different elements.
pub fn load<T: Float>(machine: &mut Machine<'_, T>, contents: &Contents, diagnostics: &mut Diagnostics) -> Option<()> {
    let plan = machine.plan();
    let known: Vec<String> = plan.storages.iter().flat_map(keys).map(|(key, _)| key).collect();
    let counters = contents.arrays.keys().filter(|name| name.rsplit('.').next() == Some(COUNTER));
    let known = known.iter().chain(counters).map(String::as_str);
    surplus(contents, "weights", "param, buffer or slot", known, diagnostics);
    note_conversion(contents, T::NAME, diagnostics);
    for storage in &plan.storages {
        let shape = plan.tensors[storage.tensor].shape.clone();
        let Some(values) = assemble::<T>(storage, &shape, contents, diagnostics) else { continue };
        match machine.slice_mut(storage.tensor) {
            SliceMut::Float(out) => out.copy_from_slice(&values),
            SliceMut::Int(out) => out.iter_mut().zip(&values).for_each(|(out, value)| *out = value.to_f64() as i64),
            SliceMut::Bool(out) => out.iter_mut().zip(&values).for_each(|(out, value)| *out = *value != T::zero()),
        }
    }
    (!diagnostics.has_errors()).then_some(())
}

/// The keys under which a storage may stand, its owner's first, and the member of each.
fn keys(storage: &Storage) -> Vec<(String, Option<&Member>)> {
    let mut keys = vec![(storage.path.key(), None)];
    for member in storage.members.iter().filter(|member| member.path != storage.path) {
        keys.push((member.path.key(), Some(member)));
    }
    keys
}

fn assemble<T: Float>(
    storage: &Storage,
    shape: &[usize],
    contents: &Contents,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<T>> {
    let len = shape.iter().product();
    let keys = keys(storage);
    let mut present = keys.iter().filter(|(key, _)| contents.arrays.contains_key(key));
    if let (Some((key, member)), None) = (present.next(), present.next())
        && member.is_none_or(|member| member.copies.is_empty())
        && let Some(array) = contents.arrays.get(key)
    {
        // The common case needs no table of what came from where.
        fits(key, array, shape, diagnostics)?;
        return elements(key, array, diagnostics);
    }
    let mut values = vec![T::zero(); len];
    // Which key an element came from.
    let mut from: Vec<Option<usize>> = vec![None; len];
    for (index, (key, member)) in keys.iter().enumerate() {
        let Some(array) = contents.arrays.get(key) else { continue };
        fits(key, array, member.map_or(shape, |member| &member.shape), diagnostics)?;
        let elements = elements::<T>(key, array, diagnostics)?;
        let places = places(len, member.map_or(&[], |member| &member.copies));
        let mut largest: Option<(usize, f64)> = None;
        for (place, element) in places.into_iter().zip(elements) {
            let (Some(value), Some(from)) = (values.get_mut(place), from.get_mut(place)) else { continue };
            match *from {
                None => (*value, *from) = (element, Some(index)),
                Some(first) => {
                    let difference = (value.to_f64() - element.to_f64()).abs();
                    let same = *value == element || (value.is_nan() && element.is_nan());
                    if !same && largest.is_none_or(|(_, largest)| difference > largest) {
                        largest = Some((first, difference));
                    }
                }
            }
        }
        if let Some((first, difference)) = largest {
            let first = keys.get(first).map_or_else(String::new, |(key, _)| key.clone());
            diagnostics.push(RunError::WeightsDisagree { first, second: key.clone(), difference });
            return None;
        }
    }
    if from.iter().any(Option::is_none) || (len == 0 && keys.iter().all(|(key, _)| !contents.arrays.contains_key(key)))
    {
        let others: Vec<String> = keys.iter().skip(1).map(|(key, _)| format!("`{key}`")).collect();
        let help = (!others.is_empty()).then(|| format!("it may also stand under {}", others.join(", ")));
        diagnostics.push(RunError::MissingWeight { path: storage.path.key(), help });
        return None;
    }
    Some(values)
}

fn fits(key: &str, array: &Array, wanted: &[usize], diagnostics: &mut Diagnostics) -> Option<()> {
    if array.shape != wanted {
        diagnostics.push(RunError::ArrayShape {
            name: key.to_owned(),
            found: format!("{:?}", array.shape),
            wanted: format!("{wanted:?}"),
        });
        return None;
    }
    Some(())
}

/// Says once that weights had another float type than the run has.
fn note_conversion(contents: &Contents, wanted: &'static str, diagnostics: &mut Diagnostics) {
    let float = |array: &Array| matches!(array.elements, Elements::F32(_) | Elements::F64(_));
    let mut others = contents.arrays.iter().filter(|(_, array)| float(array) && array.elements.name() != wanted);
    let Some((name, array)) = others.next() else { return };
    let what = match others.count() {
        0 => format!("`{name}` was"),
        1 => format!("`{name}` and one more array were"),
        more => format!("`{name}` and {more} more arrays were"),
    };
    diagnostics.push(RunError::Converted { what, found: array.elements.name(), wanted });
}

/// The elements as floats of the run's type.
fn elements<T: Float>(key: &str, array: &Array, diagnostics: &mut Diagnostics) -> Option<Vec<T>> {
    let found = array.elements.name();
    let values: Vec<T> = match &array.elements {
        Elements::F32(values) => values.iter().map(|value| T::from_f64(f64::from(*value))).collect(),
        Elements::F64(values) => values.iter().map(|value| T::from_f64(*value)).collect(),
        Elements::I64(_) | Elements::Bool(_) => {
            diagnostics.push(RunError::ArrayElement {
                name: key.to_owned(),
                found: found.to_owned(),
                wanted: T::NAME.to_owned(),
                labels: Vec::new(),
                help: None,
            });
            return None;
        }
    };
    Some(values)
}

/// Where in a storage each element that a member sees lies.
fn places(len: usize, copies: &[Strided]) -> Vec<usize> {
    let mut seen: Vec<usize> = (0..len).collect();
    for copy in copies {
        let nest = Nest::new(&copy.shape, [&copy.steps, &dense_steps(&copy.shape)]);
        let mut next = vec![0; copy.shape.iter().product()];
        nest.for_each_run(|[from, to], length, [step, distance]| {
            for index in 0..length {
                let source = seen.get(copy.start + from + index * step).copied();
                if let (Some(source), Some(next)) = (source, next.get_mut(to + index * distance)) {
                    *next = source;
                }
            }
        });
        seen = next;
    }
    seen
}

/// Every storage under its owner's key.
#[must_use]
pub fn saved<T: Float>(machine: &Machine<'_, T>) -> Vec<(String, Array)> {
    let storages = machine.plan().storages.iter();
    storages.map(|storage| (storage.path.key(), super::results::array(machine, storage.tensor))).collect()
}

/// The metadata `wnet.aliases`: for each member that owns nothing, its owner and what it sees of it.
#[must_use]
pub fn aliases<T: Float>(machine: &Machine<'_, T>) -> String {
    let mut members = Map::new();
    for storage in &machine.plan().storages {
        for member in storage.members.iter().filter(|member| member.path != storage.path) {
            let view = if member.view.is_empty() { "whole" } else { &member.view };
            members.insert(member.path.key(), json!({"owner": storage.path.key(), "view": view}));
        }
    }
    serde_json::Value::Object(members).to_string()
}

/// The elements of a float tensor; none of another.
pub(super) fn floats<T: Float>(data: Slice<'_, T>) -> &[T] {
    if let Slice::Float(data) = data { data } else { &[] }
}
