//! `hypot`: the hypotenuse of a right triangle.

use super::binary::{Binary, Elementwise, INPUT, Ints, OTHER};
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "hypot",
    form: Form::Function,
    summary: "Gives the length of the hypotenuse over two legs, without overflow; they broadcast.",
    formula: "y = √(a² + b²)",
    parameters: &[INPUT, OTHER],
    torch: "torch.hypot",
    onnx: "",
    examples: &[
        "input a: [2, 3]  input b: [2, 3]  output hypot(a, b)",
        "input a: [2, 1, 4]  input b: [3, 1]  output hypot(a, b)",
    ],
    build: |_| Ok(Elementwise::new(&DEF, Hypot)),
};

#[derive(Debug)]
pub(super) struct Hypot;

impl Binary for Hypot {
    const KEEPS: Keeps = Keeps::INPUTS;

    fn ints(&self) -> Ints {
        Ints::Float
    }

    #[inline(always)]
    fn float<T: Real>(&self, a: T, b: T) -> T {
        T::from_f64(a.to_f64().hypot(b.to_f64()))
    }

    #[inline(always)]
    fn grad_input<T: Real>(&self, grad: T, a: T, b: T) -> T {
        grad * a / self.float(a, b)
    }

    #[inline(always)]
    fn grad_other<T: Real>(&self, grad: T, a: T, b: T) -> T {
        grad * b / self.float(a, b)
    }
}
