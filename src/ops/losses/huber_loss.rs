//! `huber_loss`: squares near 0, lines far from it.

use super::element_loss::{At, ElementLoss, build};
use super::element_loss_shape::Operand;
use crate::ops::AttributeError;
use crate::ops::contract::{Def, Form, Literal, Parameter, Type};
use crate::ops::reduction::REDUCTION;
use crate::ops::value::number;

pub(super) static DEF: Def = Def {
    name: "huber_loss",
    form: Form::Function,
    summary: "Gives the mean of half the squared differences, which far from 0 are lines.",
    formula: "l = 1/n Σᵢ hᵢ, with d = x - t: h = d² / 2 where |d| ≤ delta, else delta (|d| - delta / 2)",
    parameters: &[
        Parameter::operand("input", "The prediction, any shape."),
        Parameter::operand("target", "The shape of the input."),
        REDUCTION,
        Parameter::attribute("delta", Type::Float, Literal::Float(1.0), "Where the squares end."),
    ],
    torch: "torch.nn.functional.huber_loss",
    onnx: "",
    examples: &[
        "input x: [3, 4]  input t: [3, 4]  output huber_loss(x, t)",
        "input x: [3, 4]  input t: [3, 4]  output huber_loss(x, t, \"sum\", delta=0.3)",
        "input x: [3, 4]  input t: [3, 4]  output huber_loss(x, t, \"none\", 2.0)",
    ],
    build: |attributes| {
        let delta = attributes.float("delta")?;
        if delta > 0.0 {
            build(Huber { delta }, attributes)
        } else {
            Err(AttributeError::new("delta", format!("`delta` must be above 0, and is {}", number(delta))))
        }
    },
};

#[derive(Debug)]
struct Huber {
    delta: f64,
}

impl ElementLoss for Huber {
    const DEF: &'static Def = &DEF;
    const KINDS: &'static [Operand] = &[Operand::Same, Operand::Same];
    const OF_DISTANCE: bool = true;

    fn value(&self, [x, t, ..]: At) -> f64 {
        let size = (x - t).abs();
        if size <= self.delta { 0.5 * size * size } else { self.delta * (size - 0.5 * self.delta) }
    }

    fn slope(&self, operand: usize, [x, t, ..]: At) -> f64 {
        let slope = (x - t).clamp(-self.delta, self.delta);
        if operand == 0 { slope } else { -slope }
    }
}
