//! `smooth_l1_loss`: squares near 0, sizes far from it.

use super::element_loss::{At, ElementLoss, build, sign};
use super::element_loss_shape::Operand;
use crate::ops::AttributeError;
use crate::ops::contract::{Def, Form, Literal, Parameter, Type};
use crate::ops::reduction::REDUCTION;
use crate::ops::value::number;

pub(super) static DEF: Def = Def {
    name: "smooth_l1_loss",
    form: Form::Function,
    summary: "Gives the mean of the absolute differences, which near 0 are squares.",
    formula: "l = 1/n Σᵢ sᵢ, with d = x - t: s = d² / (2 beta) where |d| < beta, else |d| - beta / 2",
    parameters: &[
        Parameter::operand("input", "The prediction, any shape."),
        Parameter::operand("target", "The shape of the input."),
        REDUCTION,
        Parameter::attribute("beta", Type::Float, Literal::Float(1.0), "Where the squares end."),
    ],
    torch: "torch.nn.functional.smooth_l1_loss",
    onnx: "",
    examples: &[
        "input x: [3, 4]  input t: [3, 4]  output smooth_l1_loss(x, t)",
        "input x: [3, 4]  input t: [3, 4]  output smooth_l1_loss(x, t, reduction=\"sum\", beta=0.3)",
        "input x: [3, 4]  input t: [3, 4]  output smooth_l1_loss(x, t, \"none\", 0.0)",
    ],
    build: |attributes| {
        let beta = attributes.float("beta")?;
        if beta < 0.0 {
            return Err(AttributeError::new("beta", format!("`beta` can't be negative, and is {}", number(beta))));
        }
        build(SmoothL1 { beta }, attributes)
    },
};

#[derive(Debug)]
struct SmoothL1 {
    beta: f64,
}

impl ElementLoss for SmoothL1 {
    const DEF: &'static Def = &DEF;
    const KINDS: &'static [Operand] = &[Operand::Same, Operand::Same];
    const OF_DISTANCE: bool = true;

    fn value(&self, [x, t, ..]: At) -> f64 {
        let size = (x - t).abs();
        if size < self.beta { 0.5 * size * size / self.beta } else { size - 0.5 * self.beta }
    }

    fn slope(&self, operand: usize, [x, t, ..]: At) -> f64 {
        let difference = x - t;
        let slope = if difference.abs() < self.beta { difference / self.beta } else { sign(difference) };
        if operand == 0 { slope } else { -slope }
    }
}
