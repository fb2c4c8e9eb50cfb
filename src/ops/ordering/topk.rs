//! `topk`: the greatest or least elements along an axis.

use super::choice::{Choice, Which};
use super::sort::DIM;
use crate::ops::contract::{Def, Form, Literal, Parameter, Type};
use crate::ops::pointwise::INPUT;
use crate::ops::shape_rules::size;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "topk",
    form: Form::Function,
    summary: "Gives the `k` greatest or least elements along an axis, and tells where they stood: two results. NaN is the greatest.",
    formula: "values, indices; values = x at indices, [..., n, ...] -> [..., k, ...]",
    parameters: &[
        INPUT,
        Parameter::required("k", Type::Size, "How many elements; at most the size of the axis."),
        DIM,
        Parameter::attribute(
            "largest",
            Type::Bool,
            Literal::Bool(true),
            "Whether they are the greatest, not the least.",
        ),
        Parameter::attribute(
            "sorted",
            Type::Bool,
            Literal::Bool(true),
            "Whether they must be in order; they are in any case.",
        ),
    ],
    torch: "torch.topk",
    onnx: "TopK",
    examples: &[
        "input x: [2, 5]  values, indices = topk(x, 2)  output values",
        "input x: [2, 3, 4]  values, indices = topk(x, k=2, dim=1, largest=false)  output values",
        "input x: int[2, 3]  values, indices = topk(x, 1, 0)  output indices",
    ],
    build: |attributes| {
        Ok(Arc::new(Choice {
            def: &DEF,
            which: Which::First { k: size(attributes, "k")?, descending: attributes.bool("largest")? },
            dim: Some(attributes.int("dim")?),
            keepdim: true,
            places_only: false,
        }))
    },
};
