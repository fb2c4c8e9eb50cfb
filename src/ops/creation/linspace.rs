//! `linspace`: numbers at equal distances between two.

use super::series::{Made, Series};
use crate::ops::contract::{Def, Form, Parameter, Type};
use crate::ops::shape_rules::size;
use crate::ops::{AttributeError, Attributes, Op, ShapeError};
use crate::shape::{Dim, Facts, TensorType};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "linspace",
    form: Form::Function,
    summary: "Makes numbers at equal distances, from `start` to `end`, both included.",
    formula: "yᵢ = start + i (end - start) / (steps - 1)",
    parameters: &[
        Parameter::required("start", Type::Float, "The first number."),
        Parameter::required("end", Type::Float, "The last number, if there is more than one."),
        Parameter::required("steps", Type::Size, "How many numbers."),
    ],
    torch: "torch.linspace",
    onnx: "",
    examples: &[
        "output linspace(0, 1, 5)",
        "output linspace(-1.5, 1.5, steps=1)",
        "input x: [4]  output linspace(1, -2, 4) * x",
    ],
    build: |attributes| LinSpace::new(attributes).map(|op| Arc::new(Made(op)) as Arc<dyn Op>),
};

#[derive(Debug)]
struct LinSpace {
    start: f64,
    end: f64,
    steps: Dim,
}

impl LinSpace {
    fn new(attributes: &Attributes) -> Result<Self, AttributeError> {
        let (start, end) = (attributes.float("start")?, attributes.float("end")?);
        Ok(Self { start, end, steps: size(attributes, "steps")? })
    }
}

impl Series for LinSpace {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn result(&self, _: &mut Facts) -> Result<TensorType, ShapeError> {
        Ok(TensorType::float([self.steps.clone()]))
    }

    /// From the nearer end, so that both ends are exact.
    fn float(&self, shape: &[usize], at: usize) -> f64 {
        let last = shape.iter().product::<usize>().saturating_sub(1);
        let step = if last == 0 { 0.0 } else { (self.end - self.start) / last as f64 };
        if at * 2 <= last { self.start + at as f64 * step } else { self.end - (last - at) as f64 * step }
    }

    fn int(&self, shape: &[usize], at: usize) -> i64 {
        self.float(shape, at) as i64
    }
}
