//! `cross_entropy`: the loss of classification, from scores that are no probabilities yet.

use super::class_targets::{class_axis, class_targets, class_weight, wanted_class_axis};
use super::cross_entropy_kernel::Losses;
use crate::ops::axis::without;
use crate::ops::contract::{
    Backward, DataError, Def, Form, Forward, Grads, Keeps, Kernel, Literal, Op, Parameter, Type,
};
use crate::ops::reduction::{REDUCTION, Reduction};
use crate::ops::shape_rules::{any_operand, named, operand_of, same_shape};
use crate::ops::value::number;
use crate::ops::{AttributeError, Attributes, Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Element, Facts, TensorType};
use crate::tensor::{Real, View};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "cross_entropy",
    form: Form::Function,
    summary: "Gives the mean negative logarithm of the probability that the scores assign to the target.",
    formula: "l = -Σₙ w[tₙ] ln softmax(xₙ)[tₙ] / Σₙ w[tₙ], NaN if all are left out; with probabilities q: l = -1/n Σₙ Σᵢ wᵢ qₙᵢ ln softmax(xₙ)ᵢ; smoothed by ε, q becomes (1 - ε) q + ε/C",
    parameters: &[
        Parameter::operand("input", "A score for each class, `[N, C, ...]` or `[C]`; `dim` says where C stands."),
        Parameter::operand("target", "Classes, `int[N, ...]` or `int[]`, or probabilities of the input's shape."),
        Parameter::optional_operand("weight", "A factor for each class, `[C]`"),
        Parameter::attribute(
            "ignore_index",
            Type::Int,
            Literal::Int(-100),
            "A target that is left out of the loss; it need not be a class. Of probabilities none is left out.",
        ),
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

/// The remedy where int targets have the axis of the classes.
const SURPLUS: &str = "int targets are numbers of classes, without an axis for them; probabilities are floats";

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
}

impl Op for CrossEntropy {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = operand_of(&DEF, inputs, 0, Element::Float)?;
        let target = any_operand(&DEF, inputs, 1)?;
        let axis = wanted_class_axis(&DEF, self.dim, input)?;
        let losses = match target.element {
            Element::Int => class_targets(facts, &DEF, axis, [input, target], SURPLUS)?,
            Element::Float if self.ignore_index >= 0 => {
                let index = self.ignore_index;
                let message = format!("`cross_entropy` leaves class {index} out, and gets probabilities");
                return Err(ShapeError::new(ShapeErrorKind::Element, message)
                    .cause(Cause::Attribute("ignore_index"), format!("it is {index}"))
                    .cause(Cause::Operand(1), format!("this is {target}, so no element is a class"))
                    .help(format!("a `weight` that is 0 at {index} makes that class count nothing")));
            }
            Element::Float => {
                same_shape(facts, &DEF, [&input.shape, &target.shape]).map_err(|error| {
                    let wanted = without(&input.shape, axis);
                    error.help(format!("float targets are probabilities, {}; classes are int{wanted}", input.shape))
                })?;
                without(&input.shape, axis)
            }
            Element::Bool => {
                let message =
                    format!("`cross_entropy` wants int or float targets, and gets {} tensor", named(target.element));
                return Err(ShapeError::new(ShapeErrorKind::Element, message)
                    .cause(Cause::Operand(1), format!("this is {target}")));
            }
        };
        class_weight(facts, &DEF, inputs, axis)?;
        Ok(vec![TensorType::float(self.reduction.shape(losses))])
    }

    fn keeps(&self) -> Keeps {
        Keeps::INPUTS
    }

    fn writes(&self) -> Grads {
        Grads::input(0)
    }

    /// The greatest score of each lane, and the logarithm of the sum of the exponentials less it.
    fn saved(&self, inputs: &[TensorType], _: &[TensorType]) -> Vec<TensorType> {
        let Some(input) = inputs.first() else { return Vec::new() };
        let Some(axis) = class_axis(self.dim, input.shape.rank()) else { return Vec::new() };
        let lanes = TensorType::float(without(&input.shape, axis));
        vec![lanes.clone(), lanes]
    }

    fn index_bound(&self, operand: usize, inputs: &[TensorType]) -> Option<Dim> {
        let [input, target, ..] = inputs else { return None };
        let axis = class_axis(self.dim, input.shape.rank())?;
        (operand == 1 && target.element == Element::Int).then(|| input.shape.get(axis).cloned()).flatten()
    }

    fn class_axis(&self, inputs: &[TensorType]) -> Option<usize> {
        let [input, target, ..] = inputs else { return None };
        class_axis(self.dim, input.shape.rank()).filter(|_| target.element == Element::Int)
    }

    fn is_mean_nll(&self, inputs: &[TensorType]) -> bool {
        self.reduction == Reduction::Mean && self.label_smoothing == 0.0 && inputs.len() == 2
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
        let is_fresh = cx.fresh.has_input(0);
        let Some(losses) = self.losses(cx.inputs) else { return };
        losses.backward(self.reduction, [greatest.floats(), rest.floats()], grad.floats(), cx.grad_inputs, is_fresh);
    }
}

impl CrossEntropy {
    fn losses<'a, T: Real>(&self, inputs: &'a [View<'a, T>]) -> Option<Losses<'a, T>> {
        let [input, target, weight @ ..] = inputs else { return None };
        Some(Losses {
            input,
            target,
            weight: weight.first().map(View::floats),
            axis: class_axis(self.dim, input.shape.len())?,
            ignore_index: self.ignore_index,
            smoothing: self.label_smoothing,
        })
    }
}
