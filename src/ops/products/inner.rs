//! `inner`: sums of products along the last axes of two tensors.

use super::contraction::{Letters, Multiplied, Product};
use crate::ops::contract::{Def, Form, Parameter};
use crate::ops::{Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Facts, Shape, TensorType};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "inner",
    form: Form::Function,
    summary: "Adds up products along the last axes of two tensors, for all combinations of the others.",
    formula: "y[i…, j…] = Σₖ a[i…, k] b[j…, k]",
    parameters: &[
        Parameter::operand("input", "`[..., k]`, or `[]`"),
        Parameter::operand("other", "`[..., k]`, or `[]`; if either is a scalar, every element is multiplied by it."),
    ],
    torch: "torch.inner",
    onnx: "",
    examples: &[
        "input a: [3]  input b: [3]  output inner(a, b)",
        "input a: [2, 3]  input b: [4, 3]  output inner(a, b)",
        "input a: [2, 1, 3]  input b: [3]  output inner(a, other=b)",
        "input a: [2, 3]  input b: []  output inner(a, b)",
    ],
    build: |_| Ok(Arc::new(Multiplied(Inner))),
};

#[derive(Debug)]
struct Inner;

impl Product for Inner {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn shape(&self, facts: &mut Facts, [a, b]: [&TensorType; 2]) -> Result<Shape, ShapeError> {
        let (Some((x, before)), Some((y, behind))) = (a.shape.split_last(), b.shape.split_last()) else {
            return Ok(a.shape.iter().chain(b.shape.iter()).cloned().collect());
        };
        if !facts.equal(x, y) {
            let (axis_a, axis_b) = (before.len(), behind.len());
            let message = format!("`inner` wants last axes of one size, and gets {} and {}", a.shape, b.shape);
            return Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
                .cause(Cause::Axis { operand: 1, axis: axis_b }, format!("axis {axis_b} is {y}"))
                .cause(Cause::Axis { operand: 0, axis: axis_a }, format!("axis {axis_a} is {x}")));
        }
        Ok(before.iter().chain(behind).cloned().collect())
    }

    fn letters(&self, [a, b]: [usize; 2]) -> [Letters; 3] {
        let (a, b) = (a as u32, b as u32);
        if a == 0 || b == 0 {
            return [(0..a).collect(), (0..b).collect(), (0..a.max(b)).collect()];
        }
        let summed = a + b;
        let first = 0..a - 1;
        let second = a - 1..a + b - 2;
        [
            first.clone().chain([summed]).collect(),
            second.clone().chain([summed]).collect(),
            first.chain(second).collect(),
        ]
    }
}
