//! `std`: the standard deviation, of all elements or along axes.

use super::reduce::{DIM, KEEPDIM};
use super::variance::{CORRECTION, Root, UNBIASED, Variance};
use crate::ops::contract::{Def, Form};
use crate::ops::pointwise::INPUT;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "std",
    form: Form::Function,
    summary: "Gives the standard deviation of all elements, or of those along some axes; where it is 0 it has no gradient.",
    formula: "y = √(Σᵢ (xᵢ - E[x])² / (n - correction))",
    parameters: &[INPUT, DIM, UNBIASED, KEEPDIM, CORRECTION],
    torch: "torch.std",
    onnx: "",
    examples: &[
        "input x: [2, 3]  output std(x)",
        "input x: [2, 3, 4]  output std(x, dim=1, correction=0)",
        "input x: [2, 3, 4]  output std(x, dim=[0, -1], keepdim=true)",
        "input x: [2, 3]  output std(x, -1, unbiased=false)",
    ],
    build: |attributes| Ok(Arc::new(Variance::new(&DEF, attributes, Root::Square)?)),
};
