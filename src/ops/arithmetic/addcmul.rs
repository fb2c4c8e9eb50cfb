//! `addcmul`: a tensor and the product of two others.

use super::ternary::{Ternary, Three};
use crate::ops::contract::{Def, Form, Keeps, Literal, Op, Parameter, Type};
use crate::ops::shape_rules::promoted;
use crate::ops::value::number;
use crate::ops::{AttributeError, Attributes, Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Element, TensorType};
use crate::tensor::Real;
use std::sync::Arc;

pub(super) const INPUT: Parameter = Parameter::operand("input", "What is added to; any shape.");
pub(super) const FIRST: Parameter = Parameter::operand("tensor1", "A shape that broadcasts with the others.");
pub(super) const SECOND: Parameter = Parameter::operand("tensor2", "A shape that broadcasts with the others.");
pub(super) const VALUE: Parameter =
    Parameter::attribute("value", Type::Float, Literal::Float(1.0), "What is multiplied by before it is added.");

pub(super) static DEF: Def = Def {
    name: "addcmul",
    form: Form::Function,
    summary: "Adds the product of two tensors, times a number, to a third, element by element; all three broadcast.",
    formula: "y = a + value b c, a = input, b = tensor1, c = tensor2",
    parameters: &[INPUT, FIRST, SECOND, VALUE],
    torch: "torch.addcmul",
    onnx: "",
    examples: &[
        "input a: [2, 3]  input b: [2, 3]  input c: [2, 3]  output addcmul(a, b, c)",
        "input a: [3]  input b: [2, 1]  input c: [2, 3]  output addcmul(a, b, c, value=-0.5)",
        "input a: int[3]  input b: int[2, 1]  output addcmul(a, b, b, value=2)",
    ],
    build: |attributes| build(attributes),
};

fn build(attributes: &Attributes) -> Result<Arc<dyn Op>, AttributeError> {
    Ok(Three::new(&DEF, Multiplied { value: attributes.float("value")? }))
}

#[derive(Debug)]
struct Multiplied {
    value: f64,
}

impl Ternary for Multiplied {
    const KEEPS: Keeps = Keeps { inputs: 0b110, outputs: false };

    fn element(&self, def: &Def, inputs: [&TensorType; 3]) -> Result<Element, ShapeError> {
        match promoted(&inputs.map(Clone::clone)) {
            Element::Float => Ok(Element::Float),
            Element::Int if self.value.fract() == 0.0 => Ok(Element::Int),
            element => {
                let value = number(self.value);
                let (wanted, cause) = match element {
                    Element::Int => ("a whole `value` for ints", (Cause::Attribute("value"), format!("it is {value}"))),
                    _ => ("ints or floats", (Cause::Operand(1), format!("this is {}", inputs[1]))),
                };
                let message = format!("`{}` wants {wanted}, and gets {}", def.name, inputs[0]);
                Err(ShapeError::new(ShapeErrorKind::Element, message)
                    .cause(Cause::Operand(0), format!("this is {}", inputs[0]))
                    .cause(cause.0, cause.1)
                    .help("`to(x, \"float\")` makes floats of `x`"))
            }
        }
    }

    fn float<T: Real>(&self, [a, b, c]: [T; 3]) -> T {
        a + T::from_f64(self.value) * b * c
    }

    fn int(&self, [a, b, c]: [i64; 3]) -> i64 {
        a.wrapping_add((self.value as i64).wrapping_mul(b).wrapping_mul(c))
    }

    fn grad<T: Real>(&self, operand: usize, grad: T, [_, b, c]: [T; 3]) -> T {
        match operand {
            0 => grad,
            1 => grad * T::from_f64(self.value) * c,
            _ => grad * T::from_f64(self.value) * b,
        }
    }
}
