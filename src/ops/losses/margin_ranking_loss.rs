//! `margin_ranking_loss`: the loss of an order of two scores.

use super::element_loss::{At, ElementLoss, at_least_0, build};
use super::element_loss_shape::Operand;
use crate::ops::contract::{Def, Form, Literal, Parameter, Type};
use crate::ops::reduction::REDUCTION;

pub(super) static DEF: Def = Def {
    name: "margin_ranking_loss",
    form: Form::Function,
    summary: "Gives the mean of how far the scores are from the order that the target asks for, by a margin.",
    formula: "l = 1/n Σᵢ max(0, -tᵢ (aᵢ - bᵢ) + margin)",
    parameters: &[
        Parameter::operand("input1", "Scores a, any shape."),
        Parameter::operand("input2", "Scores b, the shape of the first."),
        Parameter::operand(
            "target",
            "1 where the first should be greater, -1 where the second, the shape of the first.",
        ),
        Parameter::attribute("margin", Type::Float, Literal::Float(0.0), "By how much."),
        REDUCTION,
    ],
    torch: "torch.nn.functional.margin_ranking_loss",
    onnx: "",
    examples: &[
        "input a: [3, 4]  input b: [3, 4]  input t: [3, 4]  output margin_ranking_loss(a, b, t)",
        "input a: [5]  input b: [5]  input t: int[5]  output margin_ranking_loss(a, b, 2 * t - 1, margin=0.3, reduction=\"sum\")",
        "input a: [5]  input b: [5]  input t: [5]  output margin_ranking_loss(a, b, t, 2.0, \"none\")",
    ],
    build: |attributes| build(Ranking { margin: attributes.float("margin")? }, attributes),
};

#[derive(Debug)]
struct Ranking {
    margin: f64,
}

impl ElementLoss for Ranking {
    const DEF: &'static Def = &DEF;
    const KINDS: &'static [Operand] = &[Operand::Same, Operand::Same, Operand::SameNumbers];

    fn value(&self, [a, b, t, _]: At) -> f64 {
        at_least_0(-t * (a - b) + self.margin)
    }

    fn slope(&self, operand: usize, [a, b, t, _]: At) -> f64 {
        if -t * (a - b) + self.margin < 0.0 {
            return 0.0;
        }
        match operand {
            0 => -t,
            1 => t,
            _ => b - a,
        }
    }
}
