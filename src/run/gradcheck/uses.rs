//! The steps that use an element of a storage, and the part that each has in its gradient: what the step adds to it.

use super::bench::Bench;
use crate::exec::StepError;
use crate::plan::{Action, Operand, Plan, Role, Step, TensorId};
use crate::shape::Element;
use crate::tensor::nest::{Nest, dense_steps};
use std::collections::{BTreeMap, BTreeSet};

/// A step that reads an element.
pub(super) struct Use {
    pub(super) storage: TensorId,
    pub(super) element: usize,
    /// Its index among the forward steps.
    pub(super) step: usize,
    /// The index of its node in the graph.
    pub(super) node: usize,
    /// The layer's path, or the operator's name.
    pub(super) name: String,
    /// Where the element lies among the floats, once or more.
    pub(super) places: BTreeSet<usize>,
    /// For each operand that holds it, its role, its index among those of the role, and the element in it.
    operands: Vec<(Role, usize, usize)>,
}

impl Bench<'_> {
    /// What the backward step of each use adds. Of the gradients, nothing else is right afterwards.
    pub(super) fn parts(&mut self, uses: &[Use]) -> Result<Vec<f64>, StepError> {
        let plan = self.plan();
        let nodes = plan.backward.iter().enumerate().filter_map(|(index, step)| match &step.action {
            Action::Backward(call) => Some((call.node, index)),
            _ => None,
        });
        let steps: BTreeMap<usize, usize> = nodes.collect();
        let mut stops: BTreeMap<usize, Vec<(usize, BTreeSet<usize>)>> = BTreeMap::new();
        for (index, one) in uses.iter().enumerate() {
            if let Some(stop) = steps.get(&one.node) {
                let places = plan.backward.get(*stop).map(|step| gradients(plan, step, one)).unwrap_or_default();
                stops.entry(*stop).or_default().push((index, places));
            }
        }
        let mut parts = vec![0.0; uses.len()];
        self.values()?;
        let mut next = 0;
        for (stop, uses) in stops {
            self.backward(next..stop)?;
            // From zeros, because what is there already may be infinite.
            let before: Vec<_> = uses.iter().flat_map(|(_, places)| self.take(places)).collect();
            next = stop + 1;
            self.backward(stop..next)?;
            for (index, places) in &uses {
                if let Some(part) = parts.get_mut(*index) {
                    *part = self.take(places).iter().map(|(_, value)| value).sum();
                }
            }
            self.give_back(&before);
        }
        Ok(parts)
    }
}

/// Where the backward step of a use adds to the gradient of its element.
fn gradients(plan: &Plan, step: &Step, one: &Use) -> BTreeSet<usize> {
    let place = |(role, number, element): &(Role, usize, usize)| {
        let role = if *role == Role::Slot { Role::GradSlot } else { Role::GradInput };
        let operand = step.operands.iter().filter(|operand| operand.role == role).nth(*number)?;
        Some(plan.tensors[operand.tensor?].offset + element)
    };
    one.operands.iter().filter_map(place).collect()
}

/// The steps that read an element of a storage, directly or from a copy of what a view sees, in their order.
pub(super) fn find(plan: &Plan, storage: TensorId, element: usize) -> Vec<Use> {
    let home = plan.tensors[storage].offset + element;
    let mut holders = BTreeSet::from([home]);
    let mut uses = Vec::new();
    for (index, step) in plan.forward.iter().enumerate() {
        let mut copies = Vec::new();
        match &step.action {
            Action::Forward(call) => {
                let mut places = BTreeSet::new();
                let mut operands = Vec::new();
                for role in [Role::Input, Role::Slot] {
                    for (number, operand) in step.operands.iter().filter(|operand| operand.role == role).enumerate() {
                        for (place, element) in held(plan, operand, &holders) {
                            places.insert(place);
                            operands.push((role, number, element));
                        }
                    }
                }
                if !places.is_empty() {
                    let name = call.name.to_string();
                    uses.push(Use { storage, element, step: index, node: call.node, name, places, operands });
                }
            }
            Action::Gather(view) => {
                let [from, to] = [Role::From, Role::To].map(|role| {
                    let operand = step.operands.iter().find(|operand| operand.role == role);
                    operand.and_then(|operand| operand.tensor).map(|id| &plan.tensors[id])
                });
                let (Some(from), Some(to)) = (from, to) else { continue };
                if to.element != Element::Float || holders.range(from.range()).next().is_none() {
                    forget(plan, step, home, &mut holders);
                    continue;
                }
                let nest = Nest::new(&view.shape, [&view.steps, &dense_steps(&view.shape)]);
                nest.for_each_run(|[seen, dense], length, [step, next]| {
                    let first = from.offset + view.start + seen;
                    let copied = (0..length).filter(|index| holders.contains(&(first + index * step)));
                    copies.extend(copied.map(|index| to.offset + dense + index * next));
                });
            }
            _ => {}
        }
        forget(plan, step, home, &mut holders);
        holders.extend(copies);
    }
    uses
}

/// The places at which an operand holds the element, and which of its own elements that is.
fn held(plan: &Plan, operand: &Operand, holders: &BTreeSet<usize>) -> Vec<(usize, usize)> {
    let Some(tensor) = operand.tensor.map(|id| &plan.tensors[id]).filter(|tensor| tensor.element == Element::Float)
    else {
        return Vec::new();
    };
    holders.range(tensor.range()).map(|place| (*place, place - tensor.offset)).collect()
}

/// What a step writes is a copy no more.
fn forget(plan: &Plan, step: &Step, home: usize, holders: &mut BTreeSet<usize>) {
    for tensor in step.written(&plan.tensors).filter(|tensor| tensor.element == Element::Float) {
        holders.retain(|place| *place == home || !tensor.range().contains(place));
    }
}
