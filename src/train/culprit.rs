//! A loss that isn't finite → what isn't finite first, found by going through the pass again.

use super::Trained;
use super::plans::Batched;
use crate::exec::Machine;
use crate::ops::Mode;
use crate::plan::{Action, Plan, Role, TensorId};
use crate::tensor::Slice;

/// What holds the first number that isn't finite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Culprit {
    /// An input, by its number among the columns of the data.
    Input(usize),
    /// A storage, by its number in the plan.
    Storage(usize),
    /// The result of a layer or function.
    Call(String),
    Loss,
}

/// The machine stands where the pass began.
pub(super) fn culprit<T: Trained>(machine: &mut Machine<'_, T>, batched: &Batched) -> Culprit {
    let plan = machine.plan();
    let inputs = batched.columns.iter().position(|tensor| tensor.is_some_and(|tensor| !is_finite(machine, tensor)));
    if let Some(input) = inputs {
        return Culprit::Input(input);
    }
    if let Some(storage) = plan.storages.iter().position(|storage| !is_finite(machine, storage.tensor)) {
        return Culprit::Storage(storage);
    }
    for (index, step) in plan.forward.iter().enumerate() {
        if machine.forward_steps(index..index + 1, Mode::Train).is_err() {
            break;
        }
        let outputs = step.operands.iter().filter(|operand| operand.role == Role::Output);
        let broken = outputs.filter_map(|operand| operand.tensor).any(|tensor| !is_finite(machine, tensor));
        if let Some(name) = name(plan, index).filter(|_| broken) {
            return Culprit::Call(name);
        }
    }
    Culprit::Loss
}

/// The layer's path, or the operator's name.
fn name(plan: &Plan, step: usize) -> Option<String> {
    match &plan.forward.get(step)?.action {
        Action::Forward(call) => Some(call.name.to_string()),
        _ => None,
    }
}

fn is_finite<T: Trained>(machine: &Machine<'_, T>, tensor: TensorId) -> bool {
    match machine.view(tensor).data {
        Slice::Float(values) => values.iter().all(|value| value.to_f64().is_finite()),
        _ => true,
    }
}
