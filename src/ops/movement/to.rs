//! `to`: the same numbers as elements of another type.

use super::reshaping::pass_back;
use crate::ops::ShapeError;
use crate::ops::contract::{Backward, DataError, Def, Form, Forward, Keeps, Kernel, Op, Parameter, Type};
use crate::ops::creation::element;
use crate::ops::shape_rules::any_operand;
use crate::shape::{Dim, Element, Facts, TensorType};
use crate::tensor::zip::Read;
use crate::tensor::{Real, Slice, SliceMut};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "to",
    form: Form::Function,
    summary: "Makes floats, ints or bools of the elements.",
    formula: "int: towards 0; bool: x ≠ 0; of a bool: 0 or 1",
    parameters: &[
        Parameter::operand("input", "Any shape."),
        Parameter::required("dtype", Type::Word(&["float", "int", "bool"]), "What the elements become."),
    ],
    torch: "torch.Tensor.to",
    onnx: "Cast",
    examples: &[
        "input x: [2, 3]  output to(x, \"float\")",
        "input x: [2, 3]  output to(x, \"int\")",
        "input x: int[2]  input y: [2]  output y * to(x, dtype=\"float\")",
        "input x: bool[2]  output to(x, \"int\")",
    ],
    build: |attributes| Ok(Arc::new(To { element: element(attributes, "dtype")?.unwrap_or(Element::Float) })),
};

#[derive(Debug)]
struct To {
    element: Element,
}

impl Op for To {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = any_operand(&DEF, inputs, 0)?;
        Ok(vec![TensorType::new(self.element, input.shape.clone())])
    }

    fn keeps(&self) -> Keeps {
        Keeps::NOTHING
    }

    fn flops(&self, _: &[TensorType], _: &[TensorType]) -> Dim {
        Dim::ZERO
    }
}

impl<T: Real> Kernel<T> for To {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        let x = x.data;
        match &mut y.data {
            SliceMut::Float(y) => y.iter_mut().enumerate().for_each(|(at, y)| *y = x.at(at)),
            SliceMut::Int(y) => y.iter_mut().enumerate().for_each(|(at, y)| *y = x.at(at)),
            SliceMut::Bool(y) => y.iter_mut().enumerate().for_each(|(at, y)| *y = is_true(x, at)),
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        pass_back(cx);
    }
}

#[allow(clippy::indexing_slicing, reason = "operand and result have the same elements")]
fn is_true<T: Real>(x: Slice<'_, T>, at: usize) -> bool {
    match x {
        Slice::Float(x) => x[at] != T::zero(),
        Slice::Int(x) => x[at] != 0,
        Slice::Bool(x) => x[at],
    }
}
