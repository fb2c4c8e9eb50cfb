//! `erfc`: the complement of the error function.

use super::map::{ANY_NUMBER, Map, Pointwise, Takes, wide};
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;
use std::f64::consts::FRAC_2_SQRT_PI;

pub(super) static DEF: Def = Def {
    name: "erfc",
    form: Form::Function,
    summary: "Takes the error function of every element away from 1, without loss where it is near 1.",
    formula: "y = 1 - erf(x)",
    parameters: &[ANY_NUMBER],
    torch: "torch.erfc",
    onnx: "",
    examples: &["input x: [3, 4]  output erfc(x)", "input x: int[3]  output erfc(x)"],
    build: |_| Ok(Map::new(&DEF, Erfc)),
};

#[derive(Debug)]
struct Erfc;

impl Pointwise for Erfc {
    const KEEPS: Keeps = Keeps::INPUTS;
    const TAKES: Takes = Takes::Numbers;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        wide(x, libm::erfc)
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, x: T) -> T {
        -grad * T::from_f64(FRAC_2_SQRT_PI) * (-x * x).exp()
    }
}
