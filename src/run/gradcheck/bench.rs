//! A machine that can be brought back to where it began, and what it computes from there.

use super::uses::Use;
use crate::exec::{Machine, StepError};
use crate::ops::Mode;
use crate::plan::{Action, Plan, Role, Seed, Step, Tensor, TensorId};
use crate::run::Request;
use crate::shape::Element;
use crate::tensor::random::Stream;
use crate::tensor::{Slice, SliceMut};
use std::collections::BTreeSet;
use std::ops::Range;

pub(super) struct Bench<'p> {
    machine: Machine<'p, f64>,
    mode: Mode,
    /// The inputs, whose memory a pass may use for something else, and the buffers, which a pass may change.
    kept: Vec<(TensorId, Kept)>,
    roots: Vec<Root>,
    constants: Vec<Constant>,
}

/// The elements of a tensor, to be written again.
enum Kept {
    Float(Vec<f64>),
    Int(Vec<i64>),
    Bool(Vec<bool>),
}

/// Where gradients start.
struct Root {
    seed: Seed,
    tensor: TensorId,
    /// What each element counts.
    factors: Vec<f64>,
}

/// What a step takes for a constant, as the first pass found it.
struct Constant {
    step: usize,
    place: Range<usize>,
    values: Option<Vec<f64>>,
}

/// What is moved.
#[derive(Clone, Copy)]
pub(super) enum Moved<'u> {
    /// An element of a storage or an input, for all that read it.
    Everywhere(TensorId, usize),
    /// The same for one step alone.
    For(&'u Use),
}

/// The change of the result between two passes.
#[derive(Clone, Copy, Default)]
pub(super) struct Change {
    pub(super) by: f64,
    /// What the rounding of the results may have to do with it.
    pub(super) noise: f64,
}

impl<'p> Bench<'p> {
    pub(super) fn new(machine: Machine<'p, f64>, request: &Request) -> Self {
        let plan = machine.plan();
        let buffers = plan.storages.iter().filter(|storage| storage.grad.is_none()).map(|storage| storage.tensor);
        let inputs = plan.inputs.iter().flatten().map(|input| input.tensor);
        let keep = |tensor: TensorId| match machine.view(tensor).data {
            Slice::Float(data) => (tensor, Kept::Float(data.to_vec())),
            Slice::Int(data) => (tensor, Kept::Int(data.to_vec())),
            Slice::Bool(data) => (tensor, Kept::Bool(data.to_vec())),
        };
        let kept = buffers.chain(inputs).map(keep).collect();
        let root = |seed: &Seed| {
            let Seed::Output(index) = *seed else {
                return Some(Root { seed: *seed, tensor: plan.loss?, factors: vec![1.0] });
            };
            let output = plan.outputs.get(index)?;
            // With equal factors the gradients of a softmax would cancel.
            let mut random = Stream::new(request.seed, &format!("gradcheck.output.{}", output.name));
            let factors = (0..plan.tensors[output.tensor].len()).map(|_| 0.5 + random.uniform()).collect();
            Some(Root { seed: *seed, tensor: output.tensor, factors })
        };
        let roots = plan.seeds.iter().filter_map(root).collect();
        let steps = plan.forward.iter().enumerate();
        let constants = steps
            .flat_map(|(index, step)| {
                let constant = move |place| Constant { step: index, place, values: None };
                constants(plan, step).into_iter().map(constant)
            })
            .collect();
        Self { machine, mode: request.mode, kept, roots, constants }
    }

    pub(super) fn plan(&self) -> &'p Plan {
        self.machine.plan()
    }

    /// Leaves out elements that are infinite in these values, which have no slope. The first that is NaN, or a loss that is
    /// infinite, is given back with where it is.
    pub(super) fn leave_out_infinite(&mut self, values: &[f64]) -> Result<(), (Seed, f64)> {
        let factors = self.roots.iter_mut().flat_map(|root| root.factors.iter_mut().map(|factor| (root.seed, factor)));
        for ((seed, factor), value) in factors.zip(values).filter(|(_, value)| !value.is_finite()) {
            if value.is_nan() || seed == Seed::Loss {
                return Err((seed, *value));
            }
            *factor = 0.0;
        }
        Ok(())
    }

    pub(super) fn floats(&self, tensor: TensorId) -> &[f64] {
        if let Slice::Float(data) = self.machine.view(tensor).data { data } else { &[] }
    }

    /// The elements of the roots after a pass from the beginning. The first of all passes decides what is constant.
    pub(super) fn values(&mut self) -> Result<Vec<f64>, StepError> {
        self.restore();
        self.pass(None)
    }

    /// The same with an element moved, and how far it was.
    pub(super) fn moved(&mut self, what: Moved<'_>, by: f64) -> Result<(Vec<f64>, f64), StepError> {
        self.restore();
        match what {
            Moved::Everywhere(tensor, element) => {
                let Some(at) = self.element(tensor, element) else { return Ok((Vec::new(), by)) };
                let before = *at;
                let after = before + by;
                *at = after;
                let values = self.pass(None);
                if let Some(at) = self.element(tensor, element) {
                    *at = before;
                }
                Ok((values?, after - before))
            }
            Moved::For(one) => {
                let element = self.floats(one.storage).get(one.element).copied().unwrap_or(0.0);
                Ok((self.pass(Some((one, by)))?, element + by - element))
            }
        }
    }

    fn element(&mut self, tensor: TensorId, element: usize) -> Option<&mut f64> {
        if let SliceMut::Float(data) = self.machine.slice_mut(tensor) { data.get_mut(element) } else { None }
    }

    fn restore(&mut self) {
        for (tensor, kept) in &self.kept {
            match (kept, self.machine.slice_mut(*tensor)) {
                (Kept::Float(from), SliceMut::Float(to)) => to.copy_from_slice(from),
                (Kept::Int(from), SliceMut::Int(to)) => to.copy_from_slice(from),
                (Kept::Bool(from), SliceMut::Bool(to)) => to.copy_from_slice(from),
                _ => {}
            }
        }
    }

    fn pass(&mut self, alone: Option<(&Use, f64)>) -> Result<Vec<f64>, StepError> {
        let mut stops: BTreeSet<usize> = self.constants.iter().map(|constant| constant.step).collect();
        stops.extend(alone.map(|(one, _)| one.step));
        let mut next = 0;
        for stop in stops {
            self.machine.forward_steps(next..stop, self.mode)?;
            let changed = self.change(stop, alone);
            next = stop + 1;
            self.machine.forward_steps(stop..next, self.mode)?;
            self.change_back(stop, changed);
        }
        self.machine.forward_steps(next..self.plan().forward.len(), self.mode)?;
        Ok(self.roots.iter().flat_map(|root| self.floats(root.tensor)).copied().collect())
    }

    /// Shows a step the element as it would be, and constants as they were. What stood there is given back.
    fn change(&mut self, step: usize, alone: Option<(&Use, f64)>) -> Vec<(usize, f64)> {
        let floats = self.machine.floats_mut();
        let mut before = Vec::new();
        let mut set = |floats: &mut [f64], at: usize, value: &dyn Fn(f64) -> f64| {
            let Some(float) = floats.get_mut(at) else { return };
            before.push((at, *float));
            *float = value(*float);
        };
        if let Some((one, by)) = alone.filter(|(one, _)| one.step == step) {
            one.places.iter().for_each(|at| set(floats, *at, &|float| float + by));
        }
        for constant in self.constants.iter_mut().filter(|constant| constant.step == step) {
            match &constant.values {
                Some(values) => {
                    constant.place.clone().zip(values).for_each(|(at, value)| set(floats, at, &|_| *value));
                }
                None => constant.values = floats.get(constant.place.clone()).map(<[f64]>::to_vec),
            }
        }
        before
    }

    fn change_back(&mut self, step: usize, before: Vec<(usize, f64)>) {
        let plan = self.plan();
        let is_written = |at: usize| {
            let written = plan.forward.get(step).into_iter().flat_map(|step| step.written(&plan.tensors));
            written.filter(|tensor| tensor.element == Element::Float).any(|tensor| tensor.range().contains(&at))
        };
        let floats = self.machine.floats_mut();
        for (at, value) in before.into_iter().rev() {
            if let Some(float) = floats.get_mut(at).filter(|_| !is_written(at)) {
                *float = value;
            }
        }
    }

    /// Σ factor · (a - b), element by element, so that large sums lose nothing.
    pub(super) fn change_between(&self, a: &[f64], b: &[f64]) -> Change {
        let factors = self.roots.iter().flat_map(|root| &root.factors);
        let mut change = Change::default();
        let mut still: f64 = 0.0;
        for ((a, b), factor) in a.iter().zip(b).zip(factors).filter(|(_, factor)| **factor != 0.0) {
            let noise = 2.0 * f64::EPSILON * a.abs().max(b.abs()) * factor;
            if a.to_bits() == b.to_bits() {
                still = still.max(noise);
            } else {
                change.by += (a - b) * factor;
                change.noise += noise;
            }
        }
        change.noise += still;
        change
    }

    /// Runs some steps of a backward pass.
    pub(super) fn backward(&mut self, steps: Range<usize>) -> Result<(), StepError> {
        let roots = &self.roots;
        let seeds = |seed| roots.iter().find(|root| root.seed == seed).map(|root| root.factors.clone());
        self.machine.backward_steps(steps, self.mode, &seeds)
    }

    /// Takes what stands at these places, and leaves zeros.
    pub(super) fn take(&mut self, places: &BTreeSet<usize>) -> Vec<(usize, f64)> {
        let floats = self.machine.floats_mut();
        places.iter().filter_map(|at| Some((*at, std::mem::take(floats.get_mut(*at)?)))).collect()
    }

    /// Puts back what was taken.
    pub(super) fn give_back(&mut self, taken: &[(usize, f64)]) {
        let floats = self.machine.floats_mut();
        for (at, value) in taken {
            if let Some(float) = floats.get_mut(*at) {
                *float = *value;
            }
        }
    }
}

/// Where a step finds floats that no gradient reaches on purpose.
fn constants(plan: &Plan, step: &Step) -> Vec<Range<usize>> {
    let Action::Forward(call) = &step.action else { return Vec::new() };
    let of = |role: Role| {
        let operands = step.operands.iter().filter(move |operand| operand.role == role);
        operands.filter_map(|operand| operand.tensor).map(|id| &plan.tensors[id])
    };
    let is_constant = |(index, _): &(usize, _)| !call.op.passes_gradient(*index);
    let inputs = of(Role::Input).enumerate().filter(is_constant).map(|(_, tensor)| tensor);
    let mut found: Vec<_> = inputs.filter(|tensor| tensor.element == Element::Float).map(Tensor::range).collect();
    if let (Some(row), Some(table)) = (call.op.constant_row(), of(Role::Slot).next().or_else(|| of(Role::Input).nth(1)))
        && let [rows, width] = *table.shape
    {
        let row = if row < 0 { row.saturating_add_unsigned(rows as u64) } else { row };
        let row = usize::try_from(row).ok().filter(|row| *row < rows);
        found.extend(row.map(|row| table.offset + row * width..table.offset + (row + 1) * width));
    }
    found
}
