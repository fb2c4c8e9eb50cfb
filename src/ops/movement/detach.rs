//! `detach`: the same tensor, as a constant.

use super::reshaping::{Reshaped, Reshaping};
use crate::ops::ShapeError;
use crate::ops::contract::{Def, Form, Op, Parameter};
use crate::ops::shape_rules::any_operand;
use crate::shape::{Facts, Shape, TensorType};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "detach",
    form: Form::Function,
    summary: "Gives the same elements, through which no gradient passes.",
    formula: "y = x, dy/dx = 0",
    parameters: &[Parameter::operand("input", "Any shape.")],
    torch: "torch.Tensor.detach",
    onnx: "Identity",
    examples: &["input x: [2, 3]  output detach(x)", "input x: int[2]  output detach(x)"],
    build: |_| Ok(same(&DEF, Gradient::Stops)),
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gradient {
    Passes,
    Stops,
}

/// The operator that changes nothing, under the name of `def`.
pub(super) fn same(def: &'static Def, gradient: Gradient) -> Arc<dyn Op> {
    Arc::new(Reshaped(Same { def, gradient }))
}

#[derive(Debug)]
struct Same {
    def: &'static Def,
    gradient: Gradient,
}

impl Reshaping for Same {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn shape(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Shape, ShapeError> {
        any_operand(self.def, inputs, 0).map(|input| input.shape.clone())
    }

    fn passes_gradient(&self) -> bool {
        self.gradient == Gradient::Passes
    }
}
