//! `kl_div`: the distance of distributions, by Kullback and Leibler.

use super::element_loss::{At, ElementLoss, build};
use super::element_loss_shape::Operand;
use crate::ops::contract::{Def, Form, Literal, Parameter, Type};

pub(super) static DEF: Def = Def {
    name: "kl_div",
    form: Form::Function,
    summary: "Gives the mean of the terms of the distance of the target from the input, a distribution in logarithms.",
    formula: "l = 1/n Σᵢ tᵢ (ln tᵢ - xᵢ), or 1/n Σᵢ e^tᵢ (tᵢ - xᵢ) for a target in logarithms",
    parameters: &[
        Parameter::operand("input", "Logarithms of probabilities, any shape."),
        Parameter::operand("target", "Probabilities, the shape of the input."),
        Parameter::attribute(
            "reduction",
            Type::Word(&["mean", "batchmean", "sum", "none"]),
            Literal::Str("mean"),
            "Whether the terms are averaged, summed up, or left as they are; `batchmean` divides their sum by the size of axis 0, which makes it the distance.",
        ),
        Parameter::attribute("log_target", Type::Bool, Literal::Bool(false), "Whether the target is logarithms too."),
    ],
    torch: "torch.nn.functional.kl_div",
    onnx: "",
    examples: &[
        "input x: [3, 4]  input t: [3, 4]  output kl_div(log_softmax(x, dim=1), softmax(t, dim=1))",
        "input x: [3, 4]  input t: [3, 4]  output kl_div(x, t, reduction=\"batchmean\", log_target=true)",
        "input x: [3, 4]  input t: [3, 4]  output kl_div(x, t * t, \"sum\")",
        "input x: [3, 4]  input t: [3, 4]  output kl_div(x, t, \"none\", true)",
    ],
    build: |attributes| build(KlDiv { log_target: attributes.bool("log_target")? }, attributes),
};

#[derive(Debug)]
struct KlDiv {
    log_target: bool,
}

impl ElementLoss for KlDiv {
    const DEF: &'static Def = &DEF;
    const KINDS: &'static [Operand] = &[Operand::Same, Operand::Same];

    fn value(&self, [x, t, ..]: At) -> f64 {
        if self.log_target {
            t.exp() * (t - x)
        } else {
            // t ln t is 0 where t is.
            let entropy = if t == 0.0 { 0.0 } else { t * t.ln() };
            entropy - t * x
        }
    }

    fn slope(&self, operand: usize, [x, t, ..]: At) -> f64 {
        match (operand, self.log_target) {
            (0, true) => -t.exp(),
            (0, false) => -t,
            (_, true) => t.exp() * (t - x + 1.0),
            (_, false) => t.ln() + 1.0 - x,
        }
    }
}
