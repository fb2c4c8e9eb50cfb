//! `trunc`: rounding towards 0.

use super::map::{FLOAT_OR_INT, Map, Pointwise, Takes};
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "trunc",
    form: Form::Function,
    summary: "Rounds every element towards 0 to a whole number; the gradient is 0.",
    formula: "y = sign(x) ⌊|x|⌋",
    parameters: &[FLOAT_OR_INT],
    torch: "torch.trunc",
    onnx: "",
    examples: &["input x: [3, 4]  output trunc(x)", "input x: int[3]  output trunc(x)"],
    build: |_| Ok(Map::new(&DEF, Trunc)),
};

#[derive(Debug)]
struct Trunc;

impl Pointwise for Trunc {
    const KEEPS: Keeps = Keeps::NOTHING;
    const TAKES: Takes = Takes::Ints;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        x.trunc()
    }

    #[inline(always)]
    fn grad<T: Real>(&self, _: T, _: T) -> T {
        T::zero()
    }
}
