//! Losses of single elements, which are then averaged or summed up. Such a loss's file gives the loss of an element and
//! its derivatives; shape rule and kernels stand here.

#![allow(clippy::indexing_slicing, reason = "a nest of loops stays inside the tensors that it was made of")]

use super::contract::{Backward, DataError, Def, Forward, Keeps, Kernel, Op};
use super::element_loss_shape::{Operand, shape, steps};
use super::reduction::Reduction;
use super::{AttributeError, Attributes, Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Facts, Shape, TensorType};
use crate::tensor::nest::{Nest, Steps, dense_steps};
use crate::tensor::reduce::add_sums;
use crate::tensor::zip::Read;
use crate::tensor::{Real, Slice, View, place, reduce};
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

    fn keeps(&self) -> Keeps {
        Keeps::INPUTS
    }

    /// Three operations for each element, about.
    fn flops(&self, inputs: &[TensorType], _: &[TensorType]) -> Dim {
        inputs.first().map_or(Dim::ZERO, |input| input.shape.numel().mul(&Dim::from(3i64)))
    }
}

/// The index of the results in a nest.
const RESULT: usize = OPERANDS;

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

impl<T: Real> Parts<'_, T> {
    fn at(&self, indices: [usize; OPERANDS + 1]) -> At {
        std::array::from_fn(|operand| {
            self.data[operand].map_or(1.0, |data| Read::<T>::at(data, indices[operand]).to_f64())
        })
    }

    fn each(&self, mut visit: impl FnMut([usize; OPERANDS + 1])) {
        self.nest.for_each_run(|starts, length, steps| {
            for index in 0..length {
                visit(std::array::from_fn(|tensor| starts[tensor] + index * steps[tensor]));
            }
        });
    }

    fn sum(&self, value: impl Fn(At) -> f64) -> f64 {
        let mut sum = 0.0;
        self.nest.for_each_run(|starts, length, steps| {
            let indices = |index: usize| std::array::from_fn(|tensor| starts[tensor] + index * steps[tensor]);
            sum += reduce::sum(length, |index| value(self.at(indices(index))));
        });
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
        parts.each(|indices| {
            let at = parts.at(indices);
            if let (None, Some((operand, why))) = (&found, self.function.refusal(at)) {
                let index = self.places[operand].unwrap_or(0);
                let shape = inputs.get(index).map_or(&[][..], |input| input.shape);
                let message = format!("{}{} {why}", at[operand], place(shape, indices[operand]));
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
            let value = |indices: [usize; OPERANDS + 1]| T::from_f64(self.function.value(parts.at(indices)));
            y.fill(T::from_f64(if parts.elements == 0 { f64::NAN } else { 0.0 }));
            add_sums(&parts.nest, RESULT, parts.scale, value, y);
        } else {
            parts.each(|indices| y[indices[RESULT]] = T::from_f64(self.function.value(parts.at(indices))));
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let (Some(parts), [grad]) = (self.parts(cx.inputs), cx.grad_outputs) else { return };
        let grad = grad.floats();
        for (operand, place) in self.places.into_iter().enumerate() {
            let Some(Some(out)) = place.and_then(|index| cx.grad_inputs.get_mut(index)) else { continue };
            let value = |indices: [usize; OPERANDS + 1]| {
                let grad = grad[if parts.is_each { indices[RESULT] } else { 0 }].to_f64();
                T::from_f64(grad * parts.scale * self.function.slope(operand, parts.at(indices)))
            };
            let (_, repeated) = parts.nest.split(operand);
            if repeated.is_single() {
                parts.each(|indices| out[indices[operand]] += value(indices));
            } else {
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

/// ln(1 + e^x)
pub(super) fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// 1 / (1 + e^-x)
pub(super) fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}
