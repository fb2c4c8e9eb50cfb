//! `asin`: the arcsine.

use super::map::{ANY_NUMBER, Map, Pointwise, Takes, wide};
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "asin",
    form: Form::Function,
    summary: "Gives the angle between -π/2 and π/2 whose sine is the element.",
    formula: "y = arcsin x",
    parameters: &[ANY_NUMBER],
    torch: "torch.asin",
    onnx: "Asin",
    examples: &["input x: [3, 4]  output asin(x / 2.0)", "input x: int[3]  output asin(x / 5)"],
    build: |_| Ok(Map::new(&DEF, Asin)),
};

#[derive(Debug)]
struct Asin;

impl Pointwise for Asin {
    const KEEPS: Keeps = Keeps::INPUTS;
    const TAKES: Takes = Takes::Numbers;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        wide(x, f64::asin)
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, x: T) -> T {
        grad / (T::one() - x * x).sqrt()
    }
}
