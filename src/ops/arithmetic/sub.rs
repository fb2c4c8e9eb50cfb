//! `-` and `sub`: the difference of two tensors.

use super::add::sum;
use super::binary::{ALPHA, Binary, Elementwise, INPUT, Ints, OTHER};
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "-",
    form: Form::Infix,
    summary: "Subtracts the second tensor from the first element by element; they broadcast.",
    formula: "y = a - b",
    parameters: &[INPUT, OTHER],
    torch: "torch.sub",
    onnx: "Sub",
    examples: &[
        "input a: [2, 3]  input b: [2, 3]  output a - b",
        "input a: [2, 1, 4]  input b: [3, 1]  output a - b",
        "input a: [2, 3]  input b: bool[3]  output a - b",
    ],
    build: |_| Ok(Elementwise::new(&DEF, Sub)),
};

pub(super) static FUNCTION: Def = Def {
    name: "sub",
    form: Form::Function,
    formula: "y = a - α b, α = alpha",
    parameters: &[INPUT, OTHER, ALPHA],
    examples: &[
        "input a: [2, 3]  input b: [3]  output sub(a, b)",
        "input a: [2, 1, 4]  input b: [3, 1]  output sub(a, b, alpha=3)",
    ],
    build: |attributes| {
        let alpha = attributes.float("alpha")?;
        Ok(if alpha == 1.0 { Elementwise::new(&FUNCTION, Sub) } else { sum(&FUNCTION, -alpha) })
    },
    ..DEF
};

#[derive(Debug)]
struct Sub;

impl Binary for Sub {
    const KEEPS: Keeps = Keeps::NOTHING;

    fn ints(&self) -> Ints {
        Ints::Int
    }

    #[inline(always)]
    fn float<T: Real>(&self, a: T, b: T) -> T {
        a - b
    }

    fn int(&self, a: i64, b: i64) -> i64 {
        a.wrapping_sub(b)
    }

    #[inline(always)]
    fn grad_input<T: Real>(&self, grad: T, _: T, _: T) -> T {
        grad
    }

    #[inline(always)]
    fn grad_other<T: Real>(&self, grad: T, _: T, _: T) -> T {
        -grad
    }
}
