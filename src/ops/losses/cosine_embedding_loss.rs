//! `cosine_embedding_loss`: the loss of two vectors that should point the same way, or not.

#![allow(clippy::indexing_slicing, reason = "rows are counted from the sizes of the slices")]

use super::element_loss::at_least_0;
use crate::ops::contract::{Backward, DataError, Def, Form, Forward, Keeps, Kernel, Literal, Op, Parameter, Type};
use crate::ops::reduction::{REDUCTION, Reduction};
use crate::ops::shape_rules::{any_operand, axes, operand_of, same_shapes};
use crate::ops::{Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Element, Facts, Shape, TensorType};
use crate::tensor::zip::Read;
use crate::tensor::{Real, View, reduce};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "cosine_embedding_loss",
    form: Form::Function,
    summary: "Gives the mean of how far the cosine of two vectors is from 1 where they are alike, or above a margin where not.",
    formula: "lₙ = 1 - cos(aₙ, bₙ) where tₙ is 1, max(0, cos(aₙ, bₙ) - margin) where it is -1",
    parameters: &[
        Parameter::operand("input1", "Vectors a, `[N, D]` or `[D]`"),
        Parameter::operand("input2", "Vectors b, the shape of the first."),
        Parameter::operand("target", "1 or -1, `[N]` or `[]`"),
        Parameter::attribute("margin", Type::Float, Literal::Float(0.0), "The cosine that is small enough."),
        REDUCTION,
    ],
    torch: "torch.nn.functional.cosine_embedding_loss",
    onnx: "",
    examples: &[
        "input a: [3, 4]  input b: [3, 4]  input t: int[3]  output cosine_embedding_loss(a, b, t * 0 + 1)",
        "input a: [3, 4]  input b: [3, 4]  input t: int[3]  output cosine_embedding_loss(a, b, t * 0 - 1, -2.0, \"sum\")",
        "input a: [3, 4]  input b: [3, 4]  input t: int[3]  output cosine_embedding_loss(a, b, t * 0 + 1, reduction=\"none\")",
        "input a: [4]  input b: [4]  input t: int[]  output cosine_embedding_loss(a, b, t * 0 - 1, margin=-0.5)",
    ],
    build: |attributes| {
        Ok(Arc::new(CosineEmbedding { margin: attributes.float("margin")?, reduction: Reduction::new(attributes)? }))
    },
};

/// Added to the squares of both lengths, as in PyTorch.
const EPS: f64 = 1e-12;

#[derive(Debug)]
struct CosineEmbedding {
    margin: f64,
    reduction: Reduction,
}

impl Op for CosineEmbedding {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let a = operand_of(&DEF, inputs, 0, Element::Float)?;
        operand_of(&DEF, inputs, 1, Element::Float)?;
        let losses: Shape = match &*a.shape {
            [_] => Shape::scalar(),
            [items, _] => [items.clone()].into(),
            other => {
                let message = format!("`cosine_embedding_loss` wants [N, D] or [D], and gets {a}");
                return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                    .cause(Cause::Operand(0), format!("this has {}", axes(other.len()))));
            }
        };
        same_shapes(facts, &DEF, inputs, [0, 1])?;
        let target = any_operand(&DEF, inputs, 2)?;
        let fits = losses.rank() == target.shape.rank()
            && losses.iter().zip(target.shape.iter()).all(|(x, y)| facts.equal(x, y));
        if !fits {
            let message = format!("`cosine_embedding_loss` of {a} wants targets {losses}, and gets {target}");
            return Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
                .cause(Cause::Operand(2), format!("this is {target}"))
                .cause(Cause::Operand(0), format!("this is {a}")));
        }
        Ok(vec![TensorType::float(self.reduction.shape(losses))])
    }

    fn keeps(&self) -> Keeps {
        Keeps::INPUTS
    }

    /// Three products and sums for each pair of elements.
    fn flops(&self, inputs: &[TensorType], _: &[TensorType]) -> Dim {
        inputs.first().map_or(Dim::ZERO, |input| input.shape.numel().mul(&Dim::from(6i64)))
    }
}

/// A pair of vectors and their target.
struct Row<'a, T> {
    a: &'a [T],
    b: &'a [T],
    /// a · b
    dot: f64,
    /// ‖a‖² and ‖b‖², a little more than that.
    squares: [f64; 2],
    target: f64,
}

impl<T: Real> Row<'_, T> {
    fn cosine(&self) -> f64 {
        self.dot / (self.squares[0] * self.squares[1]).sqrt()
    }
}

impl CosineEmbedding {
    fn rows<'a, T: Real>(inputs: &'a [View<'a, T>]) -> impl Iterator<Item = Row<'a, T>> {
        let at = |index: usize| inputs.get(index).map_or(&[][..], View::floats);
        let shape = inputs.first().map_or(&[][..], |input| input.shape);
        let (width, count) = shape.split_last().map_or((0, 0), |(width, items)| (*width, items.iter().product()));
        let (a, b, target) = (at(0), at(1), inputs.get(2).map(|target| target.data));
        (0..count).map(move |row| {
            let (a, b) = (&a[row * width..(row + 1) * width], &b[row * width..(row + 1) * width]);
            let sum = |x: &[T], y: &[T]| reduce::sum(width, |index| x[index].to_f64() * y[index].to_f64());
            let target = target.map_or(0.0, |target| Read::<T>::at(target, row).to_f64());
            Row { a, b, dot: sum(a, b), squares: [sum(a, a) + EPS, sum(b, b) + EPS], target }
        })
    }

    fn loss<T: Real>(&self, row: &Row<'_, T>) -> f64 {
        match row.target {
            1.0 => 1.0 - row.cosine(),
            -1.0 => at_least_0(row.cosine() - self.margin),
            _ => 0.0,
        }
    }

    /// The derivative of the loss by the cosine.
    fn slope<T: Real>(&self, row: &Row<'_, T>) -> f64 {
        match row.target {
            1.0 => -1.0,
            -1.0 if row.cosine() - self.margin >= 0.0 => 1.0,
            _ => 0.0,
        }
    }
}

impl<T: Real> Kernel<T> for CosineEmbedding {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let [y] = cx.outputs else { return Ok(()) };
        let losses = Self::rows(cx.inputs).map(|row| self.loss(&row));
        if self.reduction == Reduction::None {
            y.floats().iter_mut().zip(losses).for_each(|(y, loss)| *y = T::from_f64(loss));
        } else {
            let shape = cx.inputs.get(2).map_or(&[][..], |target| target.shape);
            y.floats().fill(T::from_f64(losses.sum::<f64>() * self.reduction.scale(shape)));
        }
        Ok(())
    }

    /// With c the cosine: da = g l' (b / (‖a‖ ‖b‖) - c a / ‖a‖²)
    fn backward(&self, cx: Backward<T>) {
        let ([_, _, target], [grad], [grad_a, grad_b, _]) = (cx.inputs, cx.grad_outputs, cx.grad_inputs) else {
            return;
        };
        let (grad, scale, each) =
            (grad.floats(), self.reduction.scale(target.shape), self.reduction == Reduction::None);
        for (number, row) in Self::rows(cx.inputs).enumerate() {
            let factor = scale * grad[if each { number } else { 0 }].to_f64() * self.slope(&row);
            let across = factor / (row.squares[0] * row.squares[1]).sqrt();
            let range = number * row.a.len()..(number + 1) * row.a.len();
            for (out, (own, other), square) in
                [(&mut *grad_a, (row.a, row.b), row.squares[0]), (&mut *grad_b, (row.b, row.a), row.squares[1])]
            {
                let Some(out) = out else { continue };
                let along = factor * row.cosine() / square;
                for (out, (own, other)) in out[range.clone()].iter_mut().zip(own.iter().zip(other)) {
                    *out += T::from_f64(across * other.to_f64() - along * own.to_f64());
                }
            }
        }
    }
}
