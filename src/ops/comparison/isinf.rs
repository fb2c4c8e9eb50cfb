//! `isinf`: which elements are infinite.

use super::predicate::{Predicate, Test};
use crate::ops::contract::{Def, Form};
use crate::ops::pointwise::INPUT;
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "isinf",
    form: Form::Function,
    summary: "Tells which elements are infinite.",
    formula: "y = (|x| = ∞)",
    parameters: &[INPUT],
    torch: "torch.isinf",
    onnx: "IsInf",
    examples: &["input x: [2, 3]  output isinf(x)", "input x: int[2, 3]  output isinf(x)"],
    build: |_| Ok(Test::new(&DEF, IsInf)),
};

#[derive(Debug)]
struct IsInf;

impl Predicate for IsInf {
    fn holds<T: Real>(&self, x: T) -> bool {
        x.abs() == -T::NEG_INFINITY
    }
}
