//! `floor`: rounding down.

use super::map::{FLOAT_OR_INT, Map, Pointwise, Takes};
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "floor",
    form: Form::Function,
    summary: "Rounds every element down to a whole number; the gradient is 0.",
    formula: "y = ⌊x⌋",
    parameters: &[FLOAT_OR_INT],
    torch: "torch.floor",
    onnx: "Floor",
    examples: &["input x: [3, 4]  output floor(x)", "input x: int[3]  output floor(x)"],
    build: |_| Ok(Map::new(&DEF, Floor)),
};

#[derive(Debug)]
struct Floor;

impl Pointwise for Floor {
    const KEEPS: Keeps = Keeps::NOTHING;
    const TAKES: Takes = Takes::Ints;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        x.floor()
    }

    #[inline(always)]
    fn grad<T: Real>(&self, _: T, _: T) -> T {
        T::zero()
    }
}
