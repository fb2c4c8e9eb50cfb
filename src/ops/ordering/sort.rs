//! `sort`: elements in order along an axis.

use super::choice::{Choice, Which};
use crate::ops::contract::{Def, Form, Literal, Parameter, Type};
use crate::ops::pointwise::INPUT;
use std::sync::Arc;

pub(super) const DIM: Parameter = Parameter::attribute("dim", Type::Int, Literal::Int(-1), "The axis.");
pub(super) const DESCENDING: Parameter =
    Parameter::attribute("descending", Type::Bool, Literal::Bool(false), "Whether the greatest come first.");
pub(super) const STABLE: Parameter = Parameter::attribute(
    "stable",
    Type::Bool,
    Literal::Bool(false),
    "Whether equal elements must keep their order; they do in any case.",
);

pub(super) static DEF: Def = Def {
    name: "sort",
    form: Form::Function,
    summary: "Sorts the elements along an axis, and tells where they stood: two results. NaN is the greatest.",
    formula: "values, indices; values = x at indices, in ascending or descending order",
    parameters: &[INPUT, DIM, DESCENDING, STABLE],
    torch: "torch.sort",
    onnx: "",
    examples: &[
        "input x: [2, 3]  values, indices = sort(x)  output values",
        "input x: [2, 3, 4]  values, indices = sort(x, dim=1, descending=true)  output values",
        "input x: int[2, 3]  values, indices = sort(x, 0)  output indices",
    ],
    build: |attributes| {
        Ok(Arc::new(Choice {
            def: &DEF,
            which: Which::All { descending: attributes.bool("descending")? },
            dim: Some(attributes.int("dim")?),
            keepdim: true,
            places_only: false,
        }))
    },
};
