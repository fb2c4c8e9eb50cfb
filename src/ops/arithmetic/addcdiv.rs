//! `addcdiv`: a tensor and the quotient of two others.

use super::addcmul::{FIRST, INPUT, SECOND, VALUE};
use super::ternary::{Ternary, Three};
use crate::ops::ShapeError;
use crate::ops::contract::{Def, Form, Keeps};
use crate::shape::{Element, TensorType};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "addcdiv",
    form: Form::Function,
    summary: "Adds the quotient of two tensors, times a number, to a third, element by element; all three broadcast.",
    formula: "y = a + value b / c, a = input, b = tensor1, c = tensor2",
    parameters: &[INPUT, FIRST, SECOND, VALUE],
    torch: "torch.addcdiv",
    onnx: "",
    examples: &[
        "input a: [2, 3]  input b: [2, 3]  input c: [2, 3]  output addcdiv(a, b, c)",
        "input a: [3]  input b: [2, 1]  input c: [2, 3]  output addcdiv(a, b, c, value=-0.5)",
    ],
    build: |attributes| Ok(Three::new(&DEF, Divided { value: attributes.float("value")? })),
};

#[derive(Debug)]
struct Divided {
    value: f64,
}

impl Ternary for Divided {
    const KEEPS: Keeps = Keeps { inputs: 0b110, outputs: false };

    fn element(&self, _: &Def, _: [&TensorType; 3]) -> Result<Element, ShapeError> {
        Ok(Element::Float)
    }

    fn float<T: Real>(&self, [a, b, c]: [T; 3]) -> T {
        a + T::from_f64(self.value) * b / c
    }

    fn int(&self, [a, ..]: [i64; 3]) -> i64 {
        a
    }

    fn grad<T: Real>(&self, operand: usize, grad: T, [_, b, c]: [T; 3]) -> T {
        match operand {
            0 => grad,
            1 => grad * T::from_f64(self.value) / c,
            _ => -grad * T::from_f64(self.value) * b / (c * c),
        }
    }
}
