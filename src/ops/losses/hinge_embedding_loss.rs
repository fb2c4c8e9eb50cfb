//! `hinge_embedding_loss`: the loss of distances that should be small or large.

use super::element_loss::{At, ElementLoss, at_least_0, build};
use super::element_loss_shape::Operand;
use crate::ops::contract::{Def, Form, Literal, Parameter, Type};
use crate::ops::reduction::REDUCTION;

pub(super) static DEF: Def = Def {
    name: "hinge_embedding_loss",
    form: Form::Function,
    summary: "Gives the mean of the distances of what is alike, and of how much those of what is not are below a margin.",
    formula: "l = 1/n Σᵢ lᵢ, lᵢ = xᵢ where t is 1, max(0, margin - xᵢ) where it is -1",
    parameters: &[
        Parameter::operand("input", "Distances, any shape."),
        Parameter::operand("target", "1 or -1, the shape of the input."),
        Parameter::attribute("margin", Type::Float, Literal::Float(1.0), "The distance that is large enough."),
        REDUCTION,
    ],
    torch: "torch.nn.functional.hinge_embedding_loss",
    onnx: "",
    examples: &[
        "input x: [3, 4]  input t: int[3, 4]  output hinge_embedding_loss(x, t * 0 - 1)",
        "input x: [5]  input t: int[5]  output hinge_embedding_loss(x, t * 0 + 1, margin=0.3, reduction=\"sum\")",
        "input x: [5]  input t: [5]  output hinge_embedding_loss(x, t, 2.0, \"none\")",
    ],
    build: |attributes| build(Hinge { margin: attributes.float("margin")? }, attributes),
};

#[derive(Debug)]
struct Hinge {
    margin: f64,
}

/// As in PyTorch, a target that is neither 1 nor -1 counts as both.
impl ElementLoss for Hinge {
    const DEF: &'static Def = &DEF;
    const KINDS: &'static [Operand] = &[Operand::Same, Operand::SameNumbers];

    fn value(&self, [x, t, ..]: At) -> f64 {
        let near = if t == -1.0 { 0.0 } else { x };
        let far = if t == 1.0 { 0.0 } else { at_least_0(self.margin - x) };
        near + far
    }

    fn slope(&self, operand: usize, [x, t, ..]: At) -> f64 {
        let near = f64::from(u8::from(t != -1.0));
        let far = f64::from(u8::from(t != 1.0 && self.margin - x >= 0.0));
        if operand == 0 { near - far } else { 0.0 }
    }
}
