//! `clamp`: elements between two bounds.

use super::binary::{Binary, Elementwise, INPUT, Ints};
use super::ternary::{Ternary, Three};
use crate::ops::contract::{Def, Form, Keeps, Parameter};
use crate::ops::{AttributeError, Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Element, TensorType};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "clamp",
    form: Form::Function,
    summary: "Replaces elements below `min` by it, and those above `max` by that; one of the two may be left out.",
    formula: "y = min(max(x, min), max)",
    parameters: &[
        INPUT,
        Parameter::optional_operand("min", "The lower bound, a number or a tensor that broadcasts with the input."),
        Parameter::optional_operand("max", "The upper bound, a number or a tensor that broadcasts with the input."),
    ],
    torch: "torch.clamp",
    onnx: "Clip",
    examples: &[
        "input x: [3, 4]  output clamp(x, -0.5, 0.7)",
        "input x: [3, 4]  output clamp(x, min=0.5)",
        "input x: [3, 4]  output clamp(x, max=0.5)",
        "input x: [3, 4]  input a: [4]  input b: [3, 1]  output clamp(x, a - 2.0, b + 2.0)",
        "input x: [3, 4]  input a: [4]  output clamp(x, max=a)",
        "input x: int[3, 4]  output clamp(x, 1, 3)",
    ],
    build: |attributes| match (attributes.operand("min"), attributes.operand("max")) {
        (Some(_), Some(_)) => Ok(Three::new(&DEF, Between)),
        (Some(_), None) => Ok(Elementwise::new(&DEF, AtLeast)),
        (None, Some(_)) => Ok(Elementwise::new(&DEF, AtMost)),
        (None, None) => Err(AttributeError::new("min", "`clamp` needs `min`, `max` or both")),
    },
};

#[derive(Debug)]
struct AtLeast;

impl Binary for AtLeast {
    const KEEPS: Keeps = Keeps::INPUTS;

    fn ints(&self) -> Ints {
        Ints::Int
    }

    #[inline(always)]
    fn float<T: Real>(&self, x: T, min: T) -> T {
        x.maximum(min)
    }

    fn int(&self, x: i64, min: i64) -> i64 {
        x.max(min)
    }

    #[inline(always)]
    fn grad_input<T: Real>(&self, grad: T, x: T, min: T) -> T {
        if x >= min { grad } else { T::zero() }
    }

    #[inline(always)]
    fn grad_other<T: Real>(&self, grad: T, x: T, min: T) -> T {
        if x < min { grad } else { T::zero() }
    }
}

#[derive(Debug)]
struct AtMost;

impl Binary for AtMost {
    const KEEPS: Keeps = Keeps::INPUTS;

    fn ints(&self) -> Ints {
        Ints::Int
    }

    #[inline(always)]
    fn float<T: Real>(&self, x: T, max: T) -> T {
        x.minimum(max)
    }

    fn int(&self, x: i64, max: i64) -> i64 {
        x.min(max)
    }

    #[inline(always)]
    fn grad_input<T: Real>(&self, grad: T, x: T, max: T) -> T {
        if x <= max { grad } else { T::zero() }
    }

    #[inline(always)]
    fn grad_other<T: Real>(&self, grad: T, x: T, max: T) -> T {
        if x > max { grad } else { T::zero() }
    }
}

#[derive(Debug)]
struct Between;

impl Ternary for Between {
    const KEEPS: Keeps = Keeps::INPUTS;

    fn element(&self, def: &Def, inputs: [&TensorType; 3]) -> Result<Element, ShapeError> {
        let has = |element: Element| inputs.iter().any(|input| input.element == element);
        if has(Element::Float) {
            return Ok(Element::Float);
        }
        if has(Element::Int) {
            return Ok(Element::Int);
        }
        let message = format!("`{}` wants a number among its operands, and gets bool tensors", def.name);
        Err(ShapeError::new(ShapeErrorKind::Element, message)
            .cause(Cause::Operand(0), format!("this is {}", inputs[0]))
            .help("`1 * x` makes 0 and 1 of the bool tensor `x`"))
    }

    #[inline(always)]
    fn float<T: Real>(&self, [x, min, max]: [T; 3]) -> T {
        x.maximum(min).minimum(max)
    }

    fn int(&self, [x, min, max]: [i64; 3]) -> i64 {
        x.max(min).min(max)
    }

    fn grad<T: Real>(&self, operand: usize, grad: T, [x, min, max]: [T; 3]) -> T {
        let moves = match operand {
            0 => x >= min && x <= max,
            1 => x < min && min < max,
            _ => x > max || max < min,
        };
        if moves { grad } else { T::zero() }
    }
}
