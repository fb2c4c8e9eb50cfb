//! `Identity`: changes nothing.

use super::reshaping::{Reshaped, Reshaping};
use crate::ops::ShapeError;
use crate::ops::contract::{Def, Form, Parameter};
use crate::ops::shape_rules::any_operand;
use crate::shape::{Facts, Shape, TensorType};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "Identity",
    form: Form::Layer { call: &[Parameter::operand("input", "Any shape.")] },
    summary: "Gives what it gets, in the place of a layer that isn't wanted.",
    formula: "y = x",
    parameters: &[],
    torch: "torch.nn.Identity",
    onnx: "Identity",
    examples: &["input x: [3, 4]  layer same = Identity()  output same(x) * 2.0"],
    build: |_| Ok(Arc::new(Reshaped(Identity))),
};

#[derive(Debug)]
struct Identity;

impl Reshaping for Identity {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn shape(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Shape, ShapeError> {
        any_operand(&DEF, inputs, 0).map(|input| input.shape.clone())
    }
}
