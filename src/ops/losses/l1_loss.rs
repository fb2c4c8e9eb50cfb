//! `l1_loss`: the mean absolute error.

use super::element_loss::{At, ElementLoss, build, sign};
use super::element_loss_shape::Operand;
use crate::ops::contract::{Def, Form, Parameter};
use crate::ops::reduction::REDUCTION;

pub(super) static DEF: Def = Def {
    name: "l1_loss",
    form: Form::Function,
    summary: "Gives the mean absolute difference of prediction and target.",
    formula: "l = 1/n Σᵢ |xᵢ - tᵢ|",
    parameters: &[
        Parameter::operand("input", "The prediction, any shape."),
        Parameter::operand("target", "The shape of the input."),
        REDUCTION,
    ],
    torch: "torch.nn.functional.l1_loss",
    onnx: "",
    examples: &[
        "input x: [3, 4]  input t: [3, 4]  output l1_loss(x, t)",
        "input x: [3, 4]  input t: [3, 4]  output l1_loss(x, t, reduction=\"sum\")",
        "input x: [3, 4]  input t: [3, 4]  output l1_loss(x, t, reduction=\"none\")",
    ],
    build: |attributes| build(L1, attributes),
};

#[derive(Debug)]
struct L1;

impl ElementLoss for L1 {
    const DEF: &'static Def = &DEF;
    const KINDS: &'static [Operand] = &[Operand::Same, Operand::Same];
    const OF_DISTANCE: bool = true;

    fn value(&self, [x, t, ..]: At) -> f64 {
        (x - t).abs()
    }

    fn slope(&self, operand: usize, [x, t, ..]: At) -> f64 {
        if operand == 0 { sign(x - t) } else { sign(t - x) }
    }
}
