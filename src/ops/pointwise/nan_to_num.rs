//! `nan_to_num`: numbers in the place of NaN and of infinities.

use super::map::{FLOAT_OR_INT, Map, Pointwise, Takes};
use crate::ops::contract::{Def, Form, Keeps, Literal, Parameter, Type};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "nan_to_num",
    form: Form::Function,
    summary: "Replaces NaN and infinities by numbers.",
    formula: "y = nan, posinf or neginf where x is NaN, ∞ or -∞, else x",
    parameters: &[
        FLOAT_OR_INT,
        Parameter::attribute("nan", Type::Float, Literal::Float(0.0), "What takes the place of NaN."),
        Parameter::attribute("posinf", Type::Float, Literal::None, "What takes that of ∞; else the greatest number."),
        Parameter::attribute("neginf", Type::Float, Literal::None, "What takes that of -∞; else the least number."),
    ],
    torch: "torch.nan_to_num",
    onnx: "",
    examples: &[
        "input x: [3, 4]  output nan_to_num(log(x))",
        "input x: [3, 4]  output nan_to_num(log(x), 1.0, 2.0, neginf=3.0)",
        "input x: int[3]  output nan_to_num(x)",
    ],
    build: |attributes| {
        Ok(Map::new(
            &DEF,
            NanToNum {
                nan: attributes.float("nan")?,
                posinf: attributes.optional_float("posinf")?,
                neginf: attributes.optional_float("neginf")?,
            },
        ))
    },
};

#[derive(Debug)]
struct NanToNum {
    nan: f64,
    posinf: Option<f64>,
    neginf: Option<f64>,
}

/// The greatest number.
fn greatest<T: Real>() -> f64 {
    if T::NAME == "f32" { f64::from(f32::MAX) } else { f64::MAX }
}

impl Pointwise for NanToNum {
    const KEEPS: Keeps = Keeps::INPUTS;
    const TAKES: Takes = Takes::Ints;

    fn value<T: Real>(&self, x: T) -> T {
        if x.is_nan() {
            return T::from_f64(self.nan);
        }
        match x.to_f64() {
            f64::INFINITY => T::from_f64(self.posinf.unwrap_or_else(greatest::<T>)),
            f64::NEG_INFINITY => T::from_f64(self.neginf.unwrap_or_else(|| -greatest::<T>())),
            _ => x,
        }
    }

    fn grad<T: Real>(&self, grad: T, x: T) -> T {
        if x.to_f64().is_finite() { grad } else { T::zero() }
    }
}
