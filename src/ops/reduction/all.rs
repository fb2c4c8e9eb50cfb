//! `all`: whether all elements differ from 0.

use super::quantifier::Quantifier;
use super::reduce::{Axes, DIM, KEEPDIM};
use crate::ops::contract::{Def, Form};
use crate::ops::pointwise::INPUT;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "all",
    form: Form::Function,
    summary: "Tells whether all elements, or all along some axes, differ from 0.",
    formula: "y = ∀i: xᵢ ≠ 0",
    parameters: &[INPUT, DIM, KEEPDIM],
    torch: "torch.all",
    onnx: "",
    examples: &[
        "input x: bool[2, 3]  output all(x)",
        "input x: [2, 3, 4]  output all(x > 0, dim=1)",
        "input x: int[2, 3, 4]  output all(x, dim=[0, -1], keepdim=true)",
    ],
    build: |attributes| Ok(Arc::new(Quantifier { def: &DEF, axes: Axes::new(attributes)?, decides: false })),
};
