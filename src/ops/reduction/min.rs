//! `min`: the least element of all or along an axis, or the smaller of two tensors.

use super::extreme::{Extreme, ExtremeAlong, of_two};
use super::reduce::{Axes, KEEPDIM, ONE_DIM};
use crate::ops::arithmetic::Minimum;
use crate::ops::contract::{Def, Form, Op, Parameter};
use crate::ops::ordering::{Choice, Which};
use crate::ops::pointwise::INPUT;
use crate::ops::{AttributeError, Attributes};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "min",
    form: Form::Function,
    summary: "Gives the least of all elements; with `dim` the least along an axis and where it stands, two results; with another tensor the smaller of two elements.",
    formula: "y = minᵢ xᵢ; values, indices = minᵢ xᵢ, argminᵢ xᵢ along `dim`; y = min(a, b)",
    parameters: &[
        INPUT,
        Parameter::optional_operand("other", "Another tensor that broadcasts with the input; not beside `dim`."),
        ONE_DIM,
        KEEPDIM,
    ],
    torch: "torch.min",
    onnx: "",
    examples: &[
        "input x: [2, 3]  output min(x)",
        "input x: [2, 3, 4]  values, indices = min(x, dim=1)  output values",
        "input x: [2, 3, 4]  values, indices = min(x, dim=-1, keepdim=true)  output indices",
        "input a: [2, 3]  input b: [3]  output min(a, b)",
    ],
    build,
};

fn build(attributes: &Attributes) -> Result<Arc<dyn Op>, AttributeError> {
    let (dim, keepdim) = (attributes.optional_int("dim")?, attributes.bool("keepdim")?);
    let Some(dim) = dim else {
        if attributes.operand("other").is_some() {
            return Ok(of_two(&DEF, Minimum));
        }
        return Ok(ExtremeAlong::new(&DEF, Extreme::Least, Axes::all()));
    };
    if attributes.operand("other").is_some() {
        return Err(AttributeError::new("dim", "`min` takes another tensor or `dim`, and gets both"));
    }
    let which = Which::Extreme(Extreme::Least);
    Ok(Arc::new(Choice { def: &DEF, which, dim: Some(dim), keepdim, places_only: false }))
}
