//! `xlogy`: a tensor times the logarithm of another.

use super::binary::{Binary, Elementwise, INPUT, Ints, OTHER};
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "xlogy",
    form: Form::Function,
    summary: "Multiplies a tensor by the logarithm of another, 0 where the first is 0; they broadcast.",
    formula: "y = a ln b, 0 for a = 0 unless b is NaN",
    parameters: &[INPUT, OTHER],
    torch: "torch.xlogy",
    onnx: "",
    examples: &[
        "input a: [2, 3]  input b: [2, 3]  output xlogy(a, b * b)",
        "input a: [2, 1, 4]  input b: [3, 1]  output xlogy(a, exp(b))",
        "input b: [3]  output xlogy(2, exp(b))",
    ],
    build: |_| Ok(Elementwise::new(&DEF, XLogY)),
};

#[derive(Debug)]
struct XLogY;

impl Binary for XLogY {
    const KEEPS: Keeps = Keeps::INPUTS;

    fn ints(&self) -> Ints {
        Ints::Float
    }

    fn float<T: Real>(&self, a: T, b: T) -> T {
        if a == T::zero() && !b.is_nan() { T::zero() } else { a * b.ln() }
    }

    fn grad_input<T: Real>(&self, grad: T, a: T, b: T) -> T {
        if a == T::zero() && b <= T::zero() { T::zero() } else { self.float(grad, b) }
    }

    fn grad_other<T: Real>(&self, grad: T, a: T, b: T) -> T {
        grad * a / b
    }
}
