//! `binary_cross_entropy`: the loss of yes or no, from probabilities.

use super::element_loss::{At, ElementLoss, build};
use super::element_loss_shape::Operand;
use crate::ops::contract::{Def, Form, Parameter};
use crate::ops::reduction::REDUCTION;

pub(super) static DEF: Def = Def {
    name: "binary_cross_entropy",
    form: Form::Function,
    summary: "Gives the mean negative logarithm of the probabilities that the input assigns to the target.",
    formula: "l = -1/n Σᵢ wᵢ (tᵢ ln xᵢ + (1 - tᵢ) ln(1 - xᵢ)), no logarithm below -100",
    parameters: &[
        Parameter::operand("input", "Probabilities, any shape."),
        Parameter::operand("target", "Probabilities, the shape of the input."),
        Parameter::optional_operand("weight", "A factor for each loss; it broadcasts to the shape of the input."),
        REDUCTION,
    ],
    torch: "torch.nn.functional.binary_cross_entropy",
    onnx: "",
    examples: &[
        "input x: [3, 4]  input t: [3, 4]  output binary_cross_entropy(sigmoid(x), sigmoid(t))",
        "input x: [3, 4]  input t: [3, 4]  input w: [4]  output binary_cross_entropy(sigmoid(x), t, w, \"sum\")",
        "input x: [3, 4]  input t: [3, 4]  input w: [3, 1]  output binary_cross_entropy(sigmoid(x), t, weight=w, reduction=\"none\")",
    ],
    build: |attributes| build(BinaryCrossEntropy, attributes),
};

#[derive(Debug)]
struct BinaryCrossEntropy;

/// What x (1 - x) counts at least; PyTorch's number, which is a single.
const LEAST: f64 = 1e-12_f32 as f64;

/// ln x and ln(1 - x)
fn logarithms(x: f64) -> [f64; 2] {
    [x.ln(), (-x).ln_1p()].map(|log| log.max(-100.0))
}

impl ElementLoss for BinaryCrossEntropy {
    const DEF: &'static Def = &DEF;
    const KINDS: &'static [Operand] = &[Operand::Same, Operand::Same, Operand::Weight];
    const REFUSES: bool = true;

    fn value(&self, [x, t, weight, _]: At) -> f64 {
        let [yes, no] = logarithms(x);
        -weight * (t * yes + (1.0 - t) * no)
    }

    fn slope(&self, operand: usize, at: At) -> f64 {
        let [x, t, weight, _] = at;
        let [yes, no] = logarithms(x);
        match operand {
            0 => weight * (x - t) / (x * (1.0 - x)).max(LEAST),
            1 => weight * (no - yes),
            _ => -(t * yes + (1.0 - t) * no),
        }
    }

    fn refusal(&self, [x, ..]: At) -> Option<(usize, &'static str)> {
        (!(0.0..=1.0).contains(&x)).then_some((0, "is not between 0 and 1"))
    }
}
