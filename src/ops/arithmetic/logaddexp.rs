//! `logaddexp`: the logarithm of a sum of two exponentials.

use super::binary::{Binary, Elementwise, INPUT, Ints, OTHER};
use crate::ops::activation::sigmoid;
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "logaddexp",
    form: Form::Function,
    summary: "Gives the logarithm of the sum of the exponentials of two tensors, without overflow; they broadcast.",
    formula: "y = ln(e^a + e^b)",
    parameters: &[INPUT, OTHER],
    torch: "torch.logaddexp",
    onnx: "",
    examples: &[
        "input a: [2, 3]  input b: [2, 3]  output logaddexp(a, b)",
        "input a: [2, 1, 4]  input b: [3, 1]  output logaddexp(a, b)",
        "input a: [3]  output logaddexp(a, 0.5)",
    ],
    build: |_| Ok(Elementwise::new(&DEF, LogAddExp)),
};

#[derive(Debug)]
struct LogAddExp;

impl Binary for LogAddExp {
    const KEEPS: Keeps = Keeps::INPUTS;

    fn ints(&self) -> Ints {
        Ints::Float
    }

    fn float<T: Real>(&self, a: T, b: T) -> T {
        // The difference of two equal infinities is no number.
        if a == b { a + T::from_f64(std::f64::consts::LN_2) } else { a.maximum(b) + (-(a - b).abs()).exp().ln_1p() }
    }

    fn grad_input<T: Real>(&self, grad: T, a: T, b: T) -> T {
        grad * sigmoid(a - b)
    }

    fn grad_other<T: Real>(&self, grad: T, a: T, b: T) -> T {
        grad * sigmoid(b - a)
    }
}
