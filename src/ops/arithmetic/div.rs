//! `/` and `div`: the quotient of two tensors.

use super::binary::{Binary, Elementwise, INPUT, Ints, OTHER};
use super::floor_div::FloorDiv;
use crate::ops::Value;
use crate::ops::contract::{Def, Form, Keeps, Literal, Parameter, Type};
use crate::tensor::Real;

const ROUNDING_MODE: Parameter = Parameter::attribute(
    "rounding_mode",
    Type::Word(&["trunc", "floor"]),
    Literal::None,
    "How the quotient is rounded; then ints give ints, and the gradient is 0.",
);

pub(super) static DEF: Def = Def {
    name: "/",
    form: Form::Infix,
    summary: "Divides the first tensor by the second element by element; they broadcast, and ints are taken for floats.",
    formula: "y = a / b",
    parameters: &[INPUT, OTHER],
    torch: "torch.div",
    onnx: "Div",
    examples: &[
        "input a: [2, 3]  input b: [2, 3]  output a / (b * b + 1.0)",
        "input a: [2, 1, 4]  input b: [3, 1]  output a / (b * b + 1.0)",
        "input a: [2, 3]  output a / 4",
        "input a: int[3]  output a / 4",
    ],
    build: |_| Ok(Elementwise::new(&DEF, Div)),
};

pub(super) static FUNCTION: Def = Def {
    name: "div",
    form: Form::Function,
    summary: "Divides the first tensor by the second element by element, and rounds if that is asked for; they broadcast.",
    formula: "y = a / b, rounded down for \"floor\", towards 0 for \"trunc\"",
    parameters: &[INPUT, OTHER, ROUNDING_MODE],
    examples: &[
        "input a: [2, 3]  input b: [3]  output div(a, b * b + 1.0)",
        "input a: [2, 3]  input b: [3]  output div(a, b * b + 1.0, rounding_mode=\"floor\")",
        "input a: int[2, 3]  output div(a, -2, rounding_mode=\"trunc\")",
    ],
    build: |attributes| {
        Ok(match attributes.get("rounding_mode") {
            Some(Value::Str(mode)) if **mode == *"floor" => Elementwise::new(&FUNCTION, FloorDiv),
            Some(Value::Str(_)) => Elementwise::new(&FUNCTION, TruncDiv),
            _ => Elementwise::new(&FUNCTION, Div),
        })
    },
    ..DEF
};

#[derive(Debug)]
struct Div;

impl Binary for Div {
    const KEEPS: Keeps = Keeps::INPUTS;

    fn ints(&self) -> Ints {
        Ints::Float
    }

    #[inline(always)]
    fn float<T: Real>(&self, a: T, b: T) -> T {
        a / b
    }

    #[inline(always)]
    fn grad_input<T: Real>(&self, grad: T, _: T, b: T) -> T {
        grad / b
    }

    #[inline(always)]
    fn grad_other<T: Real>(&self, grad: T, a: T, b: T) -> T {
        -grad * a / (b * b)
    }
}

/// Rounded towards 0.
#[derive(Debug)]
struct TruncDiv;

impl Binary for TruncDiv {
    const KEEPS: Keeps = Keeps::NOTHING;

    fn ints(&self) -> Ints {
        Ints::Divided
    }

    #[inline(always)]
    fn float<T: Real>(&self, a: T, b: T) -> T {
        (a / b).trunc()
    }

    fn int(&self, a: i64, b: i64) -> i64 {
        if b == 0 { 0 } else { a.wrapping_div(b) }
    }

    #[inline(always)]
    fn grad_input<T: Real>(&self, _: T, _: T, _: T) -> T {
        T::zero()
    }

    #[inline(always)]
    fn grad_other<T: Real>(&self, _: T, _: T, _: T) -> T {
        T::zero()
    }
}
