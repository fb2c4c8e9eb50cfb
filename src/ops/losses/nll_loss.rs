//! `nll_loss`: the loss of classification, from logarithms of probabilities.

#![allow(clippy::indexing_slicing, reason = "lanes stay inside the tensors, and classes are checked first")]

use super::class_targets::{NUMBERS, check_classes, class_axis, class_targets, class_weight, wanted_class_axis};
use crate::ops::ShapeError;
use crate::ops::axis::without;
use crate::ops::contract::{
    Backward, DataError, Def, Form, Forward, Grads, Keeps, Kernel, Literal, Op, Parameter, Type,
};
use crate::ops::reduction::{REDUCTION, Reduction};
use crate::ops::shape_rules::operand_of;
use crate::shape::{Dim, Element, Facts, TensorType};
use crate::tensor::lane::lanes;
use crate::tensor::{Real, View};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "nll_loss",
    form: Form::Function,
    summary: "Gives the mean negative logarithm of the probability of the target, picked from the logarithms of all.",
    formula: "l = -Σₙ w[tₙ] xₙ[tₙ] / Σₙ w[tₙ]",
    parameters: &[
        Parameter::operand("input", "Logarithms of probabilities, `[N, C, ...]` or `[C]`; `dim` says where C stands."),
        Parameter::operand("target", "Classes, `int[N, ...]` or `int[]`"),
        Parameter::optional_operand("weight", "A factor for each class, `[C]`"),
        Parameter::attribute("ignore_index", Type::Int, Literal::Int(-100), "A class that is left out of the loss."),
        REDUCTION,
        Parameter::attribute("dim", Type::Int, Literal::Int(1), "The axis of the classes."),
    ],
    torch: "torch.nn.functional.nll_loss",
    onnx: "NegativeLogLikelihoodLoss",
    examples: &[
        "input x: [4, 3]  input t: int[4]  output nll_loss(log_softmax(x, dim=1), t)",
        "input x: [2, 3, 5]  input t: int[2, 5]  input w: [3]  output nll_loss(x, t, w, ignore_index=1)",
        "input x: [2, 5, 3]  input t: int[2, 5]  output nll_loss(x, t, reduction=\"sum\", dim=-1)",
        "input x: [4, 3]  input t: int[4]  input w: [3]  output nll_loss(x, t, w, reduction=\"none\")",
        "input x: [3]  input t: int[]  output nll_loss(x, t)",
    ],
    build: |attributes| {
        Ok(Arc::new(NllLoss {
            ignore_index: attributes.int("ignore_index")?,
            reduction: Reduction::new(attributes)?,
            dim: attributes.int("dim")?,
        }))
    },
};

#[derive(Debug)]
struct NllLoss {
    ignore_index: i64,
    reduction: Reduction,
    dim: i64,
}

impl Op for NllLoss {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = operand_of(&DEF, inputs, 0, Element::Float)?;
        let target = operand_of(&DEF, inputs, 1, Element::Int)?;
        let axis = wanted_class_axis(&DEF, self.dim, input)?;
        let losses = class_targets(facts, &DEF, axis, [input, target], NUMBERS)?;
        class_weight(facts, &DEF, inputs, axis)?;
        Ok(vec![TensorType::float(self.reduction.shape(losses))])
    }

    fn keeps(&self) -> Keeps {
        Keeps::INPUTS
    }

    fn writes(&self) -> Grads {
        Grads::input(0)
    }

    fn index_bound(&self, operand: usize, inputs: &[TensorType]) -> Option<Dim> {
        let input = inputs.first().filter(|_| operand == 1)?;
        input.shape.get(class_axis(self.dim, input.shape.rank())?).cloned()
    }

    fn class_axis(&self, inputs: &[TensorType]) -> Option<usize> {
        inputs.first().and_then(|input| class_axis(self.dim, input.shape.rank()))
    }

    fn is_mean_nll(&self, inputs: &[TensorType]) -> bool {
        self.reduction == Reduction::Mean && inputs.len() == 2
    }

    /// A product and a sum for each target.
    fn flops(&self, inputs: &[TensorType], _: &[TensorType]) -> Dim {
        let Some(input) = inputs.first() else { return Dim::ZERO };
        let axis = class_axis(self.dim, input.shape.rank()).unwrap_or(0);
        without(&input.shape, axis).numel().mul(&Dim::from(2i64))
    }
}

/// The operands of one step.
struct Parts<'a, T> {
    input: &'a View<'a, T>,
    target: &'a View<'a, T>,
    weight: Option<&'a [T]>,
    axis: usize,
    ignore_index: i64,
}

impl<T: Real> Parts<'_, T> {
    /// Calls `visit(number of the target, place of its logarithm, class)` for every target that isn't ignored.
    fn each(&self, mut visit: impl FnMut(usize, usize, usize)) {
        for (number, (lane, &class)) in lanes(self.input.shape, self.axis).zip(self.target.ints()).enumerate() {
            if class != self.ignore_index {
                visit(number, lane.at(class as usize), class as usize);
            }
        }
    }

    fn weight(&self, class: usize) -> f64 {
        self.weight.map_or(1.0, |weight| weight[class].to_f64())
    }

    /// What a sum of losses is multiplied by.
    fn scale(&self, reduction: Reduction) -> f64 {
        if reduction != Reduction::Mean {
            return 1.0;
        }
        let mut total = 0.0;
        self.each(|_, _, class| total += self.weight(class));
        1.0 / total
    }

    fn loss(&self, at: usize, class: usize) -> f64 {
        -self.weight(class) * self.input.floats()[at].to_f64()
    }
}

impl NllLoss {
    fn parts<'a, T: Real>(&self, inputs: &'a [View<'a, T>]) -> Option<Parts<'a, T>> {
        let [input, target, weight @ ..] = inputs else { return None };
        let axis = class_axis(self.dim, input.shape.len())?;
        let weight = weight.first().map(View::floats);
        Some(Parts { input, target, weight, axis, ignore_index: self.ignore_index })
    }
}

impl<T: Real> Kernel<T> for NllLoss {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let (Some(parts), [y]) = (self.parts(cx.inputs), cx.outputs) else { return Ok(()) };
        let classes = parts.input.shape.get(parts.axis).copied().unwrap_or(0);
        check_classes(parts.target, classes, Some(self.ignore_index))?;
        let y = y.floats();
        if self.reduction == Reduction::None {
            y.fill(T::zero());
            parts.each(|number, at, class| y[number] = T::from_f64(parts.loss(at, class)));
        } else {
            let mut sum = 0.0;
            parts.each(|_, at, class| sum += parts.loss(at, class));
            y.fill(T::from_f64(sum * parts.scale(self.reduction)));
        }
        Ok(())
    }

    /// dx[t] = -g w[t], dw[t] = -g x[t]; a mean is divided by the weights, so it hangs on them twice.
    fn backward(&self, mut cx: Backward<T>) {
        cx.begin();
        let (Some(parts), [grad]) = (self.parts(cx.inputs), cx.grad_outputs) else { return };
        let (scale, grad) = (parts.scale(self.reduction), grad.floats());
        let each = self.reduction == Reduction::None;
        let factor = |number: usize| scale * grad[if each { number } else { 0 }].to_f64();
        if let Some(Some(out)) = cx.grad_inputs.first_mut() {
            parts.each(|number, at, class| out[at] -= T::from_f64(factor(number) * parts.weight(class)));
        }
        if let Some(Some(out)) = cx.grad_inputs.get_mut(2) {
            let mut sum = 0.0;
            parts.each(|number, at, class| {
                out[class] -= T::from_f64(factor(number) * parts.input.floats()[at].to_f64());
                sum += factor(number) * parts.loss(at, class);
            });
            if self.reduction == Reduction::Mean {
                parts.each(|_, _, class| out[class] -= T::from_f64(sum * scale));
            }
        }
    }
}
