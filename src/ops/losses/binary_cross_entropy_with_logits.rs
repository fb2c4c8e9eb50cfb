//! `binary_cross_entropy_with_logits`: the loss of yes or no, from scores that are no probabilities yet.

use super::element_loss::{At, ElementLoss, build, sigmoid, softplus};
use super::element_loss_shape::Operand;
use crate::ops::contract::{Def, Form, Parameter};
use crate::ops::reduction::REDUCTION;

pub(super) static DEF: Def = Def {
    name: "binary_cross_entropy_with_logits",
    form: Form::Function,
    summary: "Gives the mean negative logarithm of the probabilities that the sigmoid of the scores assigns to the target.",
    formula: "l = -1/n Σᵢ wᵢ (pᵢ tᵢ ln σ(xᵢ) + (1 - tᵢ) ln(1 - σ(xᵢ)))",
    parameters: &[
        Parameter::operand("input", "Scores, any shape."),
        Parameter::operand("target", "Probabilities, the shape of the input."),
        Parameter::optional_operand("weight", "A factor for each loss; it broadcasts to the shape of the input."),
        REDUCTION,
        Parameter::optional_operand(
            "pos_weight",
            "A factor p for targets that are yes; it broadcasts to the shape of the input.",
        ),
    ],
    torch: "torch.nn.functional.binary_cross_entropy_with_logits",
    onnx: "",
    examples: &[
        "input x: [3, 4]  input t: [3, 4]  output binary_cross_entropy_with_logits(x, t)",
        "input x: [3, 4]  input t: [3, 4]  input w: [3, 1]  output binary_cross_entropy_with_logits(x, t, w, \"sum\")",
        "input x: [3, 4]  input t: [3, 4]  input w: []  input p: [4]  output binary_cross_entropy_with_logits(x, t, w, \"none\", p)",
        "input x: [3, 4]  input t: [3, 4]  input p: [4]  output binary_cross_entropy_with_logits(x, t, pos_weight=p)",
    ],
    build: |attributes| build(WithLogits, attributes),
};

#[derive(Debug)]
struct WithLogits;

impl ElementLoss for WithLogits {
    const DEF: &'static Def = &DEF;
    const KINDS: &'static [Operand] = &[Operand::Same, Operand::Same, Operand::Weight, Operand::Weight];

    fn value(&self, at: At) -> f64 {
        let [x, t, weight, positive] = at;
        let [no, yes] = softplus(x);
        weight * (positive * t * yes + (1.0 - t) * no)
    }

    fn slope(&self, operand: usize, at: At) -> f64 {
        let [x, t, weight, positive] = at;
        if operand == 0 {
            let [yes, no] = sigmoid(x);
            return weight * ((1.0 - t) * yes - positive * t * no);
        }
        let [no, yes] = softplus(x);
        match operand {
            1 => weight * (positive * yes - no),
            2 => positive * t * yes + (1.0 - t) * no,
            _ => weight * t * yes,
        }
    }
}
