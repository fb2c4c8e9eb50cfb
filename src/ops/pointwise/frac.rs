//! `frac`: what stands behind the point.

use super::map::{INPUT, Map, Pointwise, Takes};
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "frac",
    form: Form::Function,
    summary: "Takes away from every element what `trunc` gives of it.",
    formula: "y = x - trunc(x)",
    parameters: &[INPUT],
    torch: "torch.frac",
    onnx: "",
    examples: &["input x: [3, 4]  output frac(x)"],
    build: |_| Ok(Map::new(&DEF, Frac)),
};

#[derive(Debug)]
struct Frac;

impl Pointwise for Frac {
    const KEEPS: Keeps = Keeps::NOTHING;
    const TAKES: Takes = Takes::Floats;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        x - x.trunc()
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, _: T) -> T {
        grad
    }
}
