//! `lerp`: a point on the line between two.

use super::ternary::{Ternary, Three};
use crate::ops::ShapeError;
use crate::ops::contract::{Def, Form, Keeps, Parameter};
use crate::shape::{Element, TensorType};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "lerp",
    form: Form::Function,
    summary: "Goes from one tensor to another as far as a weight says, element by element; all three broadcast.",
    formula: "y = a + w (b - a), a = input, b = end, w = weight",
    parameters: &[
        Parameter::operand("input", "The result for the weight 0; any shape."),
        Parameter::operand("end", "The result for the weight 1; a shape that broadcasts with the others."),
        Parameter::operand("weight", "A number, or a shape that broadcasts with the others."),
    ],
    torch: "torch.lerp",
    onnx: "",
    examples: &[
        "input a: [2, 3]  input b: [2, 3]  output lerp(a, b, 0.3)",
        "input a: [2, 3]  input b: [3]  input w: [2, 1]  output lerp(a, b, w)",
    ],
    build: |_| Ok(Three::new(&DEF, Lerp)),
};

#[derive(Debug)]
struct Lerp;

impl Ternary for Lerp {
    const KEEPS: Keeps = Keeps::INPUTS;

    fn element(&self, _: &Def, _: [&TensorType; 3]) -> Result<Element, ShapeError> {
        Ok(Element::Float)
    }

    /// From the nearer end, so that the weights 0 and 1 give exactly those.
    fn float<T: Real>(&self, [a, b, weight]: [T; 3]) -> T {
        if weight.abs() < T::from_f64(0.5) { a + weight * (b - a) } else { b - (b - a) * (T::one() - weight) }
    }

    fn int(&self, [a, ..]: [i64; 3]) -> i64 {
        a
    }

    fn grad<T: Real>(&self, operand: usize, grad: T, [a, b, weight]: [T; 3]) -> T {
        match operand {
            0 => grad * (T::one() - weight),
            1 => grad * weight,
            _ => grad * (b - a),
        }
    }
}
