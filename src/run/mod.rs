//! A checked model, with data and weights, → its outputs, loss and gradients. Nothing is read or written here: arrays
//! come in, arrays go out.

mod errors;
mod gradcheck;
mod inputs;
mod memory;
mod results;
mod sizes;
mod weights;

pub use errors::RunError;
pub use gradcheck::{Compared, Comparison, GradCheck, Tally, TensorCheck, UseCheck, gradcheck};
pub use memory::bytes;
pub use results::{Gradient, Outcome, number};
pub use weights::{aliases, load, saved};

use crate::CheckedModel;
use crate::diag::{Diagnostics, label, primary};
use crate::exec::{Float, Machine, StepError};
use crate::infer::Typed;
use crate::ops::Mode;
use crate::plan::{Bindings, Options, Plan, Start, plan};
use crate::weights::Contents;
use indexmap::IndexMap;

/// What is run, and with what.
#[derive(Debug, Default)]
pub struct Request {
    /// Sizes of symbols, by name.
    pub sizes: IndexMap<String, i64>,
    /// Arrays by the names of the inputs; without, inputs are drawn from the seed.
    pub data: Option<Contents>,
    /// Arrays by the paths of storages; without, storages have their initial values.
    pub weights: Option<Contents>,
    pub seed: u64,
    pub mode: Mode,
    pub backward: bool,
    /// Arrays by the names of outputs, where gradients start.
    pub grad_outputs: Option<Contents>,
    /// The weights are wanted as they are after the run.
    pub keep_weights: bool,
    /// Data in f32 serve a run in f64 too.
    pub widen: bool,
    /// How many bytes of memory the run may take; `None` for as many as the system gives.
    pub memory: Option<u128>,
}

impl Request {
    /// Where gradients start.
    const fn start(&self) -> Start {
        if self.grad_outputs.is_some() { Start::Outputs } else { Start::Loss }
    }
}

/// The plan of a run. `None` if anything is wrong, which is then reported.
pub fn planned(model: &CheckedModel, request: &Request, diagnostics: &mut Diagnostics) -> Option<Plan> {
    Some(Prepared::new(model, request, diagnostics)?.plan)
}

/// Runs a model once. `None` if anything is wrong, which is then reported.
pub fn run<T: Float>(model: &CheckedModel, request: &Request, diagnostics: &mut Diagnostics) -> Option<Outcome> {
    let prepared = Prepared::new(model, request, diagnostics)?;
    let mut machine = prepared.machine::<T>(request, diagnostics)?;
    if let Err(error) = machine.forward(request.mode) {
        diagnostics.push(data_value(model, &error));
        return None;
    }
    let mut outcome = results::forward(&machine, model);
    if request.backward {
        let seeds = inputs::seeds::<T>(&machine, request, diagnostics)?;
        let seed = |seed| seeds.get(&seed).cloned();
        if let Err(error) = machine.backward(request.mode, &seed) {
            diagnostics.push(data_value(model, &error));
            return None;
        }
        results::backward(&machine, model, &mut outcome);
    }
    if request.keep_weights {
        outcome.weights = saved(&machine);
    }
    Some(outcome)
}

/// What a plan computes beside outputs and loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Outputs,
    /// The gradients of storages and inputs, from there.
    Gradients(Start),
    /// The gradients of storages, from the loss.
    Training,
}

/// A model whose sizes are known, and its plan.
#[derive(Debug)]
pub struct Prepared<'m> {
    model: &'m CheckedModel,
    typed: Typed<'m>,
    bindings: Bindings,
    pub plan: Plan,
}

impl<'m> Prepared<'m> {
    /// `None` if a size isn't known or doesn't fit, which is then reported.
    pub fn new(model: &'m CheckedModel, request: &Request, diagnostics: &mut Diagnostics) -> Option<Self> {
        let purpose = if request.backward { Purpose::Gradients(request.start()) } else { Purpose::Outputs };
        Self::for_purpose(model, request, purpose, diagnostics)
    }

    /// The same for another purpose than the request's.
    pub fn for_purpose(
        model: &'m CheckedModel,
        request: &Request,
        purpose: Purpose,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let typed = model.typed()?;
        let (bindings, options) = sizes::bind(model, &typed, request, diagnostics)?;
        let plan = plan_for(model, &typed, &bindings, options, purpose, diagnostics)?;
        Some(Self { model, typed, bindings, plan })
    }

    /// The memory of a run, with weights and inputs. `None` if they don't fit the model, or there isn't as much memory,
    /// which is then reported.
    pub fn machine<T: Float>(&self, request: &Request, diagnostics: &mut Diagnostics) -> Option<Machine<'_, T>> {
        let Self { model, typed, bindings, plan } = self;
        memory::check(plan, typed.graph(), request, size_of::<T>(), diagnostics)?;
        let Ok(mut machine) = Machine::<T>::new(plan, request.seed) else {
            memory::refused(plan, typed.graph(), request, size_of::<T>(), diagnostics);
            return None;
        };
        if let Some(weights) = &request.weights {
            load(&mut machine, weights, diagnostics)?;
        }
        inputs::write(&mut machine, model, typed, bindings, request, diagnostics)?;
        Some(machine)
    }
}

/// The plan of a model whose sizes are known. `None` if there is none, which is then reported: a model that is trained has
/// a loss.
pub fn plan_for(
    model: &CheckedModel,
    typed: &Typed<'_>,
    bindings: &Bindings,
    options: Options,
    purpose: Purpose,
    diagnostics: &mut Diagnostics,
) -> Option<Plan> {
    if purpose == Purpose::Training && typed.graph().loss.is_none() {
        diagnostics.push(RunError::NoLoss { labels: vec![primary(model.places.model, "this model")] });
        return None;
    }
    let (start, input_gradients) = match purpose {
        Purpose::Outputs => (None, false),
        Purpose::Gradients(start) => (Some(start), true),
        Purpose::Training => (Some(Start::Loss), false),
    };
    let options = Options { start, input_gradients, ..options };
    plan(typed, &model.places, bindings, &options).map_err(|error| diagnostics.push(error)).ok()
}

/// The additions and multiplications of a forward pass; `None` if they leave 64 bits.
#[must_use]
pub fn flops(prepared: &Prepared<'_>) -> Option<i64> {
    let Prepared { typed, bindings, .. } = prepared;
    bindings.size(&typed.types().dim(&crate::infer::flops(typed)))
}

/// What a step couldn't take, with its place.
#[must_use]
pub fn data_value(model: &CheckedModel, error: &StepError) -> RunError {
    let place = model.places.calls.get(error.node);
    let mut labels = Vec::new();
    if let Some(place) = place {
        labels.push(primary(place.operand(error.error.operand), format!("given to `{}`", error.name)));
        let layer = model.graph.nodes.nth(error.node).and_then(|node| model.graph.nodes[node].layer);
        if let Some(place) = layer.and_then(|layer| model.places.layers.get(layer.index())) {
            labels.push(label(place.kind, "declared here"));
        }
    }
    RunError::DataValue { message: error.error.message.clone(), labels, help: None }
}
