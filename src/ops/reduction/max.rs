//! `max`: the greatest element of all or along an axis, or the greater of two tensors.

use super::extreme::{Extreme, ExtremeAlong, of_two};
use super::reduce::{Axes, KEEPDIM, ONE_DIM};
use crate::ops::arithmetic::Maximum;
use crate::ops::contract::{Def, Form, Op, Parameter};
use crate::ops::ordering::{Choice, Which};
use crate::ops::pointwise::INPUT;
use crate::ops::{AttributeError, Attributes};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "max",
    form: Form::Function,
    summary: "Gives the greatest of all elements; with `dim` the greatest along an axis and where it stands, two results; with another tensor the greater of two elements.",
    formula: "y = maxᵢ xᵢ; values, indices = maxᵢ xᵢ, argmaxᵢ xᵢ along `dim`; y = max(a, b)",
    parameters: &[
        INPUT,
        Parameter::optional_operand("other", "Another tensor that broadcasts with the input; not beside `dim`."),
        ONE_DIM,
        KEEPDIM,
    ],
    torch: "torch.max",
    onnx: "",
    examples: &[
        "input x: [2, 3]  output max(x)",
        "input x: [2, 3, 4]  values, indices = max(x, dim=1)  output values",
        "input x: [2, 3, 4]  values, indices = max(x, dim=-1, keepdim=true)  output indices",
        "input a: [2, 3]  input b: [3]  output max(a, b)",
    ],
    build,
};

fn build(attributes: &Attributes) -> Result<Arc<dyn Op>, AttributeError> {
    let (dim, keepdim) = (attributes.optional_int("dim")?, attributes.bool("keepdim")?);
    let Some(dim) = dim else {
        if attributes.operand("other").is_some() {
            return Ok(of_two(&DEF, Maximum));
        }
        return Ok(ExtremeAlong::new(&DEF, Extreme::Greatest, Axes::all()));
    };
    if attributes.operand("other").is_some() {
        return Err(AttributeError::new("dim", "`max` takes another tensor or `dim`, and gets both"));
    }
    let which = Which::Extreme(Extreme::Greatest);
    Ok(Arc::new(Choice { def: &DEF, which, dim: Some(dim), keepdim, places_only: false }))
}
