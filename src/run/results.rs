//! What a run leaves: outputs, the loss, gradients and weights as arrays.

use super::Request;
use super::weights::floats;
use crate::CheckedModel;
use crate::exec::{Float, Machine};
use crate::plan::{Plan, Tensor, TensorId};
use crate::shape::Element;
use crate::tensor::Slice;
use crate::weights::{Array, Elements};

/// The results of a run.
#[derive(Debug, Default)]
pub struct Outcome {
    /// In their order.
    pub outputs: Vec<(String, Array)>,
    pub loss: Option<f64>,
    /// One for each trained storage, then one for each input that is a float, if gradients were asked for.
    pub gradients: Vec<Gradient>,
    /// Every storage under its owner's key, if they were asked for.
    pub weights: Vec<(String, Array)>,
    /// The metadata that says which slots share which storage.
    pub aliases: String,
    /// The bytes of the arena.
    pub memory: u128,
}

#[derive(Debug)]
pub struct Gradient {
    /// As in files: the owner's key, or `input.NAME`.
    pub key: String,
    /// As in the source.
    pub path: String,
    pub array: Array,
    /// √Σ g²
    pub norm: f64,
    /// How often the storage is used; `None` for an input.
    pub uses: Option<u64>,
}

pub(super) fn forward<T: Float>(machine: &Machine<'_, T>, _: &CheckedModel) -> Outcome {
    let plan = machine.plan();
    let outputs = plan.outputs.iter().map(|output| (output.name.clone(), array(machine, output.tensor))).collect();
    let loss = plan.loss.and_then(|loss| floats(machine.view(loss).data).first().map(|loss| loss.to_f64()));
    Outcome {
        outputs,
        loss,
        aliases: super::aliases(machine),
        memory: plan.sizes.bytes(size_of::<T>()),
        ..Outcome::default()
    }
}

pub(super) fn backward<T: Float>(machine: &Machine<'_, T>, model: &CheckedModel, outcome: &mut Outcome) {
    let plan = machine.plan();
    for storage in &plan.storages {
        let Some(grad) = storage.grad else { continue };
        let (key, path) = (storage.path.key(), storage.path.to_string());
        outcome.gradients.push(gradient(machine, grad, key, path, Some(storage.use_count)));
    }
    for (input, planned) in model.graph.inputs.iter().zip(&plan.inputs) {
        let Some(grad) = planned.as_ref().and_then(|planned| planned.grad) else { continue };
        let path = format!("input.{}", input.name);
        outcome.gradients.push(gradient(machine, grad, path.clone(), path, None));
    }
}

fn gradient<T: Float>(
    machine: &Machine<'_, T>,
    tensor: TensorId,
    key: String,
    path: String,
    uses: Option<u64>,
) -> Gradient {
    let squares: f64 = floats(machine.view(tensor).data).iter().fold(0.0, |sum, g| sum + g.to_f64() * g.to_f64());
    Gradient { key, path, array: array(machine, tensor), norm: squares.sqrt(), uses }
}

/// The bytes of the arrays that a run leaves.
pub(super) fn bytes(plan: &Plan, request: &Request, float: usize) -> u128 {
    let storages = plan.storages.iter();
    let weights = storages.clone().map(|storage| storage.tensor).filter(|_| request.keep_weights);
    let inputs = plan.inputs.iter().flatten().filter_map(|input| input.grad);
    let tensors = plan.outputs.iter().map(|output| output.tensor).chain(weights);
    let tensors = tensors.chain(storages.filter_map(|storage| storage.grad)).chain(inputs);
    let size = |tensor: &Tensor| match tensor.element {
        Element::Float => float,
        Element::Int => 8,
        Element::Bool => 1,
    };
    tensors.map(|id| &plan.tensors[id]).map(|tensor| tensor.len() as u128 * size(tensor) as u128).sum()
}

/// A tensor as an array of its own.
pub(super) fn array<T: Float>(machine: &Machine<'_, T>, tensor: TensorId) -> Array {
    let view = machine.view(tensor);
    let elements = match view.data {
        Slice::Float(data) if T::NAME == "f64" => Elements::F64(data.iter().map(|x| x.to_f64()).collect()),
        Slice::Float(data) => Elements::F32(data.iter().map(|x| x.to_f64() as f32).collect()),
        Slice::Int(data) => Elements::I64(data.to_vec()),
        Slice::Bool(data) => Elements::Bool(data.to_vec()),
    };
    Array { shape: view.shape.to_vec(), elements }
}

/// Six significant digits.
#[must_use]
pub fn number(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    let magnitude = value.abs().log10().floor();
    if (-5.0..6.0).contains(&magnitude) {
        format!("{value:.*}", (5.0 - magnitude).max(0.0) as usize)
    } else {
        format!("{value:.5e}")
    }
}
