//! Losses of single elements, which are then averaged or summed up. Such a loss's file gives the loss of an element and
//! its derivatives; shape rule and kernels stand here.

#![allow(clippy::indexing_slicing, reason = "a nest of loops stays inside the tensors that it was made of")]

use super::element_loss_shape::{Operand, shape, steps};
use crate::ops::contract::{Backward, DataError, Def, Forward, Grads, Keeps, Kernel, Op};
use crate::ops::reduction::Reduction;
use crate::ops::{AttributeError, Attributes, Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Facts, Shape, TensorType};
use crate::tensor::nest::{Nest, Steps, dense_steps};
use crate::tensor::reduce::add_sums;
use crate::tensor::simd::give;
use crate::tensor::zip::Read;
use crate::tensor::{Real, Slice, View, place};
use std::fmt::Debug;
use std::sync::Arc;

/// How many operands a loss has at most.
pub(super) const OPERANDS: usize = 4;
/// The elements of the operands, in the order of the parameters; 1 for one that was left out.
pub(super) type At = [f64; OPERANDS];

/// l = f(x, t, …) for each element of the input, computed in double precision.
pub(super) trait ElementLoss: Debug + Send + Sync + 'static {
    const DEF: &'static Def;
    /// In the order of the parameters; the first is the input.
    const KINDS: &'static [Operand];
    /// Some elements have no loss.
    const REFUSES: bool = false;
    /// It grows with the distance of the first two operands alone.
    const OF_DISTANCE: bool = false;
    /// The loss of an item is the mean of those along the last axis.
    const OF_LAST_AXIS: bool = false;

    fn value(&self, at: At) -> f64;

    /// The derivative by one operand.
    fn slope(&self, operand: usize, at: At) -> f64;

    /// The operand whose element is wrong, and `is not …`
    fn refusal(&self, _at: At) -> Option<(usize, &'static str)> {
        None
    }
}

/// The operator that such a loss makes.
#[derive(Debug)]
pub(super) struct Losses<F> {
    function: F,
    reduction: Reduction,
    /// Where each operand stands among the inputs.
    places: [Option<usize>; OPERANDS],
}

/// The operator of a loss with these attributes.
pub(super) fn build<F: ElementLoss>(function: F, attributes: &Attributes) -> Result<Arc<dyn Op>, AttributeError> {
    let mut places = [None; OPERANDS];
    let operands = F::DEF.parameters.iter().filter(|parameter| !parameter.is_attribute());
    for (place, parameter) in places.iter_mut().zip(operands) {
        *place = attributes.operand(parameter.name);
    }
    Ok(Arc::new(Losses { function, reduction: Reduction::new(attributes)?, places }))
}

impl<F: ElementLoss> Op for Losses<F> {
    fn def(&self) -> &'static Def {
        F::DEF
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let mut losses: Shape = shape(facts, F::DEF, F::KINDS, self.places, inputs)?;
        if F::OF_LAST_AXIS {
            let Some((_, leading)) = losses.split_last() else {
                let message = format!("`{}` wants at least one axis, and gets a scalar", F::DEF.name);
                return Err(ShapeError::new(ShapeErrorKind::Rank, message).cause(Cause::Operand(0), "this is a scalar"));
            };
            losses = leading.into();
        }
        Ok(vec![TensorType::float(self.reduction.shape(losses))])
    }

    fn compares_numbers(&self) -> bool {
        F::OF_DISTANCE
    }

    fn keeps(&self) -> Keeps {
        Keeps::INPUTS
    }

    fn writes(&self) -> Grads {
        Grads::INPUTS
    }

    /// Three operations for each element, about.
    fn flops(&self, inputs: &[TensorType], _: &[TensorType]) -> Dim {
        inputs.first().map_or(Dim::ZERO, |input| input.shape.numel().mul(&Dim::from(3i64)))
    }
}

/// The index of the results in a nest.
const RESULT: usize = OPERANDS;
/// One for each operand, and that of the result.
type Indices = [usize; OPERANDS + 1];

/// The operands of one step, and the loops over them and over the losses.
struct Parts<'a, T> {
    data: [Option<Slice<'a, T>>; OPERANDS],
    nest: Nest<{ OPERANDS + 1 }>,
    elements: usize,
    /// What a sum of losses is multiplied by.
    scale: f64,
    /// The losses are results too.
    is_each: bool,
}

/// How many elements are read together.
const BLOCK: usize = 32;

/// Neighbouring elements along the innermost loop.
struct Block<'a> {
    at: &'a [At],
    /// The indices of the first in all tensors, and the distances to the next.
    starts: Indices,
    steps: Indices,
}

impl Block<'_> {
    /// The index in a tensor of the element with this number.
    fn place(&self, tensor: usize, number: usize) -> usize {
        self.starts[tensor] + number * self.steps[tensor]
    }
}

impl<T: Real> Parts<'_, T> {
    fn at(&self, indices: Indices) -> At {
        std::array::from_fn(|operand| {
            self.data[operand].map_or(1.0, |data| Read::<T>::at(data, indices[operand]).to_f64())
        })
    }

    fn each(&self, mut visit: impl FnMut(Block)) {
        self.nest.for_each_run(|starts, length, steps| {
            let mut at = [[1.0; OPERANDS]; BLOCK];
            for first in (0..length).step_by(BLOCK) {
                let at = &mut at[..BLOCK.min(length - first)];
                let starts = std::array::from_fn(|tensor| starts[tensor] + first * steps[tensor]);
                for operand in 0..OPERANDS {
                    self.read(operand, starts[operand], steps[operand], at);
                }
                visit(Block { at, starts, steps });
            }
        });
    }

    /// Reads neighbouring elements of an operand.
    fn read(&self, operand: usize, start: usize, step: usize, at: &mut [At]) {
        let Some(data) = self.data[operand] else { return };
        match data {
            Slice::Float(data) if step == 1 => {
                let length = at.len();
                at.iter_mut().zip(&data[start..start + length]).for_each(|(at, x)| at[operand] = x.to_f64());
            }
            _ => {
                for (index, at) in at.iter_mut().enumerate() {
                    at[operand] = Read::<T>::at(data, start + index * step).to_f64();
                }
            }
        }
    }

    fn sum(&self, value: impl Fn(At) -> f64) -> f64 {
        let mut sum = 0.0;
        self.each(|block| sum += block.at.iter().map(|at| value(*at)).sum::<f64>());
        sum
    }
}

impl<F: ElementLoss> Losses<F> {
    fn parts<'a, T: Real>(&self, inputs: &[View<'a, T>]) -> Option<Parts<'a, T>> {
        let input = inputs.first()?;
        let view = |operand: usize| self.places[operand].and_then(|index| inputs.get(index));
        let of: [Steps; OPERANDS] = std::array::from_fn(|operand| {
            let kind = F::KINDS.get(operand).copied().unwrap_or(Operand::Same);
            view(operand).map_or_else(Steps::new, |view| steps(kind, view.shape, input.shape))
        });
        let last = input.shape.last().copied().unwrap_or(1);
        let mut results = dense_steps(input.shape);
        if let (true, [leading @ .., along]) = (F::OF_LAST_AXIS, results.as_mut_slice()) {
            leading.iter_mut().for_each(|step| *step = step.checked_div(last).unwrap_or(0));
            *along = 0;
        }
        let elements: usize = input.shape.iter().product();
        // The mean of all is the mean of the means.
        let width = if F::OF_LAST_AXIS && self.reduction != Reduction::Mean { last } else { 1 };
        Some(Parts {
            data: std::array::from_fn(|operand| view(operand).map(|view| view.data)),
            nest: Nest::new(input.shape, [&of[0], &of[1], &of[2], &of[3], &results]),
            elements,
            scale: self.reduction.scale(input.shape) / width as f64,
            is_each: self.reduction == Reduction::None,
        })
    }

    fn check<T: Real>(&self, parts: &Parts<'_, T>, inputs: &[View<'_, T>]) -> Result<(), DataError> {
        let mut found = None;
        parts.each(|block| {
            let refused = |(number, at): (usize, &At)| Some((number, *at, self.function.refusal(*at)?));
            if let (None, Some((number, at, (operand, why)))) = (&found, block.at.iter().enumerate().find_map(refused))
            {
                let index = self.places[operand].unwrap_or(0);
                let shape = inputs.get(index).map_or(&[][..], |input| input.shape);
                let message = format!("{}{} {why}", at[operand], place(shape, block.place(operand, number)));
                found = Some(DataError { operand: index, message });
            }
        });
        found.map_or(Ok(()), Err)
    }
}

impl<F: ElementLoss, T: Real> Kernel<T> for Losses<F> {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let (Some(parts), [y]) = (self.parts(cx.inputs), cx.outputs) else { return Ok(()) };
        if F::REFUSES {
            self.check(&parts, cx.inputs)?;
        }
        let y = y.floats();
        if !parts.is_each {
            let sum = parts.sum(|at| self.function.value(at));
            y.fill(T::from_f64(sum * parts.scale));
        } else if F::OF_LAST_AXIS {
            let value = |indices: Indices| T::from_f64(self.function.value(parts.at(indices)));
            y.fill(T::from_f64(if parts.elements == 0 { f64::NAN } else { 0.0 }));
            add_sums(&parts.nest, RESULT, parts.scale, value, y);
        } else {
            parts.each(|block| {
                for (number, at) in block.at.iter().enumerate() {
                    y[block.place(RESULT, number)] = T::from_f64(self.function.value(*at));
                }
            });
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let (Some(parts), [grad]) = (self.parts(cx.inputs), cx.grad_outputs) else { return };
        let grad = grad.floats();
        for (operand, place) in self.places.into_iter().enumerate() {
            let Some(Some(out)) = place.and_then(|index| cx.grad_inputs.get_mut(index)) else { continue };
            let factor = |result: usize| grad[if parts.is_each { result } else { 0 }].to_f64() * parts.scale;
            let (_, repeated) = parts.nest.split(operand);
            let is_fresh = place.is_some_and(|index| cx.fresh.has_input(index));
            if repeated.is_single() && parts.elements > 0 {
                let give = if is_fresh { give::<T, true> } else { give::<T, false> };
                parts.each(|block| {
                    for (number, at) in block.at.iter().enumerate() {
                        let slope = factor(block.place(RESULT, number)) * self.function.slope(operand, *at);
                        give(&mut out[block.place(operand, number)], T::from_f64(slope));
                    }
                });
            } else {
                let value = |indices: Indices| {
                    T::from_f64(factor(indices[RESULT]) * self.function.slope(operand, parts.at(indices)))
                };
                if is_fresh {
                    out.fill(T::zero());
                }
                add_sums(&parts.nest, operand, 1.0, value, out);
            }
        }
    }
}

/// -1, 0 or 1; NaN for NaN.
pub(super) fn sign(x: f64) -> f64 {
    if x == 0.0 { 0.0 } else { x.signum() }
}

/// max(x, 0); NaN for NaN.
pub(super) fn at_least_0(x: f64) -> f64 {
    if x < 0.0 { 0.0 } else { x }
}

/// ln(1 + e^x) and ln(1 + e^-x)
pub(super) fn softplus(x: f64) -> [f64; 2] {
    let small = (-x.abs()).exp().ln_1p();
    [at_least_0(x) + small, at_least_0(-x) + small]
}

/// 1 / (1 + e^-x) and 1 / (1 + e^x)
pub(super) fn sigmoid(x: f64) -> [f64; 2] {
    let small = (-x.abs()).exp();
    let (near, far) = (1.0 / (1.0 + small), small / (1.0 + small));
    if x < 0.0 { [far, near] } else { [near, far] }
}
