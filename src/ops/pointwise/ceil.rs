//! `ceil`: rounding up.

use super::map::{FLOAT_OR_INT, Map, Pointwise, Takes};
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "ceil",
    form: Form::Function,
    summary: "Rounds every element up to a whole number; the gradient is 0.",
    formula: "y = ⌈x⌉",
    parameters: &[FLOAT_OR_INT],
    torch: "torch.ceil",
    onnx: "Ceil",
    examples: &["input x: [3, 4]  output ceil(x)", "input x: int[3]  output ceil(x)"],
    build: |_| Ok(Map::new(&DEF, Ceil)),
};

#[derive(Debug)]
struct Ceil;

impl Pointwise for Ceil {
    const KEEPS: Keeps = Keeps::NOTHING;
    const TAKES: Takes = Takes::Ints;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        x.ceil()
    }

    #[inline(always)]
    fn grad<T: Real>(&self, _: T, _: T) -> T {
        T::zero()
    }
}
