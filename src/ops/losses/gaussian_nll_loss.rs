//! `gaussian_nll_loss`: the loss of a mean with its variance.

use super::element_loss::{At, ElementLoss, build};
use super::element_loss_shape::Operand;
use crate::ops::AttributeError;
use crate::ops::contract::{Def, Form, Literal, Parameter, Type};
use crate::ops::reduction::REDUCTION;
use crate::ops::value::number;

pub(super) static DEF: Def = Def {
    name: "gaussian_nll_loss",
    form: Form::Function,
    summary: "Gives the mean negative logarithm of the density of the target under a normal distribution.",
    formula: "l = 1/(2n) Σᵢ (ln vᵢ + (xᵢ - tᵢ)² / vᵢ), v = max(var, eps); with `full` + ln(2π) / 2",
    parameters: &[
        Parameter::operand("input", "The mean that is expected, any shape."),
        Parameter::operand("target", "The shape of the input."),
        Parameter::operand(
            "var",
            "The variance that is expected, the shape of the input; one for all of the last axis may be size 1 there, or lack the axis.",
        ),
        Parameter::attribute("full", Type::Bool, Literal::Bool(false), "Whether the constant term is added."),
        Parameter::attribute(
            "eps",
            Type::Float,
            Literal::Float(1e-6),
            "The least that a variance counts; the gradient goes past it.",
        ),
        REDUCTION,
    ],
    torch: "torch.nn.functional.gaussian_nll_loss",
    onnx: "",
    examples: &[
        "input x: [3, 4]  input t: [3, 4]  input v: [3, 4]  output gaussian_nll_loss(x, t, v * v)",
        "input x: [3, 4]  input t: [3, 4]  input v: [3, 1]  output gaussian_nll_loss(x, t, v * v, full=true, reduction=\"sum\")",
        "input x: [3, 4]  input t: [3, 4]  input v: [3]  output gaussian_nll_loss(x, t, v * v, reduction=\"none\")",
    ],
    build: |attributes| {
        let (full, eps) = (attributes.bool("full")?, attributes.float("eps")?);
        if eps > 0.0 {
            build(Gaussian { full, eps }, attributes)
        } else {
            Err(AttributeError::new("eps", format!("`eps` must be above 0, and is {}", number(eps))))
        }
    },
};

#[derive(Debug)]
struct Gaussian {
    full: bool,
    eps: f64,
}

impl Gaussian {
    fn at_least_eps(&self, variance: f64) -> f64 {
        if variance < self.eps { self.eps } else { variance }
    }
}

impl ElementLoss for Gaussian {
    const DEF: &'static Def = &DEF;
    const KINDS: &'static [Operand] = &[Operand::Same, Operand::Same, Operand::Variance];
    const REFUSES: bool = true;

    fn value(&self, [x, t, variance, _]: At) -> f64 {
        let variance = self.at_least_eps(variance);
        let constant = if self.full { std::f64::consts::TAU.ln() } else { 0.0 };
        0.5 * (variance.ln() + (x - t) * (x - t) / variance + constant)
    }

    fn slope(&self, operand: usize, [x, t, variance, _]: At) -> f64 {
        let variance = self.at_least_eps(variance);
        match operand {
            0 => (x - t) / variance,
            1 => (t - x) / variance,
            _ => 0.5 * (1.0 - (x - t) * (x - t) / variance) / variance,
        }
    }

    fn refusal(&self, [_, _, variance, _]: At) -> Option<(usize, &'static str)> {
        (variance < 0.0).then_some((2, "is negative, which no variance is"))
    }
}
