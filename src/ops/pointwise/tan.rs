//! `tan`: the tangent.

use super::map::{ANY_NUMBER, Map, Pointwise, Takes, wide};
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "tan",
    form: Form::Function,
    summary: "Gives the tangent of every element.",
    formula: "y = tan x",
    parameters: &[ANY_NUMBER],
    torch: "torch.tan",
    onnx: "Tan",
    examples: &["input x: [3, 4]  output tan(x / 2.0)", "input x: int[3]  output tan(x)"],
    build: |_| Ok(Map::new(&DEF, Tan)),
};

#[derive(Debug)]
struct Tan;

impl Pointwise for Tan {
    const KEEPS: Keeps = Keeps::OUTPUTS;
    const TAKES: Takes = Takes::Numbers;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        wide(x, f64::tan)
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, y: T) -> T {
        grad * (T::one() + y * y)
    }
}
