//! `LayerNorm` and `layer_norm`: mean 0 and variance 1 over the last axes, <https://arxiv.org/abs/1607.06450>.

use super::row_norm::{RowNorm, normalized_shape};
use crate::ops::contract::{Def, Form, Literal, Op, Parameter, Type};
use crate::ops::{AttributeError, Attributes};
use std::sync::Arc;

const FORMULA: &str = "y = (x - E[x]) / √(Var[x] + eps) · weight + bias, weight and bias [normalized_shape]";
const SHAPE: Parameter = Parameter::required("normalized_shape", Type::Sizes, "The sizes of the last axes.");
const EPS: Parameter = Parameter::attribute("eps", Type::Float, Literal::Float(1e-5), "Added to the variance.");

pub(super) static DEF: Def = Def {
    name: "LayerNorm",
    form: Form::Layer { call: &[Parameter::operand("input", "`[..., normalized_shape]`")] },
    summary: "Shifts and scales the last axes to mean 0 and variance 1, then by learnt factors and a bias.",
    formula: FORMULA,
    parameters: &[
        SHAPE,
        EPS,
        Parameter::attribute("elementwise_affine", Type::Bool, Literal::Bool(true), "Whether there is a weight."),
        Parameter::attribute("bias", Type::Bool, Literal::Bool(true), "Whether there is a bias beside the weight."),
    ],
    torch: "torch.nn.LayerNorm",
    onnx: "LayerNormalization",
    examples: &[
        "input x: [3, 4]  layer norm = LayerNorm(4)  output norm(x)",
        "input x: [2, 3, 4]  layer norm = LayerNorm([3, 4], eps=0.1)  output norm(x)",
        "input x: [3, 4]  layer norm = LayerNorm(4, bias=false)  output norm(x)",
        "input x: [3, 4]  layer norm = LayerNorm(4, elementwise_affine=false)  output norm(x)",
    ],
    build: |attributes| {
        let affine = attributes.bool("elementwise_affine")?;
        let bias = affine && attributes.bool("bias")?;
        norm(&DEF, attributes, affine.then_some(0), bias.then_some(1))
    },
};

pub(super) static FUNCTION: Def = Def {
    name: "layer_norm",
    form: Form::Function,
    summary: "Shifts and scales the last axes to mean 0 and variance 1, then by factors and a bias if they are given.",
    formula: FORMULA,
    parameters: &[
        Parameter::operand("input", "`[..., normalized_shape]`"),
        SHAPE,
        Parameter::optional_operand("weight", "`[normalized_shape]`"),
        Parameter::optional_operand("bias", "`[normalized_shape]`"),
        EPS,
    ],
    torch: "torch.nn.functional.layer_norm",
    onnx: "LayerNormalization",
    examples: &[
        "input x: [3, 4]  output layer_norm(x, 4)",
        "input x: [2, 3, 4]  input w: [3, 4]  input b: [3, 4]  output layer_norm(x, [3, 4], w, b, eps=0.1)",
        "input x: [3, 4]  input w: [4]  output layer_norm(x, [4], weight=w)",
        "input x: [3, 4]  input b: [4]  output layer_norm(x, [4], bias=b)",
    ],
    build: |attributes| {
        let slot = |name| attributes.operand(name).map(|operand| operand - 1);
        norm(&FUNCTION, attributes, slot("weight"), slot("bias"))
    },
};

fn norm(
    def: &'static Def,
    attributes: &Attributes,
    weight: Option<usize>,
    bias: Option<usize>,
) -> Result<Arc<dyn Op>, AttributeError> {
    let (normalized_shape, eps) = (normalized_shape(attributes)?, attributes.float("eps")?);
    Ok(Arc::new(RowNorm { def, normalized_shape, eps: Some(eps), centered: true, weight, bias }))
}
