//! `argmin`: where the least element stands.

use super::extreme::Extreme;
use super::reduce::{KEEPDIM, ONE_DIM};
use crate::ops::contract::{Def, Form};
use crate::ops::ordering::{Choice, Which};
use crate::ops::pointwise::INPUT;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "argmin",
    form: Form::Function,
    summary: "Gives the index of the least element along an axis, or in all elements one after another; of equal ones the first.",
    formula: "y = argminᵢ xᵢ",
    parameters: &[INPUT, ONE_DIM, KEEPDIM],
    torch: "torch.argmin",
    onnx: "ArgMin",
    examples: &[
        "input x: [2, 3]  output argmin(x)",
        "input x: [2, 3, 4]  output argmin(x, dim=1)",
        "input x: int[2, 3]  output argmin(x, dim=-1, keepdim=true)",
    ],
    build: |attributes| {
        Ok(Arc::new(Choice {
            def: &DEF,
            which: Which::Extreme(Extreme::Least),
            dim: attributes.optional_int("dim")?,
            keepdim: attributes.bool("keepdim")?,
            places_only: true,
        }))
    },
};
