//! Gradients of a whole model against finite differences in double precision: each storage that is trained and each float
//! input, element by element, and each use of a storage alone. What no gradient reaches on purpose is held constant.

mod bench;
mod compare;
#[cfg(test)]
mod tests;
mod uses;

use super::{Purpose, Request, RunError, data_value, inputs, load, memory, number, plan_for, sizes};
use crate::CheckedModel;
use crate::diag::{Diagnostics, label, primary};
use crate::exec::Machine;
use crate::ir::Path;
use crate::plan::{Plan, Seed};
use crate::span::Span;
use crate::tensor::{indices, place};
use bench::Bench;

/// How gradients are compared. A gradient is right if it differs from the quotient of differences by at most
/// `atol + rtol * |quotient|`, and what the rounding of the results can do.
#[derive(Clone, Copy, Debug)]
pub struct Comparison {
    /// The step of the differences.
    pub eps: f64,
    pub atol: f64,
    /// Above 0.
    pub rtol: f64,
    /// How many elements of each tensor are looked at, drawn by the seed; `None` for all.
    pub samples: Option<usize>,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct GradCheck {
    /// The loss; `None` where gradients start from the outputs, each element times a factor drawn by the seed.
    pub loss: Option<f64>,
    /// The storages that are trained, then the inputs that are floats.
    pub tensors: Vec<TensorCheck>,
}

/// What was found of one tensor.
#[derive(Clone, Debug)]
pub struct TensorCheck {
    /// As in the source, or `input.NAME`.
    pub path: String,
    pub shape: Vec<usize>,
    /// Of its gradient, which is the sum over all uses.
    pub all: Tally,
    /// The uses of a storage, in the order of computation. If there is only one, its part isn't looked at alone.
    pub uses: Vec<UseCheck>,
    /// How many further uses there are, of which too many were found.
    pub more_uses: usize,
}

/// What was found of one use of a storage.
#[derive(Clone, Debug)]
pub struct UseCheck {
    /// The layer's path, or the operator's name.
    pub name: String,
    /// Where it is called.
    pub at: Span,
    /// Of the part of the gradient that this use adds.
    pub part: Tally,
}

/// What was found of several elements.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// How many elements were looked at.
    pub checked: usize,
    /// Those among them where there is no slope, and the gradient lies between the slopes of both sides.
    pub kinks: usize,
    /// Those among them whose gradient is wrong.
    pub wrong: usize,
    /// The one that differs most, kinks left out.
    pub worst: Option<Compared>,
}

/// An element.
#[derive(Clone, Copy, Debug)]
pub struct Compared {
    /// Its number in row-major order.
    pub element: usize,
    pub gradient: f64,
    /// The quotient of differences.
    pub quotient: f64,
    /// |gradient - quotient| / (|quotient| + atol / rtol): the gradient is wrong if this is above `rtol`.
    pub difference: f64,
}

impl GradCheck {
    /// No gradient is wrong.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.tensors.iter().all(TensorCheck::is_right)
    }
}

impl TensorCheck {
    /// Neither the gradient nor a part of it is wrong.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.all.wrong == 0 && self.uses.iter().all(|one| one.part.wrong == 0)
    }

    /// How many elements it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// The indices of one of its elements.
    #[must_use]
    pub fn indices(&self, compared: &Compared) -> Vec<usize> {
        indices(&self.shape, compared.element)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Compares all gradients. `None` if the model can't be run, which is reported; wrong gradients are reported too.
pub fn gradcheck(
    model: &CheckedModel,
    request: &Request,
    comparison: &Comparison,
    diagnostics: &mut Diagnostics,
) -> Option<GradCheck> {
    let typed = model.typed()?;
    let (bindings, mut options) = sizes::bind(model, &typed, request, diagnostics)?;
    options.separate_constants = true;
    options.apart = true;
    let purpose = Purpose::Gradients(request.start());
    let planned = plan_for(model, &typed, &bindings, options, purpose, diagnostics)?;
    // What is kept to begin again takes at most as much as the machine.
    let float = 2 * size_of::<f64>();
    memory::check(&planned, typed.graph(), request, float, diagnostics)?;
    let Ok(mut machine) = Machine::<f64>::new(&planned, request.seed) else {
        memory::refused(&planned, typed.graph(), request, float, diagnostics);
        return None;
    };
    if let Some(weights) = &request.weights {
        load(&mut machine, weights, diagnostics)?;
    }
    inputs::write(&mut machine, model, &typed, &bindings, request, diagnostics)?;
    let mut bench = Bench::new(machine, request);
    let base = bench.values().map_err(|error| diagnostics.push(data_value(model, &error))).ok()?;
    if let Err((seed, value)) = bench.leave_out_infinite(&base) {
        diagnostics.push(not_finite(model, &planned, seed, value));
        return None;
    }
    let loss = planned.loss.filter(|_| planned.seeds.contains(&Seed::Loss)).and_then(|_| base.first().copied());
    let found = bench.check(&base, model, request.seed, comparison);
    let tensors = found.map_err(|error| diagnostics.push(data_value(model, &error))).ok()?;
    for tensor in tensors.iter().filter(|tensor| !tensor.is_right()) {
        diagnostics.push(wrong_gradient(model, tensor));
    }
    Some(GradCheck { loss, tensors })
}

/// A loss or an output that has no slope.
fn not_finite(model: &CheckedModel, plan: &Plan, seed: Seed, value: f64) -> RunError {
    let (what, place) = match seed {
        Seed::Loss => ("the loss".to_owned(), model.places.loss),
        Seed::Output(index) => {
            let name = plan.outputs.get(index).map_or("", |output| output.name.as_str());
            (format!("an element of the output `{name}`"), model.places.outputs.get(index).copied())
        }
    };
    RunError::NotFinite { what, value, labels: vec![primary(place.unwrap_or(model.places.model), "this one")] }
}

/// What is wrong with the gradient of a tensor, and with which of its uses.
fn wrong_gradient(model: &CheckedModel, tensor: &TensorCheck) -> RunError {
    let mut labels = Vec::new();
    for one in &tensor.uses {
        let Some(worst) = one.part.worst.filter(|_| one.part.wrong > 0) else { continue };
        let [gradient, quotient] = [worst.gradient, worst.quotient].map(number);
        let at = place(&tensor.shape, worst.element);
        let text = format!("the part of `{}` is {gradient}{at}, and differences give {quotient}", one.name);
        let make = if labels.is_empty() { primary } else { label };
        labels.push(make(one.at, text));
    }
    // The only use must be the wrong one.
    if let ([one], true) = (tensor.uses.as_slice(), labels.is_empty()) {
        labels.push(primary(one.at, format!("used by `{}`", one.name)));
    }
    let make = if labels.is_empty() { primary } else { label };
    labels.push(make(declared(model, &tensor.path), format!("`{}` is declared here", tensor.path)));
    // Parts may be wrong and cancel.
    let worst = [&tensor.all].into_iter().chain(tensor.uses.iter().map(|one| &one.part)).find(|tally| tally.wrong > 0);
    let (worst, wrong, checked) = match worst {
        Some(tally) => (tally.worst, tally.wrong, tally.checked),
        None => (None, 0, 0),
    };
    let [gradient, quotient] =
        [worst.map(|worst| worst.gradient), worst.map(|worst| worst.quotient)].map(|x| number(x.unwrap_or(f64::NAN)));
    RunError::WrongGradient {
        path: tensor.path.clone(),
        place: worst.map_or_else(String::new, |worst| place(&tensor.shape, worst.element)),
        gradient,
        quotient,
        others: if wrong > 1 { format!("; {wrong} of {checked} elements are wrong") } else { String::new() },
        labels,
    }
}

/// Where a storage or an input is declared.
fn declared(model: &CheckedModel, path: &str) -> Span {
    let (graph, places) = (&model.graph, &model.places);
    if let Some(name) = path.strip_prefix("input.")
        && let Some(index) = graph.inputs.iter().position(|input| input.name == name)
    {
        return places.inputs.get(index).map_or(places.model, |place| place.name);
    }
    let owner = Path::new(path);
    let Some((_, storage)) = graph.storages.iter().find(|(_, storage)| storage.path == owner) else {
        return places.model;
    };
    if let Some(place) = storage.declaration.and_then(|index| places.storages.get(index)) {
        return place.name;
    }
    let slot = storage.members.iter().map(|slot| &graph.slots[*slot]).find(|slot| slot.path == owner);
    slot.map_or(places.model, |slot| places.owner(slot))
}
