//! `RMSNorm` and `rms_norm`: mean square 1 over the last axes, <https://arxiv.org/abs/1910.07467>.

use super::row_norm::{RowNorm, normalized_shape};
use crate::ops::contract::{Def, Form, Literal, Op, Parameter, Type};
use crate::ops::{AttributeError, Attributes};
use std::sync::Arc;

const FORMULA: &str = "y = x / √(E[x²] + eps) · weight, weight [normalized_shape]";
const SHAPE: Parameter = Parameter::required("normalized_shape", Type::Sizes, "The sizes of the last axes.");
const EPS: Parameter = Parameter::attribute(
    "eps",
    Type::Float,
    Literal::None,
    "Added to the mean square; `none` stands for the distance from 1 to the next float.",
);

pub(super) static DEF: Def = Def {
    name: "RMSNorm",
    form: Form::Layer { call: &[Parameter::operand("input", "`[..., normalized_shape]`")] },
    summary: "Scales the last axes to mean square 1, then by learnt factors.",
    formula: FORMULA,
    parameters: &[
        SHAPE,
        EPS,
        Parameter::attribute("elementwise_affine", Type::Bool, Literal::Bool(true), "Whether there is a weight."),
    ],
    torch: "torch.nn.RMSNorm",
    onnx: "RMSNormalization",
    examples: &[
        "input x: [3, 4]  layer norm = RMSNorm(4)  output norm(x)",
        "input x: [2, 3, 4]  layer norm = RMSNorm([3, 4], eps=0.1)  output norm(x)",
        "input x: [3, 1]  layer norm = RMSNorm(1, 0.1, elementwise_affine=false)  output norm(x)",
    ],
    build: |attributes| {
        let affine = attributes.bool("elementwise_affine")?;
        norm(&DEF, attributes, affine.then_some(0))
    },
};

pub(super) static FUNCTION: Def = Def {
    name: "rms_norm",
    form: Form::Function,
    summary: "Scales the last axes to mean square 1, then by factors if they are given.",
    formula: FORMULA,
    parameters: &[
        Parameter::operand("input", "`[..., normalized_shape]`"),
        SHAPE,
        Parameter::optional_operand("weight", "`[normalized_shape]`"),
        EPS,
    ],
    torch: "torch.nn.functional.rms_norm",
    onnx: "RMSNormalization",
    examples: &[
        "input x: [3, 4]  output rms_norm(x, 4)",
        "input x: [2, 3, 4]  input w: [3, 4]  output rms_norm(x, [3, 4], w, eps=0.1)",
    ],
    build: |attributes| {
        let weight = attributes.operand("weight").map(|operand| operand - 1);
        norm(&FUNCTION, attributes, weight)
    },
};

fn norm(def: &'static Def, attributes: &Attributes, weight: Option<usize>) -> Result<Arc<dyn Op>, AttributeError> {
    let (normalized_shape, eps) = (normalized_shape(attributes)?, attributes.optional_float("eps")?);
    Ok(Arc::new(RowNorm { def, normalized_shape, eps, centered: false, weight, bias: None }))
}
