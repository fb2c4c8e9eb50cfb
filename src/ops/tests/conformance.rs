//! The cases of all operators, changed in ways that none of them may mind: axes without elements and of one element,
//! ints and bools instead of floats, arguments that are no numbers.

use super::cases::{Case, all};
use super::check::check;
use super::harness::{Run, Tensor, build};
use crate::ops::*;
use crate::shape::{Dim, Element, Facts, Shape, TensorType};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The sizes of the axes of all inputs.
fn sizes(inputs: &[TensorType]) -> BTreeSet<i64> {
    inputs.iter().flat_map(|input| input.shape.iter()).filter_map(Dim::as_const).collect()
}

/// The cases with an axis of another size: every one that has the same, or one axis of the first input alone. The shape
/// rule must take them.
fn resized(case: &Case, size: i64) -> Vec<Case> {
    let Case(def, given, inputs) = case;
    let mut found = Vec::new();
    for old in sizes(inputs).into_iter().filter(|old| *old != size) {
        let dim = |dim: &Dim| if *dim == Dim::from(old) { Dim::from(size) } else { dim.clone() };
        let change =
            |input: &TensorType| TensorType::new(input.element, input.shape.iter().map(dim).collect::<Shape>());
        found.push(Case(def, given.clone(), inputs.iter().map(change).collect()));
    }
    for axis in 0..inputs.first().map_or(0, |input| input.shape.rank()) {
        let mut changed = inputs.clone();
        *changed[0].shape.get_mut(axis).unwrap() = Dim::from(size);
        found.push(Case(def, given.clone(), changed));
    }
    found.retain(Case::is_taken);
    found
}

impl Case {
    /// The shape rule takes it, without anything that has to be looked at again.
    fn is_taken(&self) -> bool {
        let Self(def, given, inputs) = self;
        let mut facts = Facts::new();
        let op = build(def, given, inputs.len());
        op.is_ok_and(|op| op.infer(&mut facts, inputs).is_ok()) && facts.take_required().is_empty()
    }

    fn text(&self) -> String {
        let Self(def, given, inputs) = self;
        let inputs: Vec<String> = inputs.iter().map(ToString::to_string).collect();
        format!("{} {given:?} of {}", def.name, inputs.join(", "))
    }
}

/// Runs what may panic. The message says what is wrong.
fn tried<R>(what: impl FnOnce() -> Result<R, String>) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(what)).unwrap_or_else(|_| Err("it panics".to_owned()))
}

/// Whether there are numbers to compare. A mean over nothing is NaN, and an index into nothing is refused; a row of a table
/// that counts as a constant may be the only one.
fn is_defined(run: &Run<f64>) -> bool {
    let finite = |tensor: &Tensor<f64>| tensor.as_floats().is_none_or(|data| data.iter().all(|x| x.is_finite()));
    let forward = || run.forward().map_err(|error| error.message);
    run.op.constant_row().is_none() && tried(forward).is_ok_and(|results| results.outputs.iter().all(finite))
}

/// The operators for which no case of theirs takes an axis of this size.
fn without_axes_of(size: i64) -> Vec<&'static str> {
    let (mut seen, mut wrong) = (BTreeSet::new(), Vec::new());
    for case in all() {
        let old = sizes(&case.2);
        // What takes no operands with axes has none that could be changed.
        if old.contains(&size) || case.2.is_empty() {
            seen.insert(case.0.name);
        }
        for changed in resized(&case, size) {
            let run = [Mode::Train, Mode::Eval].map(|mode| changed.draw(mode)).into_iter().find(is_defined);
            match run.map_or(Ok(()), |run| tried(|| check(&run))) {
                Ok(()) => _ = seen.insert(changed.0.name),
                Err(message) => wrong.push(format!("{}: {message}", changed.text())),
            }
        }
    }
    assert!(wrong.is_empty(), "{} cases\n{}", wrong.len(), wrong.join("\n"));
    REGISTRY.iter().map(|def| def.name).filter(|name| !seen.contains(name)).collect()
}

#[test]
fn axes_without_elements_are_taken() {
    assert_eq!(without_axes_of(0), [""; 0]);
}

#[test]
fn axes_of_one_element_are_taken() {
    assert_eq!(without_axes_of(1), [""; 0]);
}

/// Where ints or bools are taken in the place of floats, results are those of the same numbers as floats. Numbers in
/// arguments become ints or bools too, so that operators with such are left out.
#[test]
fn ints_and_bools_count_as_the_numbers_that_they_are() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    for case in all() {
        let Case(def, given, inputs) = &case;
        for element in [Element::Int, Element::Bool] {
            let change = |input: &TensorType| match input.element {
                Element::Float => TensorType::new(element, input.shape.clone()),
                _ => input.clone(),
            };
            let changed = Case(def, given.clone(), inputs.iter().map(change).collect());
            let has_numbers = given.iter().any(|(name, _)| def.attribute(name) == Some(Type::Number));
            if changed.2 == *inputs || has_numbers || !changed.is_taken() {
                continue;
            }
            let run = changed.draw(Mode::Eval);
            let operands = run.inputs.iter().zip(inputs);
            let floats = |(found, usual): (&Tensor<f64>, &TensorType)| match usual.element {
                Element::Float => found.as_float(),
                _ => found.clone(),
            };
            let floats = Run { inputs: operands.map(floats).collect(), ..run.clone() };
            let Ok(found) = tried(|| run.forward().map_err(|error| error.message)) else { continue };
            let wanted = floats.forward().unwrap();
            count += 1;
            for (found, wanted) in found.outputs.iter().zip(&wanted.outputs) {
                let (found, wanted) = (found.as_float(), wanted.as_float());
                let pairs = found.as_floats().unwrap().iter().zip(wanted.as_floats().unwrap());
                // Beyond, not every integer is a float.
                let alike = |(x, y): (&f64, &f64)| x == y || (x.is_nan() && y.is_nan()) || y.abs() > 2f64.powi(53);
                if !pairs.clone().all(alike) {
                    wrong.push(format!("{}: {:?}", changed.text(), pairs.collect::<Vec<_>>()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} cases\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 200, "{count} cases");
}

/// An argument that is infinite or NaN is refused, or computed with; it stops nothing.
#[test]
fn arguments_that_are_no_numbers_stop_nothing() {
    let mut wrong = Vec::new();
    for case in all() {
        let Case(def, given, inputs) = &case;
        for (index, (name, value)) in given.iter().enumerate() {
            if !matches!(value, Value::Float(_)) {
                continue;
            }
            for number in [f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
                let mut given = given.clone();
                given[index] = (name, Value::Float(number));
                let changed = Case(def, given, inputs.clone());
                let ran = tried(|| {
                    if changed.is_taken() {
                        _ = changed.draw(Mode::Train).forward();
                    }
                    Ok(())
                });
                wrong.extend(ran.err().map(|message| format!("{}: {message}", changed.text())));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
