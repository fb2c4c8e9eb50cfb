//! `erf`: the error function.

use super::map::{ANY_NUMBER, Map, Pointwise, Takes};
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;
use std::f64::consts::FRAC_2_SQRT_PI;

pub(super) static DEF: Def = Def {
    name: "erf",
    form: Form::Function,
    summary: "Applies the error function to every element.",
    formula: "y = 2/√π ∫₀ˣ e^(-t²) dt",
    parameters: &[ANY_NUMBER],
    torch: "torch.erf",
    onnx: "Erf",
    examples: &["input x: [3, 4]  output erf(x)", "input x: int[3]  output erf(x)"],
    build: |_| Ok(Map::new(&DEF, Erf)),
};

#[derive(Debug)]
struct Erf;

impl Pointwise for Erf {
    const KEEPS: Keeps = Keeps::INPUTS;
    const TAKES: Takes = Takes::Numbers;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        x.erf()
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, x: T) -> T {
        grad * T::from_f64(FRAC_2_SQRT_PI) * (-x * x).exp()
    }
}
