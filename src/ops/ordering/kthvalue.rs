//! `kthvalue`: the element of a given rank along an axis.

use super::choice::{Choice, Which};
use super::sort::DIM;
use crate::ops::AttributeError;
use crate::ops::contract::{Def, Form, Parameter, Type};
use crate::ops::pointwise::INPUT;
use crate::ops::reduction::KEEPDIM;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "kthvalue",
    form: Form::Function,
    summary: "Gives the `k`-th least element along an axis, and tells where it stood: two results. NaN is the greatest.",
    formula: "values, indices; values = x at indices, sort(x)ₖ, k counted from 1",
    parameters: &[
        INPUT,
        Parameter::required("k", Type::Size, "The rank of the element, from 1 to the size of the axis."),
        DIM,
        KEEPDIM,
    ],
    torch: "torch.kthvalue",
    onnx: "",
    examples: &[
        "input x: [2, 5]  values, indices = kthvalue(x, 2)  output values",
        "input x: [2, 3, 4]  values, indices = kthvalue(x, 3, dim=1, keepdim=true)  output values",
    ],
    build: |attributes| {
        let k = attributes.size("k")?;
        if k.as_const().is_some_and(|k| k < 1) {
            return Err(AttributeError::new("k", format!("`k` counts from 1, and is {k}")));
        }
        Ok(Arc::new(Choice {
            def: &DEF,
            which: Which::Kth(k),
            dim: Some(attributes.int("dim")?),
            keepdim: attributes.bool("keepdim")?,
            places_only: false,
        }))
    },
};
