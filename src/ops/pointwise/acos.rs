//! `acos`: the arccosine.

use super::map::{ANY_NUMBER, Map, Pointwise, Takes, wide};
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "acos",
    form: Form::Function,
    summary: "Gives the angle between 0 and π whose cosine is the element.",
    formula: "y = arccos x",
    parameters: &[ANY_NUMBER],
    torch: "torch.acos",
    onnx: "Acos",
    examples: &["input x: [3, 4]  output acos(x / 2.0)", "input x: int[3]  output acos(x / 5)"],
    build: |_| Ok(Map::new(&DEF, Acos)),
};

#[derive(Debug)]
struct Acos;

impl Pointwise for Acos {
    const KEEPS: Keeps = Keeps::INPUTS;
    const TAKES: Takes = Takes::Numbers;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        wide(x, f64::acos)
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, x: T) -> T {
        -grad / (T::one() - x * x).sqrt()
    }
}
