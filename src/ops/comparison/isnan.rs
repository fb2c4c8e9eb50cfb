//! `isnan`: which elements aren't numbers.

use super::predicate::{Predicate, Test};
use crate::ops::contract::{Def, Form};
use crate::ops::pointwise::INPUT;
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "isnan",
    form: Form::Function,
    summary: "Tells which elements aren't numbers.",
    formula: "y = (x is NaN)",
    parameters: &[INPUT],
    torch: "torch.isnan",
    onnx: "IsNaN",
    examples: &["input x: [2, 3]  output isnan(x)", "input x: int[2, 3]  output isnan(x)"],
    build: |_| Ok(Test::new(&DEF, IsNan)),
};

#[derive(Debug)]
struct IsNan;

impl Predicate for IsNan {
    fn holds<T: Real>(&self, x: T) -> bool {
        x.is_nan()
    }
}
