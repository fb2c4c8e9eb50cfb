//! `cat`: tensors one after another along an axis.

use super::moves::{Move, Moved, Movement};
use crate::ops::axis::{axis, axis_of};
use crate::ops::contract::{Def, Form, Literal, Op, Parameter, ParameterKind, Type};
use crate::ops::shape_rules::{any_operand, axes, promoted};
use crate::ops::{AttributeError, Attributes, Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Facts, TensorType};
use crate::tensor::nest::dense_steps;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "cat",
    form: Form::Function,
    summary: "Puts tensors one after another along an axis.",
    formula: "y = [x₀, x₁, …]",
    parameters: &[TENSORS, DIM],
    torch: "torch.cat",
    onnx: "Concat",
    examples: &[
        "input a: [2, 3]  input b: [1, 3]  output cat([a, b])",
        "input a: [2, 3]  input b: [2, 1]  input c: [2, 2]  output cat([a, b, c], dim=-1)",
        "input a: [2, 2, 2]  output cat([a, a, a], 1)",
        "input a: [2, 2]  input b: [2, 1]  both = [a, b]  output cat(both, -1)",
        "input a: int[2]  input b: int[0]  output cat([a, b])",
        "input a: int[2]  input b: [3]  output cat([a, b])",
    ],
    build: |attributes| build(&DEF, attributes),
};

pub(super) const TENSORS: Parameter = Parameter {
    name: "tensors",
    kind: ParameterKind::Operands,
    doc: "Tensors whose shapes differ along `dim` at most; floats beside ints make floats.",
};
pub(super) const DIM: Parameter = Parameter::attribute("dim", Type::Int, Literal::Int(0), "The axis.");

/// This operator under the name of `def`, which has the parameters `TENSORS` and `DIM`.
pub(super) fn build(def: &'static Def, attributes: &Attributes) -> Result<Arc<dyn Op>, AttributeError> {
    Ok(Arc::new(Moved(Cat { def, dim: attributes.int("dim")? })))
}

#[derive(Debug)]
struct Cat {
    def: &'static Def,
    dim: i64,
}

impl Movement for Cat {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let first = any_operand(self.def, inputs, 0)?;
        let joined = axis_of(self.def, "dim", self.dim, 0, first)?;
        let mut output = TensorType::new(promoted(inputs), first.shape.clone());
        for (operand, input) in inputs.iter().enumerate().skip(1) {
            let (name, a, b) = (self.def.name, &first.shape, &input.shape);
            let found = format!("`{name}` wants shapes that differ on axis {joined} only, and gets {a} and {b}");
            if a.rank() != b.rank() {
                return Err(ShapeError::new(ShapeErrorKind::Rank, found)
                    .cause(Cause::Operand(operand), format!("this has {}", axes(b.rank())))
                    .cause(Cause::Operand(0), format!("this has {}", axes(a.rank()))));
            }
            for (axis, (x, y)) in a.iter().zip(b.iter()).enumerate().filter(|(axis, _)| *axis != joined) {
                if !facts.equal(x, y) {
                    let error = ShapeError::new(ShapeErrorKind::Mismatch, found)
                        .cause(Cause::Axis { operand, axis }, format!("axis {axis} is {y}"))
                        .cause(Cause::Axis { operand: 0, axis }, format!("axis {axis} is {x}"));
                    // Along this axis the first two operands would fit; of others nothing is said.
                    let only = |other| other == axis || a.get(other) == b.get(other);
                    let fits = inputs.len() == 2 && (0..a.rank()).all(only);
                    return Err(if fits { error.help(format!("`dim={axis}` joins them")) } else { error });
                }
            }
            if let (Some(sum), Some(size)) = (output.shape.get_mut(joined), input.shape.get(joined)) {
                *sum = sum.add(size);
            }
        }
        Ok(vec![output])
    }

    fn moves(&self, inputs: &[&[usize]], results: &[&[usize]], visit: &mut dyn FnMut(&Move)) {
        let ([first, ..], [result]) = (inputs, results) else { return };
        let Some(axis) = axis(self.dim, first.len()) else { return };
        let step = dense_steps(result).get(axis).copied().unwrap_or(0);
        let mut to = 0;
        for (operand, input) in inputs.iter().enumerate() {
            visit(&Move { operand, ..Move::block(input, [0, to], input, result) });
            to += step * input.get(axis).copied().unwrap_or(0);
        }
    }
}
