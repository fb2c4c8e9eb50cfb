//! `isfinite`: which elements are numbers and not infinite.

use super::predicate::{Predicate, Test};
use crate::ops::contract::{Def, Form};
use crate::ops::pointwise::INPUT;
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "isfinite",
    form: Form::Function,
    summary: "Tells which elements are numbers and not infinite.",
    formula: "y = (|x| < ∞)",
    parameters: &[INPUT],
    torch: "torch.isfinite",
    onnx: "",
    examples: &["input x: [2, 3]  output isfinite(x)", "input x: int[2, 3]  output isfinite(x)"],
    build: |_| Ok(Test::new(&DEF, IsFinite)),
};

#[derive(Debug)]
struct IsFinite;

impl Predicate for IsFinite {
    fn holds<T: Real>(&self, x: T) -> bool {
        x.abs() < -T::NEG_INFINITY
    }
}
