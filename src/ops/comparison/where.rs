//! `where`: one of two tensors, element by element.

use crate::ops::arithmetic::{Ternary, Three};
use crate::ops::contract::{Def, Form, Keeps, Parameter};
use crate::ops::shape_rules::named;
use crate::ops::{Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Element, TensorType};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "where",
    form: Form::Function,
    summary: "Takes the elements of one tensor where a condition is true, and those of another where it is false; all three broadcast.",
    formula: "y = a where condition, else b; a = input, b = other",
    parameters: &[
        Parameter::operand("condition", "Any shape, bool."),
        Parameter::operand(
            "input",
            "What is taken where the condition is true; a shape that broadcasts with the others.",
        ),
        Parameter::operand("other", "What is taken where it is false; a shape that broadcasts with the others."),
    ],
    torch: "torch.where",
    onnx: "Where",
    examples: &[
        "input x: bool[2, 3]  input a: [2, 3]  input b: [2, 3]  output where(x, a, b)",
        "input x: bool[2, 1]  input a: [3]  input b: []  output where(x, a, b)",
        "input x: [2, 3]  output where(x > 0, x, 0.1 * x)",
        "input x: bool[2, 3]  input a: int[3]  output where(x, a, 1.5)",
        "input x: bool[3]  input a: int[2, 1]  output where(x, a, 0)",
    ],
    build: |_| Ok(Three::new(&DEF, Where)),
};

#[derive(Debug)]
struct Where;

impl Ternary for Where {
    const KEEPS: Keeps = Keeps::input(0);

    fn element(&self, def: &Def, [condition, a, b]: [&TensorType; 3]) -> Result<Element, ShapeError> {
        if condition.element != Element::Bool {
            let message =
                format!("`{}` wants a bool condition, and gets {} tensor", def.name, named(condition.element));
            return Err(ShapeError::new(ShapeErrorKind::Element, message)
                .cause(Cause::Operand(0), format!("this is {condition}"))
                .help("`x != 0` is true where `x` isn't 0"));
        }
        Ok(match (a.element, b.element) {
            (Element::Float, _) | (_, Element::Float) => Element::Float,
            (Element::Bool, Element::Bool) => Element::Bool,
            _ => Element::Int,
        })
    }

    fn float<T: Real>(&self, [condition, a, b]: [T; 3]) -> T {
        if condition == T::zero() { b } else { a }
    }

    fn int(&self, [condition, a, b]: [i64; 3]) -> i64 {
        if condition == 0 { b } else { a }
    }

    fn grad<T: Real>(&self, operand: usize, grad: T, [condition, ..]: [T; 3]) -> T {
        if (operand == 1) == (condition != T::zero()) { grad } else { T::zero() }
    }
}
