//! `eye`: ones on the diagonal of a matrix.

use super::filling::{DTYPE, element};
use super::series::{Made, Series};
use crate::ops::contract::{Def, Form, Literal, Parameter, Type};
use crate::ops::shape_rules::size;
use crate::ops::{AttributeError, Attributes, Op, ShapeError};
use crate::shape::{Dim, Element, Facts, TensorType};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "eye",
    form: Form::Function,
    summary: "Makes a matrix with ones on its diagonal and zeros beside it.",
    formula: "yᵢⱼ = 1 where i = j, else 0, [n, m]",
    parameters: &[
        Parameter::required("n", Type::Size, "The number of rows."),
        Parameter::attribute("m", Type::Size, Literal::None, "The number of columns; without it that of the rows."),
        DTYPE,
    ],
    torch: "torch.eye",
    onnx: "EyeLike",
    examples: &[
        "output eye(3)",
        "output eye(2, 4)",
        "output eye(3, m=2, dtype=\"int\")",
        "input x: [2, 3]  output eye(2, 3) * x",
    ],
    build: |attributes| Eye::new(attributes).map(|op| Arc::new(Made(op)) as Arc<dyn Op>),
};

#[derive(Debug)]
struct Eye {
    n: Dim,
    m: Dim,
    element: Element,
}

impl Eye {
    fn new(attributes: &Attributes) -> Result<Self, AttributeError> {
        let n = size(attributes, "n")?;
        let m = if attributes.optional_size("m")?.is_some() { size(attributes, "m")? } else { n.clone() };
        Ok(Self { n, m, element: element(attributes, "dtype")?.unwrap_or(Element::Float) })
    }
}

impl Series for Eye {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn result(&self, _: &mut Facts) -> Result<TensorType, ShapeError> {
        Ok(TensorType::new(self.element, [self.n.clone(), self.m.clone()]))
    }

    fn float(&self, shape: &[usize], at: usize) -> f64 {
        self.int(shape, at) as f64
    }

    fn int(&self, shape: &[usize], at: usize) -> i64 {
        let columns = shape.last().copied().unwrap_or(1);
        i64::from(at.checked_div(columns) == at.checked_rem(columns))
    }
}
