//! `sign`: -1, 0 or 1.

use super::map::{FLOAT_OR_INT, Map, Pointwise, Takes};
use crate::ops::contract::{Def, Form, Keeps};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "sign",
    form: Form::Function,
    summary: "Gives -1 for every element below 0, 1 for every one above, else 0; the gradient is 0.",
    formula: "y = x / |x|, 0 for x = 0",
    parameters: &[FLOAT_OR_INT],
    torch: "torch.sign",
    onnx: "Sign",
    examples: &["input x: [3, 4]  output sign(x)", "input x: int[3]  output sign(x)"],
    build: |_| Ok(Map::new(&DEF, Sign)),
};

#[derive(Debug)]
struct Sign;

impl Pointwise for Sign {
    const KEEPS: Keeps = Keeps::NOTHING;
    const TAKES: Takes = Takes::Ints;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        sign(x)
    }

    #[inline(always)]
    fn grad<T: Real>(&self, _: T, _: T) -> T {
        T::zero()
    }

    fn int(&self, x: i64) -> i64 {
        x.signum()
    }
}

/// 0 for NaN, as in PyTorch.
#[inline(always)]
pub(in crate::ops) fn sign<T: Real>(x: T) -> T {
    if x > T::zero() {
        T::one()
    } else if x < T::zero() {
        -T::one()
    } else {
        T::zero()
    }
}
