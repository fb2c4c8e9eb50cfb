//! `multilabel_margin_loss`: the hinge loss of several classes at once.

#![allow(clippy::indexing_slicing, reason = "rows stay inside the tensors, and classes are checked first")]

use super::class_targets::class_error;
use crate::ops::contract::{Backward, DataError, Def, Form, Forward, Keeps, Kernel, Op, Parameter};
use crate::ops::reduction::{REDUCTION, Reduction};
use crate::ops::shape_rules::{axes, operand_of, same_shapes};
use crate::ops::{Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Element, Facts, Shape, TensorType};
use crate::tensor::{Real, View};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "multilabel_margin_loss",
    form: Form::Function,
    summary: "Gives the mean of how far the scores of other classes come within 1 of those of the targets.",
    formula: "lₙ = 1/C Σⱼᵢ max(0, 1 - xₙ[tₙⱼ] + xₙᵢ), tₙⱼ the targets before the first that is negative, i none of them",
    parameters: &[
        Parameter::operand("input", "A score for each class, `[N, C]` or `[C]`"),
        Parameter::operand("target", "Classes, the first negative one ends them, `int[N, C]` or `int[C]`"),
        REDUCTION,
    ],
    torch: "torch.nn.functional.multilabel_margin_loss",
    onnx: "",
    examples: &[
        "input x: [4, 3]  input t: int[4, 3]  output multilabel_margin_loss(x, t % 4 - 1)",
        "input x: [4, 3]  input t: int[4, 3]  output multilabel_margin_loss(x, t % 4 - 1, reduction=\"sum\")",
        "input x: [4, 3]  input t: int[4, 3]  output multilabel_margin_loss(x, t % 4 - 1, \"none\")",
        "input x: [3]  input t: int[3]  output multilabel_margin_loss(x, t * 0)",
    ],
    build: |attributes| Ok(Arc::new(MultiLabel(Reduction::new(attributes)?))),
};

#[derive(Debug)]
struct MultiLabel(Reduction);

impl Op for MultiLabel {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = operand_of(&DEF, inputs, 0, Element::Float)?;
        operand_of(&DEF, inputs, 1, Element::Int)?;
        let losses: Shape = match &*input.shape {
            [_] => Shape::scalar(),
            [items, _] => [items.clone()].into(),
            other => {
                let message = format!("`multilabel_margin_loss` wants [N, C] or [C], and gets {input}");
                return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                    .cause(Cause::Operand(0), format!("this has {}", axes(other.len()))));
            }
        };
        same_shapes(facts, &DEF, inputs, [0, 1])?;
        Ok(vec![TensorType::float(self.0.shape(losses))])
    }

    fn keeps(&self) -> Keeps {
        Keeps::INPUTS
    }

    fn index_bound(&self, operand: usize, inputs: &[TensorType]) -> Option<Dim> {
        inputs.first().filter(|_| operand == 1)?.shape.last().cloned()
    }

    /// Two sums for each pair of scores.
    fn flops(&self, inputs: &[TensorType], _: &[TensorType]) -> Dim {
        let Some(input) = inputs.first() else { return Dim::ZERO };
        let classes = input.shape.last().cloned().unwrap_or(Dim::ONE);
        input.shape.numel().mul(&classes).mul(&Dim::from(2i64))
    }
}

impl MultiLabel {
    /// Calls `visit(number of the row, place of a score, place of a target's, how far within)` for every pair of another
    /// class and a target that comes within the margin.
    fn each<T: Real>(inputs: &[View<'_, T>], mut visit: impl FnMut(usize, usize, usize, f64)) {
        let [input, target] = inputs else { return };
        let classes = input.shape.last().copied().unwrap_or(0);
        if classes == 0 {
            return;
        }
        for (row, (x, targets)) in input.floats().chunks(classes).zip(target.ints().chunks(classes)).enumerate() {
            let count = targets.iter().position(|class| *class < 0).unwrap_or(classes);
            let targets = &targets[..count];
            for other in (0..classes).filter(|other| !targets.contains(&(*other as i64))) {
                for &class in targets {
                    let within = 1.0 - x[class as usize].to_f64() + x[other].to_f64();
                    if within > 0.0 {
                        visit(row, row * classes + other, row * classes + class as usize, within);
                    }
                }
            }
        }
    }

    fn scale<T>(&self, inputs: &[View<'_, T>]) -> f64 {
        let shape = inputs.first().map_or(&[][..], |input| input.shape);
        let Some((classes, items)) = shape.split_last() else { return 0.0 };
        self.0.scale(items) / *classes as f64
    }
}

impl<T: Real> Kernel<T> for MultiLabel {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([input, target], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        let classes = input.shape.last().copied().unwrap_or(0);
        if let Some(at) = target.ints().iter().position(|class| *class >= classes as i64) {
            return Err(class_error((target.shape, at), target.ints()[at], classes));
        }
        let (y, scale) = (y.floats(), self.scale(cx.inputs));
        if self.0 == Reduction::None {
            y.fill(T::zero());
            Self::each(cx.inputs, |row, _, _, within| y[row] += T::from_f64(scale * within));
        } else {
            let mut sum = 0.0;
            Self::each(cx.inputs, |_, _, _, within| sum += within);
            y.fill(T::from_f64(sum * scale));
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let ([grad], Some(Some(out))) = (cx.grad_outputs, cx.grad_inputs.first_mut()) else { return };
        let (grad, scale, each) = (grad.floats(), self.scale(cx.inputs), self.0 == Reduction::None);
        Self::each(cx.inputs, |row, other, at, _| {
            let slope = T::from_f64(scale * grad[if each { row } else { 0 }].to_f64());
            out[other] += slope;
            out[at] -= slope;
        });
    }
}
