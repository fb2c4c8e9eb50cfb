//! `atan2`: the angle of a point.

use super::binary::{Binary, Elementwise, INPUT, Ints, OTHER};
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "atan2",
    form: Form::Function,
    summary: "Gives the angle between -π and π of the points whose ordinate is the first operand and whose abscissa is the second; they broadcast.",
    formula: "y = arctan(a / b), in the quadrant of (b, a)",
    parameters: &[INPUT, OTHER],
    torch: "torch.atan2",
    onnx: "",
    examples: &[
        "input a: [2, 3]  input b: [2, 3]  output atan2(a, b)",
        "input a: [2, 1, 4]  input b: [3, 1]  output atan2(a, b)",
        "input a: int[3]  output atan2(a, 2)",
    ],
    build: |_| Ok(Elementwise::new(&DEF, Atan2)),
};

#[derive(Debug)]
pub(super) struct Atan2;

impl Binary for Atan2 {
    const KEEPS: Keeps = Keeps::INPUTS;

    fn ints(&self) -> Ints {
        Ints::Float
    }

    #[inline(always)]
    fn float<T: Real>(&self, a: T, b: T) -> T {
        T::from_f64(a.to_f64().atan2(b.to_f64()))
    }

    #[inline(always)]
    fn grad_input<T: Real>(&self, grad: T, a: T, b: T) -> T {
        grad * b / (a * a + b * b)
    }

    #[inline(always)]
    fn grad_other<T: Real>(&self, grad: T, a: T, b: T) -> T {
        -grad * a / (a * a + b * b)
    }
}
