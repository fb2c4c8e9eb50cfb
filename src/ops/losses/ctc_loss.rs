//! `ctc_loss`: the loss of a sequence of labels whose places in a longer sequence aren't known,
//! <https://www.cs.toronto.edu/~graves/icml_2006.pdf>.

use super::ctc_loss_kernel::{Sequences, sizes};
use crate::ops::contract::{Backward, DataError, Def, Form, Forward, Keeps, Kernel, Literal, Op, Parameter, Type};
use crate::ops::reduction::{REDUCTION, Reduction};
use crate::ops::shape_rules::{axes, operand_of};
use crate::ops::{AttributeError, Attributes, Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Element, Facts, Shape, TensorType};
use crate::tensor::Real;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "ctc_loss",
    form: Form::Function,
    summary: "Gives the negative logarithm of the probability that the steps spell the labels, wherever they stand.",
    formula: "l = -ln Σ Πₜ p[t, aₜ], over all a that become the labels when repetitions and then blanks are left out; the mean divides each l by the number of its labels first. The gradient is that of this formula; PyTorch's differs by what `log_softmax` takes away",
    parameters: &[
        Parameter::operand("log_probs", "Logarithms of probabilities, as of `log_softmax`: `[T, N, C]` or `[T, C]`"),
        Parameter::operand(
            "targets",
            "Labels below C, `int[N, S]` with any numbers behind the last, or one sequence after another, `int[sum]`; without N `int[S]`",
        ),
        Parameter::operand("input_lengths", "How many steps count, at most T, `int[N]` or `int[]`"),
        Parameter::operand("target_lengths", "How many labels count, `int[N]` or `int[]`"),
        Parameter::attribute("blank", Type::Int, Literal::Int(0), "The class that stands for no label."),
        REDUCTION,
        Parameter::attribute(
            "zero_infinity",
            Type::Bool,
            Literal::Bool(false),
            "Whether an infinite loss, of more labels than steps, counts as 0 and has no gradient.",
        ),
    ],
    torch: "torch.nn.functional.ctc_loss",
    onnx: "",
    examples: &[
        "input x: [5, 2, 4]  input t: int[2, 3]  output ctc_loss(log_softmax(x, dim=-1), t, arange(4, 6), arange(1, 3))",
        "input x: [6, 3]  input t: int[2]  output ctc_loss(log_softmax(x, dim=-1), t, full([], 6), full([], 2), blank=2)",
        "input x: [7, 2, 3]  input t: int[5]  output ctc_loss(x, t, full(2, 7), arange(2, 4), reduction=\"none\")",
        "input x: [7, 2, 3]  input t: int[2, 3]  output ctc_loss(x, t, full(2, 7), full(2, 2), 1, \"sum\")",
        "input x: [2, 2, 4]  input t: int[2, 6]  output ctc_loss(x, t, full(2, 2), arange(1, 7, 5), zero_infinity=true)",
    ],
    build: |attributes| CtcLoss::new(attributes).map(|op| Arc::new(op) as Arc<dyn Op>),
};

#[derive(Debug)]
struct CtcLoss {
    blank: i64,
    reduction: Reduction,
    zero_infinity: bool,
}

impl CtcLoss {
    fn new(attributes: &Attributes) -> Result<Self, AttributeError> {
        let blank = attributes.int("blank")?;
        if blank < 0 {
            return Err(AttributeError::new("blank", format!("`blank` is a class, and can't be {blank}")));
        }
        let (reduction, zero_infinity) = (Reduction::new(attributes)?, attributes.bool("zero_infinity")?);
        Ok(Self { blank, reduction, zero_infinity })
    }
}

/// An operand must have this shape. `why` names another operand and says what it has to do with it.
fn check_shape(
    facts: &mut Facts,
    inputs: &[TensorType],
    operand: usize,
    wanted: &[Shape],
    why: &str,
) -> Result<(), ShapeError> {
    let found = operand_of(&DEF, inputs, operand, Element::Int)?;
    let name = DEF.call().get(operand).map_or("", |parameter| parameter.name);
    let texts: Vec<String> = wanted.iter().map(|shape| format!("int{shape}")).collect();
    let message = format!("`ctc_loss` wants {name} {}, and gets {found}", texts.join(" or "));
    let Some(shape) = wanted.iter().find(|shape| shape.rank() == found.shape.rank()) else {
        return Err(ShapeError::new(ShapeErrorKind::Rank, message)
            .cause(Cause::Operand(operand), format!("this has {}", axes(found.shape.rank())))
            .cause(Cause::Operand(0), why));
    };
    let mut pairs = shape.iter().zip(found.shape.iter()).enumerate();
    match pairs.find(|(_, (wanted, found))| !facts.equal(wanted, found)) {
        None => Ok(()),
        Some((axis, (size, found))) => Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
            .cause(Cause::Axis { operand, axis }, format!("axis {axis} is {found}, and {size} is wanted"))
            .cause(Cause::Operand(0), why)),
    }
}

impl Op for CtcLoss {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let log_probs = operand_of(&DEF, inputs, 0, Element::Float)?;
        let targets = operand_of(&DEF, inputs, 1, Element::Int)?;
        let labels = targets.shape.last().cloned().unwrap_or(Dim::ONE);
        let (wanted, lengths, why) = match &*log_probs.shape {
            [_, batch, _] => {
                let padded = [batch.clone(), labels.clone()].into();
                (vec![padded, [labels].into()], Shape::from([batch.clone()]), format!("this has a batch of {batch}"))
            }
            [_, _] => (vec![[labels].into()], Shape::scalar(), "this has no batch".to_owned()),
            _ => {
                let message = format!("`ctc_loss` wants log_probs [T, N, C] or [T, C], and gets {log_probs}");
                return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                    .cause(Cause::Operand(0), format!("this has {}", axes(log_probs.shape.rank()))));
            }
        };
        check_shape(facts, inputs, 1, &wanted, &why)?;
        for operand in 2..4 {
            check_shape(facts, inputs, operand, std::slice::from_ref(&lengths), &why)?;
        }
        let classes = log_probs.shape.last().cloned().unwrap_or(Dim::ONE);
        if !facts.at_most(&Dim::from(self.blank).add(&Dim::ONE), &classes) {
            let axis = log_probs.shape.rank() - 1;
            let message = format!("`blank` is the class {}, and there are {classes} classes", self.blank);
            return Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
                .cause(Cause::Attribute("blank"), "classes count from 0")
                .cause(Cause::Axis { operand: 0, axis }, format!("axis {axis} is {classes}")));
        }
        Ok(vec![TensorType::float(self.reduction.shape(lengths))])
    }

    fn keeps(&self) -> Keeps {
        Keeps::INPUTS
    }

    /// For each sequence, step and state what `Sequence::loss` writes; the loss of each sequence.
    fn saved(&self, inputs: &[TensorType], _: &[TensorType]) -> Vec<TensorType> {
        let [Some(log_probs), Some(targets)] = [0, 1].map(|operand| inputs.get(operand).map(|input| &input.shape))
        else {
            return Vec::new();
        };
        let Some([steps, batch, _, labels]) = sizes(log_probs, targets, Dim::ONE) else { return Vec::new() };
        let labels = if targets.rank() == 2 { labels.mul(&batch) } else { labels };
        let states = Dim::from(2usize).mul(&labels).add(&batch);
        vec![TensorType::float([steps.mul(&states)]), TensorType::float([batch])]
    }

    /// Two rows of states of the longest sequence.
    fn scratch(&self, inputs: &[TensorType], _: &[TensorType]) -> Vec<TensorType> {
        let labels = inputs.get(1).and_then(|targets| targets.shape.last()).cloned().unwrap_or(Dim::ZERO);
        vec![TensorType::float([Dim::from(4usize).mul(&labels).add(&Dim::from(2usize))])]
    }

    fn index_bound(&self, operand: usize, inputs: &[TensorType]) -> Option<Dim> {
        let log_probs = &inputs.first()?.shape;
        let more = |size: Option<&Dim>| size.map(|size| size.add(&Dim::ONE));
        match operand {
            1 => log_probs.last().cloned(),
            2 => more(log_probs.first()),
            3 => more(inputs.get(1)?.shape.last()),
            _ => None,
        }
    }

    /// Four exponentials and as many sums for each state of each step.
    fn flops(&self, inputs: &[TensorType], outputs: &[TensorType]) -> Dim {
        let states = self.saved(inputs, outputs).first().map_or(Dim::ZERO, |forward| forward.shape.numel());
        Dim::from(8usize).mul(&states)
    }
}

impl CtcLoss {
    /// What the loss of a sequence with as many labels is multiplied by.
    fn factor(&self, labels: usize, batch: usize) -> f64 {
        if self.reduction == Reduction::Mean { 1.0 / (labels.max(1) as f64 * batch as f64) } else { 1.0 }
    }
}

#[allow(clippy::indexing_slicing, reason = "every buffer has the size that the operator stated")]
impl<T: Real> Kernel<T> for CtcLoss {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([y], [forward, losses]) = (cx.outputs, cx.saved) else { return Ok(()) };
        let Some(sequences) = Sequences::new(cx.inputs, self.blank) else { return Ok(()) };
        sequences.check(cx.inputs)?;
        let (y, forward, losses) = (y.floats(), forward.floats(), losses.floats());
        forward.fill(T::zero());
        let mut sum = 0.0;
        sequences.for_each(|number, sequence, start| {
            let loss = sequence.loss(&mut forward[start.states..]);
            losses[number] = T::from_f64(loss);
            let counts = if self.zero_infinity && loss == f64::INFINITY { 0.0 } else { loss };
            sum += counts * self.factor(sequence.labels.len(), sequences.batch);
            if self.reduction == Reduction::None {
                y[number] = T::from_f64(counts);
            }
        });
        if self.reduction == Reduction::Mean && sequences.batch == 0 {
            sum = f64::NAN;
        }
        if self.reduction != Reduction::None {
            y.fill(T::from_f64(sum));
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let ([grad], [forward, losses], [work]) = (cx.grad_outputs, cx.saved, cx.scratch) else { return };
        let ([Some(out), ..], Some(sequences)) = (cx.grad_inputs, Sequences::new(cx.inputs, self.blank)) else {
            return;
        };
        let (grad, forward, losses, work) = (grad.floats(), forward.floats(), losses.floats(), work.floats());
        sequences.for_each(|number, sequence, start| {
            if self.zero_infinity && losses[number].to_f64() == f64::INFINITY {
                return;
            }
            let grad = grad[if self.reduction == Reduction::None { number } else { 0 }].to_f64();
            let factor = grad * self.factor(sequence.labels.len(), sequences.batch);
            sequence.backward(&forward[start.states..], work, factor, out);
        });
    }
}
