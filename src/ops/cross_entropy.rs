//! `cross_entropy`: the loss of classification, from scores that are no probabilities yet.

use super::axis::{axis, axis_of, without};
use super::contract::{
    Backward, DataError, Def, Form, Forward, Keeps, Kernel, Literal, Op, Parameter, Type,
};
use super::cross_entropy_kernel::Losses;
use super::reduction::{REDUCTION, Reduction};
use super::shape_rules::{any_operand, axes, named, operand_of, same_shape};
use super::value::number;
use super::{AttributeError, Attributes, Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Element, Facts, Shape, TensorType};
use crate::tensor::{Real, View};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "cross_entropy",
    form: Form::Function,
    summary: "Gives the mean negative logarithm of the probability that the scores assign to the target.",
    formula: "l = -Σₙ w[tₙ] ln softmax(xₙ)[tₙ] / Σₙ w[tₙ]; with probabilities q: l = -1/n Σₙ Σᵢ wᵢ qₙᵢ ln softmax(xₙ)ᵢ",
    parameters: &[
        Parameter::operand("input", "A score for each class, `[N, C, ...]` or `[C]`; `dim` says where C stands."),
        Parameter::operand("target", "Classes, `int[N, ...]` or `int[]`, or probabilities of the input's shape."),
        Parameter::optional_operand("weight", "A factor for each class, `[C]`"),
        Parameter::attribute("ignore_index", Type::Int, Literal::Int(-100), "A class that is left out of the loss."),
        REDUCTION,
        Parameter::attribute(
            "label_smoothing",
            Type::Float,
            Literal::Float(0.0),
            "How much of each target is spread evenly over all classes.",
        ),
        Parameter::attribute("dim", Type::Int, Literal::Int(1), "The axis of the classes."),
    ],
    torch: "torch.nn.functional.cross_entropy",
    onnx: "SoftmaxCrossEntropyLoss",
    examples: &[
        "input x: [4, 3]  input t: int[4]  output cross_entropy(x, t)",
        "input x: [2, 3, 5]  input t: int[2, 5]  output cross_entropy(x, t)",
        "input x: [2, 5, 3]  input t: int[2, 5]  output cross_entropy(x, t, dim=-1)",
        "input x: [3]  input t: int[]  output cross_entropy(x, t)",
        "input x: [4, 3]  input t: int[4]  input w: [3]  output cross_entropy(x, t, weight=w * w)",
        "input x: [6, 3]  input t: int[6]  output cross_entropy(x, t, ignore_index=1)",
        "input x: [4, 3]  input t: int[4]  output cross_entropy(x, t, reduction=\"sum\")",
        "input x: [4, 3]  input t: int[4]  output cross_entropy(x, t, reduction=\"none\")",
        "input x: [4, 3]  input t: int[4]  output cross_entropy(x, t, label_smoothing=0.1)",
        "input x: [6, 3]  input t: int[6]  input w: [3]  output cross_entropy(x, t, w * w, 1, label_smoothing=0.1)",
        "input x: [4, 3]  input t: [4, 3]  output cross_entropy(x, softmax(t, dim=1))",
        "input x: [2, 5, 3]  input t: [2, 5, 3]  input w: [3]  output cross_entropy(x, softmax(t, dim=2), w * w, label_smoothing=0.2, dim=2)",
        "input x: [4, 3]  input t: [4, 3]  output cross_entropy(x, softmax(t, dim=1), reduction=\"none\")",
    ],
    build: |attributes| CrossEntropy::new(attributes).map(|op| Arc::new(op) as Arc<dyn Op>),
};

#[derive(Debug)]
struct CrossEntropy {
    ignore_index: i64,
    reduction: Reduction,
    label_smoothing: f64,
    dim: i64,
}

impl CrossEntropy {
    fn new(attributes: &Attributes) -> Result<Self, AttributeError> {
        let label_smoothing = attributes.float("label_smoothing")?;
        if !(0.0..=1.0).contains(&label_smoothing) {
            let found = number(label_smoothing);
            let message = format!("`label_smoothing` must be between 0 and 1, and is {found}");
            return Err(AttributeError::new("label_smoothing", message));
        }
        Ok(Self {
            ignore_index: attributes.int("ignore_index")?,
            reduction: Reduction::new(attributes)?,
            label_smoothing,
            dim: attributes.int("dim")?,
        })
    }

    /// The axis of the classes. A single axis is it, whatever the default says.
    fn class_axis(&self, rank: usize) -> Option<usize> {
        if rank == 1 && self.dim == 1 { Some(0) } else { axis(self.dim, rank) }
    }
}

/// Targets that are classes: the input's shape without the axis of the classes.
fn class_targets(
    facts: &mut Facts,
    axis: usize,
    input: &TensorType,
    target: &TensorType,
) -> Result<Shape, ShapeError> {
    let wanted = without(&input.shape, axis);
    let differs = if wanted.rank() == target.shape.rank() {
        wanted.iter().zip(target.shape.iter()).position(|(x, y)| !facts.equal(x, y))
    } else {
        Some(usize::MAX)
    };
    let Some(at) = differs else { return Ok(wanted) };
    let found = &target.shape;
    let message = format!("`cross_entropy` of {input} wants targets int{wanted}, and gets {target}");
    let mut error = if at == usize::MAX {
        ShapeError::new(ShapeErrorKind::Rank, message)
            .cause(Cause::Operand(1), format!("this has {}", axes(found.rank())))
            .cause(Cause::Operand(0), format!("without axis {axis}, the classes, this has {}", axes(wanted.rank())))
    } else {
        let dim = |shape: &Shape| shape.get(at).cloned().unwrap_or(Dim::ONE);
        let input_axis = if at < axis { at } else { at + 1 };
        ShapeError::new(ShapeErrorKind::Mismatch, message)
            .cause(Cause::Axis { operand: 1, axis: at }, format!("axis {at} of the target is {}", dim(found)))
            .cause(Cause::Axis { operand: 0, axis: input_axis }, format!("axis {input_axis} is {}", dim(&wanted)))
            .cause(Cause::Attribute("dim"), format!("the classes are on axis {axis}"))
    };
    error.help = remedy(facts, axis, &input.shape, found);
    Err(error)
}

fn is_same(facts: &Facts, a: &Shape, b: &Shape) -> bool {
    a.rank() == b.rank() && a.iter().zip(b.iter()).all(|(x, y)| facts.is_equal(x, y))
}

/// Another axis of the classes, or no axis of the classes in the target.
fn remedy(facts: &Facts, axis: usize, input: &Shape, target: &Shape) -> Option<String> {
    let rank = input.rank();
    let other = (0..rank).rev().find(|other| *other != axis && is_same(facts, &without(input, *other), target));
    if let Some(other) = other {
        let dim = if other + 1 == rank { -1 } else { other as i64 };
        return Some(format!("`dim={dim}` says that the classes are on axis {other}"));
    }
    (target.rank() == rank)
        .then(|| "int targets are numbers of classes, without an axis for them; probabilities are floats".to_owned())
}

impl Op for CrossEntropy {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = operand_of(&DEF, inputs, 0, Element::Float)?;
        let target = any_operand(&DEF, inputs, 1)?;
        let axis = match self.class_axis(input.shape.rank()) {
            Some(axis) => axis,
            None => axis_of(&DEF, "dim", self.dim, 0, input)?,
        };
        let losses = match target.element {
            Element::Int => class_targets(facts, axis, input, target)?,
            Element::Float => {
                same_shape(facts, &DEF, [&input.shape, &target.shape]).map_err(|error| {
                    let wanted = without(&input.shape, axis);
                    error.help(format!("float targets are probabilities, {}; classes are int{wanted}", input.shape))
                })?;
                without(&input.shape, axis)
            }
            Element::Bool => {
                let message = format!("`cross_entropy` wants int or float targets, and gets {} tensor", named(target.element));
                return Err(ShapeError::new(ShapeErrorKind::Element, message)
                    .cause(Cause::Operand(1), format!("this is {target}")));
            }
        };
        if let (Some(weight), Some(classes)) = (inputs.get(2), input.shape.get(axis)) {
            operand_of(&DEF, inputs, 2, Element::Float)?;
            if weight.shape.rank() != 1 || !weight.shape.iter().all(|size| facts.equal(classes, size)) {
                let message = format!("`cross_entropy` wants a weight [{classes}], and gets {weight}");
                return Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
                    .cause(Cause::Operand(2), format!("this is {weight}"))
                    .cause(Cause::Axis { operand: 0, axis }, format!("there are {classes} classes")));
            }
        }
        Ok(vec![TensorType::float(self.reduction.shape(losses))])
    }

    fn keeps(&self) -> Keeps {
        Keeps::INPUTS
    }

    /// The greatest score of each lane, and the logarithm of the sum of the exponentials less it.
    fn saved(&self, inputs: &[TensorType], _: &[TensorType]) -> Vec<TensorType> {
        let Some(input) = inputs.first() else { return Vec::new() };
        let Some(axis) = self.class_axis(input.shape.rank()) else { return Vec::new() };
        let lanes = TensorType::float(without(&input.shape, axis));
        vec![lanes.clone(), lanes]
    }

    fn index_bound(&self, operand: usize, inputs: &[TensorType]) -> Option<Dim> {
        let [input, target, ..] = inputs else { return None };
        let axis = self.class_axis(input.shape.rank())?;
        (operand == 1 && target.element == Element::Int).then(|| input.shape.get(axis).cloned()).flatten()
    }

    /// A difference, an exponential and a sum for each score; with probabilities a product and a sum more.
    fn flops(&self, inputs: &[TensorType], _: &[TensorType]) -> Dim {
        let [input, target, ..] = inputs else { return Dim::ZERO };
        let dense = target.element == Element::Float || self.label_smoothing > 0.0;
        input.shape.numel().mul(&Dim::from(if dense { 5i64 } else { 3 }))
    }
}

impl<T: Real> Kernel<T> for CrossEntropy {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([y], [greatest, rest]) = (cx.outputs, cx.saved) else { return Ok(()) };
        let Some(losses) = self.losses(cx.inputs) else { return Ok(()) };
        losses.check()?;
        losses.forward(self.reduction, [greatest.floats(), rest.floats()], y.floats());
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let ([grad], [greatest, rest]) = (cx.grad_outputs, cx.saved) else { return };
        let Some(losses) = self.losses(cx.inputs) else { return };
        losses.backward(self.reduction, [greatest.floats(), rest.floats()], grad.floats(), cx.grad_inputs);
    }
}

impl CrossEntropy {
    fn losses<'a, T: Real>(&self, inputs: &'a [View<'a, T>]) -> Option<Losses<'a, T>> {
        let [input, target, weight @ ..] = inputs else { return None };
        Some(Losses {
            input,
            target,
            weight: weight.first().map(View::floats),
            axis: self.class_axis(input.shape.len())?,
            ignore_index: self.ignore_index,
            smoothing: self.label_smoothing,
        })
    }
}
