//! `reshape_as`: the same elements, in the same order, in the shape of another tensor.

use super::reshaping::{Reshaped, Reshaping};
use crate::ops::contract::{Def, Form, Op, Parameter};
use crate::ops::shape_rules::any_operand;
use crate::ops::{Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Facts, Shape, TensorType};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "reshape_as",
    form: Form::Function,
    summary: "Gives the same elements, in the same order, the shape of another tensor.",
    formula: "y[j] = x[i] where i and j have the same place in row-major order",
    parameters: &[
        Parameter::operand("input", "Any shape."),
        Parameter::operand("other", "As many elements, of any type; only its shape is read."),
    ],
    torch: "torch.Tensor.reshape_as",
    onnx: "Reshape",
    examples: &[
        "input x: [2, 6]  input y: [3, 4]  output reshape_as(x, y)",
        "input x: [1, 1]  input y: bool[]  output reshape_as(x, y)",
        "input x: int[4]  input y: [2, 2]  output reshape_as(x, y)",
    ],
    build: |_| Ok(build(&DEF)),
};

/// This operator under the name of `def`.
pub(super) fn build(def: &'static Def) -> Arc<dyn Op> {
    Arc::new(Reshaped(ReshapeAs { def }))
}

#[derive(Debug)]
struct ReshapeAs {
    def: &'static Def,
}

impl Reshaping for ReshapeAs {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn shape(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Shape, ShapeError> {
        let (input, other) = (any_operand(self.def, inputs, 0)?, any_operand(self.def, inputs, 1)?);
        let (total, wanted) = (input.shape.numel(), other.shape.numel());
        if !facts.equal(&wanted, &total) {
            let (name, from, to) = (self.def.name, &input.shape, &other.shape);
            let message = format!("`{name}` of {from} to {to} would change the number of elements");
            return Err(ShapeError::new(ShapeErrorKind::Reshape, format!("{message}: {total} is not {wanted}"))
                .cause(Cause::Operand(1), format!("{to} has {wanted} elements"))
                .cause(Cause::Operand(0), format!("{from} has {total} elements")));
        }
        Ok(other.shape.clone())
    }
}
