//! `**` and `pow`: the power.

use super::binary::{Binary, Elementwise, INPUT, Ints, OTHER};
use crate::ops::contract::{Def, Form, Keeps, Parameter};
use crate::tensor::Real;

const EXPONENT: Parameter = Parameter::operand("exponent", "A shape that broadcasts with the other operand's.");

pub(super) static DEF: Def = Def {
    name: "**",
    form: Form::Infix,
    summary: "Raises the first tensor to the power of the second element by element; they broadcast.",
    formula: "y = a^b",
    parameters: &[INPUT, OTHER],
    torch: "torch.pow",
    onnx: "Pow",
    examples: &[
        "input a: [2, 3]  output a ** 2",
        "input a: [2, 3]  input b: [3]  output (a * a + 1.0) ** b",
        "input a: [2, 1]  input b: [2, 3]  output (a * a + 1.0) ** b",
        "input a: [2, 3]  output 2 ** a",
        "input a: int[4]  output a ** 3",
    ],
    build: |_| Ok(Elementwise::new(&DEF, Pow)),
};

pub(super) static FUNCTION: Def = Def {
    name: "pow",
    form: Form::Function,
    parameters: &[INPUT, EXPONENT],
    examples: &[
        "input a: [2, 3]  output pow(a, 2)",
        "input a: [2, 3]  output pow(a, 3.0)",
        "input a: [2, 3]  input b: [3]  output pow(a * a + 1.0, b)",
        "input a: [2, 3]  output pow(2, a)",
    ],
    build: |_| Ok(Elementwise::new(&FUNCTION, Pow)),
    ..DEF
};

#[derive(Debug)]
struct Pow;

impl Binary for Pow {
    const KEEPS: Keeps = Keeps::INPUTS;

    fn ints(&self) -> Ints {
        Ints::Int
    }

    #[inline(always)]
    fn float<T: Real>(&self, a: T, b: T) -> T {
        // The power that is asked for most often, and exactly.
        if b == T::one() + T::one() { a * a } else { a.powf(b) }
    }

    fn int(&self, a: i64, b: i64) -> i64 {
        int_power(a, b)
    }

    #[inline(always)]
    fn grad_input<T: Real>(&self, grad: T, a: T, b: T) -> T {
        if b == T::zero() {
            T::zero()
        } else if b == T::one() + T::one() {
            grad * b * a
        } else {
            grad * b * a.powf(b - T::one())
        }
    }

    #[inline(always)]
    fn grad_other<T: Real>(&self, grad: T, a: T, b: T) -> T {
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
