//! `multi_margin_loss`: the hinge loss of classification.

#![allow(clippy::indexing_slicing, reason = "rows stay inside the tensors, and classes are checked first")]

use super::class_targets::{NUMBERS, check_classes, class_targets, class_weight};
use crate::ops::contract::{Backward, DataError, Def, Form, Forward, Keeps, Kernel, Literal, Op, Parameter, Type};
use crate::ops::reduction::{REDUCTION, Reduction};
use crate::ops::shape_rules::{axes, operand_of};
use crate::ops::{AttributeError, Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Element, Facts, TensorType};
use crate::tensor::{Real, View};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "multi_margin_loss",
    form: Form::Function,
    summary: "Gives the mean of how far the scores of other classes come within a margin of that of the target.",
    formula: "lₙ = 1/C Σᵢ w[tₙ] max(0, margin - xₙ[tₙ] + xₙᵢ)^p, i ≠ tₙ",
    parameters: &[
        Parameter::operand("input", "A score for each class, `[N, C]` or `[C]`"),
        Parameter::operand("target", "Classes, `int[N]` or `int[]`"),
        Parameter::attribute("p", Type::Int, Literal::Int(1), "The power, 1 or 2."),
        Parameter::attribute("margin", Type::Float, Literal::Float(1.0), "The margin."),
        Parameter::optional_operand("weight", "A factor for each class, `[C]`"),
        REDUCTION,
    ],
    torch: "torch.nn.functional.multi_margin_loss",
    onnx: "",
    examples: &[
        "input x: [4, 3]  input t: int[4]  output multi_margin_loss(x, t)",
        "input x: [4, 3]  input t: int[4]  input w: [3]  output multi_margin_loss(x, t, 2, 0.7, w, \"sum\")",
        "input x: [4, 3]  input t: int[4]  input w: [3]  output multi_margin_loss(x, t, weight=w, reduction=\"none\")",
        "input x: [3]  input t: int[]  output multi_margin_loss(x, t)",
    ],
    build: |attributes| {
        let p = attributes.int("p")?;
        if ![1, 2].contains(&p) {
            return Err(AttributeError::new("p", format!("`p` must be 1 or 2, and is {p}")));
        }
        let (margin, reduction) = (attributes.float("margin")?, Reduction::new(attributes)?);
        Ok(Arc::new(MultiMargin { is_squared: p == 2, margin, reduction }))
    },
};

#[derive(Debug)]
struct MultiMargin {
    is_squared: bool,
    margin: f64,
    reduction: Reduction,
}

impl Op for MultiMargin {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = operand_of(&DEF, inputs, 0, Element::Float)?;
        let target = operand_of(&DEF, inputs, 1, Element::Int)?;
        let Some(axis) = input.shape.rank().checked_sub(1).filter(|axis| *axis < 2) else {
            let message = format!("`multi_margin_loss` wants [N, C] or [C], and gets {input}");
            return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                .cause(Cause::Operand(0), format!("this has {}", axes(input.shape.rank()))));
        };
        let losses = class_targets(facts, &DEF, axis, [input, target], NUMBERS)?;
        class_weight(facts, &DEF, inputs, axis)?;
        Ok(vec![TensorType::float(self.reduction.shape(losses))])
    }

    fn keeps(&self) -> Keeps {
        Keeps::INPUTS
    }

    fn index_bound(&self, operand: usize, inputs: &[TensorType]) -> Option<Dim> {
        inputs.first().filter(|_| operand == 1)?.shape.last().cloned()
    }

    /// Two sums and a power for each score.
    fn flops(&self, inputs: &[TensorType], _: &[TensorType]) -> Dim {
        inputs.first().map_or(Dim::ZERO, |input| input.shape.numel().mul(&Dim::from(3i64)))
    }
}

impl MultiMargin {
    /// Calls `visit(number of the row, place of a score, place of the target's, target)` for every other score that comes
    /// within the margin.
    fn each<T: Real>(&self, inputs: &[View<'_, T>], mut visit: impl FnMut(usize, usize, usize, usize)) {
        let [input, target, ..] = inputs else { return };
        let (classes, x) = (input.shape.last().copied().unwrap_or(0), input.floats());
        for (row, &class) in target.ints().iter().enumerate() {
            let class = class as usize;
            let at = row * classes + class;
            for other in (row * classes..(row + 1) * classes).filter(|other| *other != at) {
                if self.margin - x[at].to_f64() + x[other].to_f64() > 0.0 {
                    visit(row, other, at, class);
                }
            }
        }
    }

    /// How far a score comes within the margin, raised to the power, and the derivative.
    fn hinge<T: Real>(&self, x: &[T], other: usize, at: usize) -> (f64, f64) {
        let within = self.margin - x[at].to_f64() + x[other].to_f64();
        if self.is_squared { (within * within, 2.0 * within) } else { (within, 1.0) }
    }

    /// What a sum over scores is multiplied by.
    fn scale<T>(&self, inputs: &[View<'_, T>]) -> f64 {
        let [input, target, ..] = inputs else { return 0.0 };
        self.reduction.scale(target.shape) / input.shape.last().copied().unwrap_or(1) as f64
    }
}

impl<T: Real> Kernel<T> for MultiMargin {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([input, target, weight @ ..], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        check_classes(target, input.shape.last().copied().unwrap_or(0), None)?;
        let (x, y, scale) = (input.floats(), y.floats(), self.scale(cx.inputs));
        let weight = |class: usize| weight.first().map_or(1.0, |weight| weight.floats()[class].to_f64());
        if self.reduction == Reduction::None {
            y.fill(T::zero());
            self.each(cx.inputs, |row, other, at, class| {
                y[row] += T::from_f64(scale * weight(class) * self.hinge(x, other, at).0);
            });
        } else {
            let mut sum = 0.0;
            self.each(cx.inputs, |_, other, at, class| sum += weight(class) * self.hinge(x, other, at).0);
            y.fill(T::from_f64(sum * scale));
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let ([input, _, weight @ ..], [grad]) = (cx.inputs, cx.grad_outputs) else { return };
        let (x, grad, scale) = (input.floats(), grad.floats(), self.scale(cx.inputs));
        let each = self.reduction == Reduction::None;
        let factor = |row: usize| scale * grad[if each { row } else { 0 }].to_f64();
        let weight = |class: usize| weight.first().map_or(1.0, |weight| weight.floats()[class].to_f64());
        if let Some(Some(out)) = cx.grad_inputs.first_mut() {
            self.each(cx.inputs, |row, other, at, class| {
                let slope = T::from_f64(factor(row) * weight(class) * self.hinge(x, other, at).1);
                out[other] += slope;
                out[at] -= slope;
            });
        }
        if let Some(Some(out)) = cx.grad_inputs.get_mut(2) {
            self.each(cx.inputs, |row, other, at, class| {
                out[class] += T::from_f64(factor(row) * self.hinge(x, other, at).0);
            });
        }
    }
}
