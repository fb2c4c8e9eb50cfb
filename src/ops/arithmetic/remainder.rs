//! `%` and `remainder`: the remainder of a division.

use super::binary::{Binary, Elementwise, INPUT, Ints, OTHER};
use super::floor_div::FloorDiv;
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "%",
    form: Form::Infix,
    summary: "Gives the remainder of the division of the first tensor by the second, with the sign of the second; they broadcast.",
    formula: "y = a - b ⌊a / b⌋",
    parameters: &[INPUT, OTHER],
    torch: "torch.remainder",
    onnx: "Mod",
    examples: &[
        "input a: int[2, 3]  output a % 3",
        "input a: int[4]  output a % -2",
        "input a: [2, 3]  input b: [3]  output a % (b * b + 1.0)",
    ],
    build: |_| Ok(Elementwise::new(&DEF, Remainder)),
};

pub(super) static FUNCTION: Def = Def {
    name: "remainder",
    form: Form::Function,
    parameters: &[INPUT, OTHER],
    examples: &[
        "input a: [2, 3]  input b: [3]  output remainder(a, b * b + 1.0)",
        "input a: int[2, 3]  output remainder(a, 3)",
    ],
    build: |_| Ok(Elementwise::new(&FUNCTION, Remainder)),
    ..DEF
};

#[derive(Debug)]
struct Remainder;

impl Binary for Remainder {
    const KEEPS: Keeps = Keeps::INPUTS;

    fn ints(&self) -> Ints {
        Ints::Divided
    }

    #[inline(always)]
    fn float<T: Real>(&self, a: T, b: T) -> T {
        let rest = a.fmod(b);
        if rest != T::zero() && (rest < T::zero()) != (b < T::zero()) { rest + b } else { rest }
    }

    fn int(&self, a: i64, b: i64) -> i64 {
        remainder(a, b)
    }

    #[inline(always)]
    fn grad_input<T: Real>(&self, grad: T, _: T, _: T) -> T {
        grad
    }

    #[inline(always)]
    fn grad_other<T: Real>(&self, grad: T, a: T, b: T) -> T {
        -grad * FloorDiv.float(a, b)
    }
}

/// With the sign of `b`; 0 where `b` is.
fn remainder(a: i64, b: i64) -> i64 {
    if b == 0 {
        return 0;
    }
    let rest = a.wrapping_rem(b);
    if rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest }
}
