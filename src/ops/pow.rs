//! `**`: the power.

use super::binary::{Binary, Elementwise, Ints};
use super::contract::{Def, Form, Keeps, Parameter};
use crate::tensor::Real;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "**",
    form: Form::Infix,
    summary: "Raises the first tensor to the power of the second element by element; they broadcast.",
    formula: "y = a^b",
    parameters: &[
        Parameter::operand("input", "Any shape."),
        Parameter::operand("other", "A shape that broadcasts with the other operand's."),
    ],
    torch: "torch.pow",
    onnx: "Pow",
    examples: &[
        "input a: [2, 3]  output a ** 2",
        "input a: [2, 3]  input b: [3]  output (a * a + 1.0) ** b",
        "input a: [2, 1]  input b: [2, 3]  output (a * a + 1.0) ** b",
        "input a: [2, 3]  output 2 ** a",
        "input a: int[4]  output a ** 3",
    ],
    build: |_| Ok(Arc::new(Elementwise(Pow))),
};

#[derive(Debug)]
struct Pow;

impl Binary for Pow {
    const DEF: &'static Def = &DEF;
    const KEEPS: Keeps = Keeps::INPUTS;
    const INTS: Ints = Ints::Int;

    fn float<T: Real>(a: T, b: T) -> T {
        a.powf(b)
    }

    fn int(a: i64, b: i64) -> i64 {
        int_power(a, b)
    }

    fn grad_input<T: Real>(grad: T, a: T, b: T) -> T {
        if b == T::zero() { T::zero() } else { grad * b * a.powf(b - T::one()) }
    }

    fn grad_other<T: Real>(grad: T, a: T, b: T) -> T {
        if a == T::zero() && b >= T::zero() { T::zero() } else { grad * a.powf(b) * a.ln() }
    }
}

/// Wraps around on overflow. A negative exponent gives the power rounded towards 0.
fn int_power(base: i64, exponent: i64) -> i64 {
    if exponent < 0 {
        return match base {
            1 => 1,
            -1 => 1 - 2 * (exponent & 1),
            _ => 0,
        };
    }
    let (mut power, mut square, mut rest) = (1i64, base, exponent);
    while rest > 0 {
        if rest & 1 == 1 {
            power = power.wrapping_mul(square);
        }
        square = square.wrapping_mul(square);
        rest >>= 1;
    }
    power
}
