//! What a run starts from: the arrays of the data or numbers drawn from the seed, and the gradients of outputs.

use super::{Request, RunError};
use crate::CheckedModel;
use crate::diag::{Diagnostics, primary};
use crate::exec::{Float, Machine};
use crate::infer::Typed;
use crate::ir::ValueId;
use crate::plan::{Bindings, Seed};
use crate::tensor::SliceMut;
use crate::tensor::random::Stream;
use crate::weights::{Array, Contents, Elements};
use std::collections::{BTreeMap, BTreeSet};

/// Drawn ints are below this number where no operator states a bound.
const ANY_INT: u64 = 10;

/// Fills the inputs. `None` if an array is of another element type.
pub(super) fn write<T: Float>(
    machine: &mut Machine<'_, T>,
    model: &CheckedModel,
    typed: &Typed<'_>,
    bindings: &Bindings,
    request: &Request,
    diagnostics: &mut Diagnostics,
) -> Option<()> {
    let Some(data) = &request.data else {
        draw(machine, typed, bindings, request.seed);
        return Some(());
    };
    let plan = machine.plan();
    for (index, (input, planned)) in model.graph.inputs.iter().zip(&plan.inputs).enumerate() {
        let (Some(array), Some(planned)) = (data.arrays.get(&input.name), planned) else { continue };
        if !copy(array, machine.slice_mut(planned.tensor), request.widen) {
            let place = model.places.inputs.get(index).map_or(model.places.model, |place| place.ty);
            diagnostics.push(RunError::ArrayElement {
                name: input.name.clone(),
                found: array.elements.name().to_owned(),
                wanted: wanted::<T>(input.ty.element.name()),
                labels: vec![primary(place, "this input")],
                help: dtype_help::<T>(array),
            });
        }
    }
    (!diagnostics.has_errors()).then_some(())
}

fn wanted<T: Float>(element: &str) -> String {
    if element == "float" { T::NAME.to_owned() } else { element.to_owned() }
}

fn dtype_help<T: Float>(array: &Array) -> Option<String> {
    matches!(array.elements, Elements::F32(_) | Elements::F64(_))
        .then(|| array.elements.name())
        .filter(|found| *found != T::NAME)
        .map(|found| format!("run in the type of the data: `--dtype {found}`"))
}

/// Copies an array of the same element type; floats must have the type of the run, or a narrower one if they are widened.
fn copy<T: Float>(array: &Array, out: SliceMut<'_, T>, widen: bool) -> bool {
    match (&array.elements, out) {
        (Elements::F32(from), SliceMut::Float(to)) if T::NAME == "f32" || widen => {
            to.iter_mut().zip(from).for_each(|(to, from)| *to = T::from_f64(f64::from(*from)));
        }
        (Elements::F64(from), SliceMut::Float(to)) if T::NAME == "f64" => {
            to.iter_mut().zip(from).for_each(|(to, from)| *to = T::from_f64(*from));
        }
        (Elements::I64(from), SliceMut::Int(to)) => to.copy_from_slice(from),
        (Elements::Bool(from), SliceMut::Bool(to)) => to.copy_from_slice(from),
        _ => return false,
    }
    true
}

/// Reports the arrays that nothing is named like.
pub(super) fn surplus<'a>(
    contents: &Contents,
    file: &'static str,
    wanted: &'static str,
    known: impl Iterator<Item = &'a str>,
    diagnostics: &mut Diagnostics,
) {
    let known: BTreeSet<&str> = known.collect();
    for name in contents.arrays.keys().filter(|name| !known.contains(name.as_str())) {
        let near = diagnostics.nearest(name, known.iter().copied());
        let help = near.map(|near| format!("`{near}` is near to it"));
        diagnostics.push(RunError::SurplusArray { file, name: name.clone(), wanted, help });
    }
}

/// Draws every input from a stream of its own: floats from the standard normal distribution, ints below the bound that
/// operators state, bools evenly.
fn draw<T: Float>(machine: &mut Machine<'_, T>, typed: &Typed<'_>, bindings: &Bindings, seed: u64) {
    let bounds = bounds(typed, bindings);
    let plan = machine.plan();
    for (input, planned) in typed.graph().inputs.iter().zip(&plan.inputs) {
        let Some(planned) = planned else { continue };
        let mut stream = Stream::new(seed, &format!("input.{}", input.name));
        match machine.slice_mut(planned.tensor) {
            SliceMut::Float(out) => out.iter_mut().for_each(|x| *x = T::from_f64(stream.normal())),
            SliceMut::Int(out) => {
                let bound = bounds.get(&input.value).copied().unwrap_or(ANY_INT);
                out.iter_mut().for_each(|x| *x = stream.below(bound) as i64);
            }
            SliceMut::Bool(out) => out.iter_mut().for_each(|x| *x = stream.uniform() < 0.5),
        }
    }
}

/// The number below which each value must be, from the operators that take it as indices.
fn bounds(typed: &Typed<'_>, bindings: &Bindings) -> BTreeMap<ValueId, u64> {
    let mut bounds: BTreeMap<ValueId, u64> = BTreeMap::new();
    for (_, node) in typed.graph().nodes.iter().rev() {
        let types: Vec<_> = node.operands.iter().map(|operand| typed.of(*operand)).collect();
        for (index, operand) in node.operands.iter().enumerate() {
            let stated = node.operator.op.index_bound(index, &types);
            let stated = stated.and_then(|dim| bindings.size(&typed.types().dim(&dim)));
            let passed_on = node.results.first().filter(|_| node.operator.op.is_reshape());
            let passed_on = passed_on.and_then(|result| bounds.get(result)).copied();
            for bound in stated.map(|bound| u64::try_from(bound).unwrap_or(0)).into_iter().chain(passed_on) {
                let least = bounds.entry(*operand).or_insert(bound);
                *least = bound.min(*least);
            }
        }
    }
    bounds
}

/// Where gradients start, if the user said so. An output without an array starts from zeros.
pub(super) fn seeds<T: Float>(
    machine: &Machine<'_, T>,
    request: &Request,
    diagnostics: &mut Diagnostics,
) -> Option<BTreeMap<Seed, Vec<T>>> {
    let mut seeds = BTreeMap::new();
    let Some(given) = &request.grad_outputs else { return Some(seeds) };
    let plan = machine.plan();
    let names = plan.outputs.iter().map(|output| output.name.as_str());
    surplus(given, "gradients of outputs", "output", names, diagnostics);
    for seed in &plan.seeds {
        let Seed::Output(index) = *seed else { continue };
        let Some(output) = plan.outputs.get(index) else { continue };
        let tensor = &plan.tensors[output.tensor];
        let mut start = vec![T::zero(); tensor.len()];
        if let Some(array) = given.arrays.get(&output.name) {
            if *array.shape != *tensor.shape {
                diagnostics.push(RunError::ArrayShape {
                    name: output.name.clone(),
                    found: format!("{:?}", array.shape),
                    wanted: format!("{:?}", tensor.shape),
                });
            } else if !copy(array, SliceMut::Float(&mut start), request.widen) {
                diagnostics.push(RunError::ArrayElement {
                    name: output.name.clone(),
                    found: array.elements.name().to_owned(),
                    wanted: T::NAME.to_owned(),
                    labels: Vec::new(),
                    help: dtype_help::<T>(array),
                });
            }
        }
        seeds.insert(*seed, start);
    }
    (!diagnostics.has_errors()).then_some(seeds)
}
