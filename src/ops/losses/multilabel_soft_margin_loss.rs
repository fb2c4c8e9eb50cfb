//! `multilabel_soft_margin_loss`: the loss of yes or no for each class.

use super::element_loss::{At, ElementLoss, build, sigmoid, softplus};
use super::element_loss_shape::Operand;
use crate::ops::contract::{Def, Form, Parameter};
use crate::ops::reduction::REDUCTION;

pub(super) static DEF: Def = Def {
    name: "multilabel_soft_margin_loss",
    form: Form::Function,
    summary: "Gives the mean over items of the mean over classes of the loss of yes or no, from scores.",
    formula: "lₙ = -1/C Σᵢ wᵢ (tᵢ ln σ(xᵢ) + (1 - tᵢ) ln(1 - σ(xᵢ)))",
    parameters: &[
        Parameter::operand("input", "Scores, `[..., C]`"),
        Parameter::operand("target", "0 or 1, the shape of the input."),
        Parameter::optional_operand("weight", "A factor for each class, `[C]`"),
        REDUCTION,
    ],
    torch: "torch.nn.functional.multilabel_soft_margin_loss",
    onnx: "",
    examples: &[
        "input x: [3, 4]  input t: [3, 4]  output multilabel_soft_margin_loss(x, t)",
        "input x: [3, 4]  input t: int[3, 4]  input w: [4]  output multilabel_soft_margin_loss(x, t, w, \"sum\")",
        "input x: [2, 3, 4]  input t: [2, 3, 4]  input w: [4]  output multilabel_soft_margin_loss(x, t, w, \"none\")",
        "input x: [4]  input t: [4]  output multilabel_soft_margin_loss(x, t, reduction=\"none\")",
    ],
    build: |attributes| build(MultiLabel, attributes),
};

#[derive(Debug)]
struct MultiLabel;

impl ElementLoss for MultiLabel {
    const DEF: &'static Def = &DEF;
    const KINDS: &'static [Operand] = &[Operand::Same, Operand::SameNumbers, Operand::Weight];
    const OF_LAST_AXIS: bool = true;

    fn value(&self, [x, t, weight, _]: At) -> f64 {
        let [no, yes] = softplus(x);
        weight * (t * yes + (1.0 - t) * no)
    }

    fn slope(&self, operand: usize, [x, t, weight, _]: At) -> f64 {
        match operand {
            0 => weight * (sigmoid(x)[0] - t),
            1 => weight * -x,
            _ => {
                let [no, yes] = softplus(x);
                t * yes + (1.0 - t) * no
            }
        }
    }
}
