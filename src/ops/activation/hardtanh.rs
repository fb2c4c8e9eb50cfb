//! `hardtanh` and `Hardtanh`: a hyperbolic tangent of three straight lines.

use crate::ops::contract::{Def, Form, Keeps, Literal, Op, Parameter, Type};
use crate::ops::pointwise::{INPUT, Map, Pointwise, Takes};
use crate::ops::value::number;
use crate::ops::{AttributeError, Attributes};
use crate::tensor::Real;
use std::sync::Arc;

const MIN_VAL: Parameter = Parameter::attribute("min_val", Type::Float, Literal::Float(-1.0), "The least value.");
const MAX_VAL: Parameter =
    Parameter::attribute("max_val", Type::Float, Literal::Float(1.0), "The greatest value, above the least.");

pub(super) static DEF: Def = Def {
    name: "hardtanh",
    form: Form::Function,
    summary: "Replaces elements below `min_val` and above `max_val` by those.",
    formula: "y = min(max(x, min_val), max_val)",
    parameters: &[INPUT, MIN_VAL, MAX_VAL],
    torch: "torch.nn.functional.hardtanh",
    onnx: "Clip",
    examples: &["input x: [3, 4]  output hardtanh(x)", "input x: [3, 4]  output hardtanh(x, -0.5, 0.7)"],
    build: |attributes| build(&DEF, attributes),
};

pub(super) static LAYER: Def = Def {
    name: "Hardtanh",
    form: Form::Layer { call: &[INPUT] },
    parameters: &[MIN_VAL, MAX_VAL],
    torch: "torch.nn.Hardtanh",
    examples: &[
        "input x: [3, 4]  layer act = Hardtanh()  output act(x)",
        "input x: [3, 4]  layer act = Hardtanh(min_val=0.3, max_val=2)  output act(x)",
    ],
    build: |attributes| build(&LAYER, attributes),
    ..DEF
};

fn build(def: &'static Def, attributes: &Attributes) -> Result<Arc<dyn Op>, AttributeError> {
    let (min, max) = (attributes.float("min_val")?, attributes.float("max_val")?);
    if min >= max {
        let message = format!("`max_val` must be above `min_val`, {}, and is {}", number(min), number(max));
        return Err(AttributeError::new("max_val", message));
    }
    Ok(Map::new(def, Hardtanh { min, max }))
}

#[derive(Debug)]
pub(super) struct Hardtanh {
    pub(super) min: f64,
    pub(super) max: f64,
}

impl Pointwise for Hardtanh {
    const KEEPS: Keeps = Keeps::OUTPUTS;
    const TAKES: Takes = Takes::Floats;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        x.maximum(T::from_f64(self.min)).minimum(T::from_f64(self.max))
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, y: T) -> T {
        if y <= T::from_f64(self.min) || y >= T::from_f64(self.max) { T::zero() } else { grad }
    }
}
