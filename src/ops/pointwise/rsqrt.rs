//! `rsqrt`: the reciprocal of the square root.

use super::map::{ANY_NUMBER, Map, Pointwise, Takes};
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "rsqrt",
    form: Form::Function,
    summary: "Gives the reciprocal of the square root of every element.",
    formula: "y = 1 / √x",
    parameters: &[ANY_NUMBER],
    torch: "torch.rsqrt",
    onnx: "",
    examples: &["input x: [3, 4]  output rsqrt(x * x + 0.5)", "input x: int[3]  output rsqrt(x + 1)"],
    build: |_| Ok(Map::new(&DEF, Rsqrt)),
};

#[derive(Debug)]
struct Rsqrt;

impl Pointwise for Rsqrt {
    const KEEPS: Keeps = Keeps::OUTPUTS;
    const TAKES: Takes = Takes::Numbers;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        T::one() / x.sqrt()
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, y: T) -> T {
        T::from_f64(-0.5) * grad * y * y * y
    }
}
