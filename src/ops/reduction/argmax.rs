//! `argmax`: where the greatest element stands.

use super::extreme::Extreme;
use super::reduce::{KEEPDIM, ONE_DIM};
use crate::ops::contract::{Def, Form};
use crate::ops::ordering::{Choice, Which};
use crate::ops::pointwise::INPUT;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "argmax",
    form: Form::Function,
    summary: "Gives the index of the greatest element along an axis, or in all elements one after another; of equal ones the first.",
    formula: "y = argmaxᵢ xᵢ",
    parameters: &[INPUT, ONE_DIM, KEEPDIM],
    torch: "torch.argmax",
    onnx: "ArgMax",
    examples: &[
        "input x: [2, 3]  output argmax(x)",
        "input x: [2, 3, 4]  output argmax(x, dim=1)",
        "input x: int[2, 3]  output argmax(x, dim=-1, keepdim=true)",
    ],
    build: |attributes| {
        Ok(Arc::new(Choice {
            def: &DEF,
            which: Which::Extreme(Extreme::Greatest),
            dim: attributes.optional_int("dim")?,
            keepdim: attributes.bool("keepdim")?,
            places_only: true,
        }))
    },
};
