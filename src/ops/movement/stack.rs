//! `stack`: tensors of one shape along a new axis.

use super::moves::{Move, Moved, Movement};
use crate::ops::axis::{axis, new_axis_of};
use crate::ops::contract::{Def, Form, Literal, Parameter, ParameterKind, Type};
use crate::ops::shape_rules::{any_operand, axes, promoted};
use crate::ops::{Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Facts, Shape, TensorType};
use crate::tensor::nest::{Nest, dense_steps};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "stack",
    form: Form::Function,
    summary: "Puts tensors of one shape together along a new axis.",
    formula: "y[..., i, ...] = xᵢ[..., ...]",
    parameters: &[
        Parameter {
            name: "tensors",
            kind: ParameterKind::Operands,
            doc: "Tensors of one shape; floats beside ints make floats.",
        },
        Parameter::attribute("dim", Type::Int, Literal::Int(0), "The new axis, as the result counts them."),
    ],
    torch: "torch.stack",
    onnx: "",
    examples: &[
        "input a: [2, 3]  input b: [2, 3]  output stack([a, b])",
        "input a: [2, 3]  input b: [2, 3]  input c: [2, 3]  output stack([a, b, c], dim=-1)",
        "input a: [2, 3]  input b: [2, 3]  output stack([a, b, a], dim=1)",
        "input a: int[]  input b: int[]  output stack([a, b])",
    ],
    build: |attributes| Ok(Arc::new(Moved(Stack { dim: attributes.int("dim")? }))),
};

#[derive(Debug)]
struct Stack {
    dim: i64,
}

impl Movement for Stack {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let first = any_operand(&DEF, inputs, 0)?;
        let new = new_axis_of(&DEF, "dim", self.dim, 0, first)?;
        for (operand, input) in inputs.iter().enumerate().skip(1) {
            let (a, b) = (&first.shape, &input.shape);
            let found = format!("`stack` wants tensors of one shape, and gets {a} and {b}");
            if a.rank() != b.rank() {
                return Err(ShapeError::new(ShapeErrorKind::Rank, found)
                    .cause(Cause::Operand(operand), format!("this has {}", axes(b.rank())))
                    .cause(Cause::Operand(0), format!("this has {}", axes(a.rank()))));
            }
            for (axis, (x, y)) in a.iter().zip(b.iter()).enumerate() {
                if !facts.equal(x, y) {
                    return Err(ShapeError::new(ShapeErrorKind::Mismatch, found)
                        .cause(Cause::Axis { operand, axis }, format!("axis {axis} is {y}"))
                        .cause(Cause::Axis { operand: 0, axis }, format!("axis {axis} is {x}")));
                }
            }
        }
        let (before, after) = first.shape.split_at_checked(new).unwrap_or((&first.shape, &[]));
        let shape: Shape = before.iter().chain([&Dim::from(inputs.len())]).chain(after).cloned().collect();
        Ok(vec![TensorType::new(promoted(inputs), shape)])
    }

    fn moves(&self, inputs: &[&[usize]], results: &[&[usize]], visit: &mut dyn FnMut(&Move)) {
        let [result] = results else { return };
        let Some(axis) = axis(self.dim, result.len()) else { return };
        let mut steps = dense_steps(result);
        let step = steps.remove(axis);
        for (operand, input) in inputs.iter().enumerate() {
            let nest = Nest::new(input, [&dense_steps(input), &steps]);
            visit(&Move { operand, result: 0, from: 0, to: operand * step, nest });
        }
    }
}
