//! `argsort`: where the elements stand that come first, second and so on.

use super::choice::{Choice, Which};
use super::sort::{DESCENDING, DIM, STABLE};
use crate::ops::contract::{Def, Form};
use crate::ops::pointwise::INPUT;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "argsort",
    form: Form::Function,
    summary: "Gives the indices that would sort the elements along an axis; NaN is the greatest, and equal ones keep their order.",
    formula: "y, where x at y is in ascending or descending order",
    parameters: &[INPUT, DIM, DESCENDING, STABLE],
    torch: "torch.argsort",
    onnx: "",
    examples: &["input x: [2, 3]  output argsort(x)", "input x: [2, 3, 4]  output argsort(x, dim=1, descending=true)"],
    build: |attributes| {
        Ok(Arc::new(Choice {
            def: &DEF,
            which: Which::All { descending: attributes.bool("descending")? },
            dim: Some(attributes.int("dim")?),
            keepdim: true,
            places_only: true,
        }))
    },
};
