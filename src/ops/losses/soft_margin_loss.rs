//! `soft_margin_loss`: the logistic loss of 1 or -1.

use super::element_loss::{At, ElementLoss, build, sigmoid, softplus};
use super::element_loss_shape::Operand;
use crate::ops::contract::{Def, Form, Parameter};
use crate::ops::reduction::REDUCTION;

pub(super) static DEF: Def = Def {
    name: "soft_margin_loss",
    form: Form::Function,
    summary: "Gives the mean logistic loss of scores whose signs should be those of the target.",
    formula: "l = 1/n Σᵢ ln(1 + e^(-tᵢ xᵢ))",
    parameters: &[
        Parameter::operand("input", "Scores, any shape."),
        Parameter::operand("target", "1 or -1, the shape of the input."),
        REDUCTION,
    ],
    torch: "torch.nn.functional.soft_margin_loss",
    onnx: "",
    examples: &[
        "input x: [3, 4]  input t: [3, 4]  output soft_margin_loss(x, t)",
        "input x: [5]  input t: int[5]  output soft_margin_loss(x, 2 * t - 1, reduction=\"sum\")",
        "input x: [5]  input t: [5]  output soft_margin_loss(x, t, \"none\")",
    ],
    build: |attributes| build(SoftMargin, attributes),
};

#[derive(Debug)]
struct SoftMargin;

impl ElementLoss for SoftMargin {
    const DEF: &'static Def = &DEF;
    const KINDS: &'static [Operand] = &[Operand::Same, Operand::SameNumbers];

    fn value(&self, [x, t, ..]: At) -> f64 {
        softplus(-t * x)[0]
    }

    fn slope(&self, operand: usize, [x, t, ..]: At) -> f64 {
        let factor = if operand == 0 { -t } else { -x };
        factor * sigmoid(-t * x)[0]
    }
}
