//! `acosh`: the inverse of the hyperbolic cosine.

use super::map::{ANY_NUMBER, Map, Pointwise, Takes, wide};
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "acosh",
    form: Form::Function,
    summary: "Gives the number of at least 0 whose hyperbolic cosine is the element.",
    formula: "y = ln(x + √(x² - 1))",
    parameters: &[ANY_NUMBER],
    torch: "torch.acosh",
    onnx: "Acosh",
    examples: &["input x: [3, 4]  output acosh(x * x + 1.5)", "input x: int[3]  output acosh(x + 1)"],
    build: |_| Ok(Map::new(&DEF, Acosh)),
};

#[derive(Debug)]
struct Acosh;

impl Pointwise for Acosh {
    const KEEPS: Keeps = Keeps::INPUTS;
    const TAKES: Takes = Takes::Numbers;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        wide(x, libm::acosh)
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, x: T) -> T {
        grad / (x * x - T::one()).sqrt()
    }
}
