//! `poisson_nll_loss`: the loss of counts.

use super::element_loss::{At, ElementLoss, build};
use super::element_loss_shape::Operand;
use crate::ops::contract::{Def, Form, Literal, Parameter, Type};
use crate::ops::reduction::REDUCTION;

pub(super) static DEF: Def = Def {
    name: "poisson_nll_loss",
    form: Form::Function,
    summary: "Gives the mean negative logarithm of the probability of the target under Poisson's distribution.",
    formula: "l = 1/n Σᵢ (e^xᵢ - tᵢ xᵢ), or 1/n Σᵢ (xᵢ - tᵢ ln(xᵢ + eps)); with `full` + t ln t - t + ln(2π t) / 2 where t > 1",
    parameters: &[
        Parameter::operand("input", "The mean that is expected, or its logarithm, any shape."),
        Parameter::operand("target", "Counts, the shape of the input."),
        Parameter::attribute("log_input", Type::Bool, Literal::Bool(true), "Whether the input is a logarithm."),
        Parameter::attribute(
            "full",
            Type::Bool,
            Literal::Bool(false),
            "Whether Stirling's approximation of ln t! is added, on which no input has an effect.",
        ),
        Parameter::attribute(
            "eps",
            Type::Float,
            Literal::Float(1e-8),
            "Added to an input that is no logarithm before its logarithm is taken.",
        ),
        REDUCTION,
    ],
    torch: "torch.nn.functional.poisson_nll_loss",
    onnx: "",
    examples: &[
        "input x: [3, 4]  input t: [3, 4]  output poisson_nll_loss(x, t)",
        "input x: [3, 4]  input t: [3, 4]  output poisson_nll_loss(x * x, t * t + 0.3, log_input=false, full=true, reduction=\"sum\")",
        "input x: [3, 4]  input t: [3, 4]  output poisson_nll_loss(x * x, t, false, false, 0.1, \"none\")",
    ],
    build: |attributes| {
        let (log_input, full) = (attributes.bool("log_input")?, attributes.bool("full")?);
        build(Poisson { log_input, full, eps: attributes.float("eps")? }, attributes)
    },
};

#[derive(Debug)]
struct Poisson {
    log_input: bool,
    full: bool,
    eps: f64,
}

impl Poisson {
    fn adds_stirling(&self, t: f64) -> bool {
        self.full && t > 1.0
    }
}

impl ElementLoss for Poisson {
    const DEF: &'static Def = &DEF;
    const KINDS: &'static [Operand] = &[Operand::Same, Operand::SameNumbers];

    fn value(&self, [x, t, ..]: At) -> f64 {
        let loss = if self.log_input { x.exp() - t * x } else { x - t * (x + self.eps).ln() };
        if self.adds_stirling(t) { loss + t * t.ln() - t + 0.5 * (std::f64::consts::TAU * t).ln() } else { loss }
    }

    fn slope(&self, operand: usize, [x, t, ..]: At) -> f64 {
        match operand {
            0 if self.log_input => x.exp() - t,
            0 => 1.0 - t / (x + self.eps),
            _ => {
                let slope = if self.log_input { -x } else { -(x + self.eps).ln() };
                if self.adds_stirling(t) { slope + t.ln() + 0.5 / t } else { slope }
            }
        }
    }
}
