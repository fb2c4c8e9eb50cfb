//! `triplet_margin_loss`: the loss of a vector that should be nearer to one than to another.

#![allow(clippy::indexing_slicing, reason = "rows are counted from the sizes of the slices")]

use super::element_loss::at_least_0;
use crate::ops::contract::{Backward, DataError, Def, Form, Forward, Keeps, Kernel, Literal, Op, Parameter, Type};
use crate::ops::distances::{Norm, PNorm};
use crate::ops::reduction::{REDUCTION, Reduction};
use crate::ops::shape_rules::{operand_of, same_shapes};
use crate::ops::{Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Element, Facts, Shape, TensorType};
use crate::tensor::{Real, View};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "triplet_margin_loss",
    form: Form::Function,
    summary: "Gives the mean of how far, by a margin, vectors are from being nearer to their likes than to others.",
    formula: "lₙ = max(0, ‖aₙ - pₙ + eps‖ₚ - ‖aₙ - nₙ + eps‖ₚ + margin); with `swap`, ‖pₙ - nₙ + eps‖ₚ takes the place of the second if it is smaller",
    parameters: &[
        Parameter::operand("anchor", "Vectors a, `[..., D]`"),
        Parameter::operand("positive", "Vectors p that are like them, the shape of the anchors."),
        Parameter::operand("negative", "Vectors n that aren't, the shape of the anchors."),
        Parameter::attribute("margin", Type::Float, Literal::Float(1.0), "By how much they should be nearer."),
        Parameter::attribute("p", Type::Float, Literal::Float(2.0), "Which norm is the distance."),
        Parameter::attribute("eps", Type::Float, Literal::Float(1e-6), "Added to each difference."),
        Parameter::attribute(
            "swap",
            Type::Bool,
            Literal::Bool(false),
            "Whether the like and the other vector must be apart too.",
        ),
        REDUCTION,
    ],
    torch: "torch.nn.functional.triplet_margin_loss",
    onnx: "",
    examples: &[
        "input a: [3, 4]  input p: [3, 4]  input n: [3, 4]  output triplet_margin_loss(a, p, n, margin=5.0)",
        "input a: [3, 4]  input p: [3, 4]  input n: [3, 4]  output triplet_margin_loss(a, p, n, 3.0, 1, 0.1, true, \"sum\")",
        "input a: [2, 3, 4]  input p: [2, 3, 4]  input n: [2, 3, 4]  output triplet_margin_loss(a, p, n, swap=true, reduction=\"none\")",
        "input a: [4]  input p: [4]  input n: [4]  output triplet_margin_loss(a, p, n, margin=2.0, p=3)",
    ],
    build: |attributes| {
        Ok(Arc::new(Triplet {
            margin: attributes.float("margin")?,
            p: PNorm(attributes.float("p")?),
            eps: attributes.float("eps")?,
            swap: attributes.bool("swap")?,
            reduction: Reduction::new(attributes)?,
        }))
    },
};

#[derive(Debug)]
struct Triplet {
    margin: f64,
    p: PNorm,
    eps: f64,
    swap: bool,
    reduction: Reduction,
}

const ANCHOR: usize = 0;
const POSITIVE: usize = 1;
const NEGATIVE: usize = 2;

impl Op for Triplet {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        for operand in [ANCHOR, POSITIVE, NEGATIVE] {
            operand_of(&DEF, inputs, operand, Element::Float)?;
        }
        same_shapes(facts, &DEF, inputs, [ANCHOR, POSITIVE])?;
        same_shapes(facts, &DEF, inputs, [ANCHOR, NEGATIVE])?;
        let Some((_, leading)) = inputs.first().and_then(|anchor| anchor.shape.split_last()) else {
            let message = "`triplet_margin_loss` wants at least one axis, and gets scalars";
            return Err(ShapeError::new(ShapeErrorKind::Rank, message).cause(Cause::Operand(0), "this is a scalar"));
        };
        Ok(vec![TensorType::float(self.reduction.shape(Shape::from(leading)))])
    }

    fn keeps(&self) -> Keeps {
        Keeps::INPUTS
    }

    /// Two distances, three with `swap`, of a difference, a power and a sum for each element.
    fn flops(&self, inputs: &[TensorType], _: &[TensorType]) -> Dim {
        let each = if self.swap { 9i64 } else { 6 };
        inputs.first().map_or(Dim::ZERO, |input| input.shape.numel().mul(&Dim::from(each)))
    }
}

/// A distance that a loss hangs on.
struct Distance {
    /// The operands of the difference.
    pair: [usize; 2],
    norm: Norm,
}

impl Triplet {
    fn difference<T: Real>(&self, rows: [&[T]; 3], [first, second]: [usize; 2], index: usize) -> f64 {
        rows[first][index].to_f64() - rows[second][index].to_f64() + self.eps
    }

    fn distance<T: Real>(&self, rows: [&[T]; 3], pair: [usize; 2]) -> Distance {
        let norm = self.p.of(rows[0].len(), |index| self.difference(rows, pair, index));
        Distance { pair, norm }
    }

    /// The distances that should be small and large, in the row with this number.
    fn distances<T: Real>(&self, rows: [&[T]; 3]) -> [Distance; 2] {
        let mut far = self.distance(rows, [ANCHOR, NEGATIVE]);
        if self.swap {
            let other = self.distance(rows, [POSITIVE, NEGATIVE]);
            if other.norm.value < far.norm.value {
                far = other;
            }
        }
        [self.distance(rows, [ANCHOR, POSITIVE]), far]
    }

    /// How far the distances are from what they should be.
    fn excess(&self, [near, far]: &[Distance; 2]) -> f64 {
        near.norm.value - far.norm.value + self.margin
    }
}

/// The rows of the three operands with each number.
fn rows<'a, T: Real>(inputs: &'a [View<'a, T>]) -> impl Iterator<Item = [&'a [T]; 3]> {
    let (width, items) = sizes(inputs).unwrap_or((0, &[]));
    let count = if inputs.is_empty() { 0 } else { items.iter().product() };
    (0..count).map(move |row| {
        [ANCHOR, POSITIVE, NEGATIVE].map(|operand| &inputs[operand].floats()[row * width..(row + 1) * width])
    })
}

/// The size of the vectors, and the shape of the losses.
fn sizes<'a, T>(inputs: &'a [View<'a, T>]) -> Option<(usize, &'a [usize])> {
    inputs.first()?.shape.split_last().map(|(width, items)| (*width, items))
}

impl<T: Real> Kernel<T> for Triplet {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([y], Some((_, items))) = (cx.outputs, sizes(cx.inputs)) else { return Ok(()) };
        let losses = rows(cx.inputs).map(|rows| at_least_0(self.excess(&self.distances(rows))));
        if self.reduction == Reduction::None {
            y.floats().iter_mut().zip(losses).for_each(|(y, loss)| *y = T::from_f64(loss));
        } else {
            y.floats().fill(T::from_f64(losses.sum::<f64>() * self.reduction.scale(items)));
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let ([grad], Some((width, items))) = (cx.grad_outputs, sizes(cx.inputs)) else { return };
        let (grad, scale, each) = (grad.floats(), self.reduction.scale(items), self.reduction == Reduction::None);
        for (number, rows) in rows(cx.inputs).enumerate() {
            let distances = self.distances(rows);
            if self.excess(&distances) < 0.0 {
                continue;
            }
            let factor = scale * grad[if each { number } else { 0 }].to_f64();
            for (Distance { pair, norm }, factor) in distances.iter().zip([factor, -factor]) {
                for (operand, factor) in pair.iter().zip([factor, -factor]) {
                    let Some(Some(out)) = cx.grad_inputs.get_mut(*operand) else { continue };
                    for (index, out) in out[number * width..(number + 1) * width].iter_mut().enumerate() {
                        let slope = self.p.slope(self.difference(rows, *pair, index), *norm);
                        *out += T::from_f64(factor * slope);
                    }
                }
            }
        }
    }
}
