//! `//` and `floor_divide`: the quotient of two tensors, rounded down.

use super::binary::{Binary, Elementwise, INPUT, Ints, OTHER};
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "//",
    form: Form::Infix,
    summary: "Divides the first tensor by the second element by element and rounds down; they broadcast, and the gradient is 0.",
    formula: "y = ⌊a / b⌋",
    parameters: &[INPUT, OTHER],
    torch: "torch.floor_divide",
    onnx: "",
    examples: &[
        "input a: int[2, 3]  output a // 3",
        "input a: int[4]  output a // -2",
        "input a: int[2, 3]  input b: [3]  output a // (b * b + 1.0)",
    ],
    build: |_| Ok(Elementwise::new(&DEF, FloorDiv)),
};

pub(super) static FUNCTION: Def = Def {
    name: "floor_divide",
    form: Form::Function,
    parameters: &[INPUT, OTHER],
    examples: &[
        "input a: [2, 3]  input b: [3]  output floor_divide(a, b * b + 1.0)",
        "input a: int[2, 3]  output floor_divide(a, 3)",
    ],
    build: |_| Ok(Elementwise::new(&FUNCTION, FloorDiv)),
    ..DEF
};

#[derive(Debug)]
pub(super) struct FloorDiv;

impl Binary for FloorDiv {
    const KEEPS: Keeps = Keeps::NOTHING;

    fn ints(&self) -> Ints {
        Ints::Divided
    }

    #[inline(always)]
    fn float<T: Real>(&self, a: T, b: T) -> T {
        // The quotient of what the remainder leaves is a whole number but for one rounding: 1 // 0.1 is 9, not 10.
        let rest = a.fmod(b);
        let below = rest != T::zero() && (rest < T::zero()) != (b < T::zero());
        let quotient = (a - rest) / b - if below { T::one() } else { T::zero() };
        if b == T::zero() { a / b } else { (quotient + T::from_f64(0.5)).floor() }
    }

    fn int(&self, a: i64, b: i64) -> i64 {
        floor_div(a, b)
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

/// Rounded towards minus infinity; 0 where `b` is.
fn floor_div(a: i64, b: i64) -> i64 {
    if b == 0 {
        return 0;
    }
    let quotient = a.wrapping_div(b);
    let inexact = a.wrapping_rem(b) != 0;
    if inexact && (a < 0) != (b < 0) { quotient - 1 } else { quotient }
}
