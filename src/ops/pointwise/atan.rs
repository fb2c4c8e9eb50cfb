//! `atan`: the arctangent.

use super::map::{ANY_NUMBER, Map, Pointwise, Takes, wide};
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "atan",
    form: Form::Function,
    summary: "Gives the angle between -π/2 and π/2 whose tangent is the element.",
    formula: "y = arctan x",
    parameters: &[ANY_NUMBER],
    torch: "torch.atan",
    onnx: "Atan",
    examples: &["input x: [3, 4]  output atan(x)", "input x: int[3]  output atan(x)"],
    build: |_| Ok(Map::new(&DEF, Atan)),
};

#[derive(Debug)]
struct Atan;

impl Pointwise for Atan {
    const KEEPS: Keeps = Keeps::INPUTS;
    const TAKES: Takes = Takes::Numbers;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        wide(x, f64::atan)
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, x: T) -> T {
        grad / (T::one() + x * x)
    }
}
