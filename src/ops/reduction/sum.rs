//! `sum`: the sum of the elements, or along axes.

use super::reduce::{Axes, DIM, KEEPDIM, sum_element};
use crate::ops::ShapeError;
use crate::ops::contract::{Backward, DataError, Def, Form, Forward, Grads, Keeps, Kernel, Op, Parameter};
use crate::ops::shape_rules::{any_operand, numel};
use crate::shape::{Dim, Facts, TensorType};
use crate::tensor::Real;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "sum",
    form: Form::Function,
    summary: "Sums up all elements, or those along some axes; ints and bools give an int.",
    formula: "y = Σᵢ xᵢ",
    parameters: &[Parameter::operand("input", "Any shape."), DIM, KEEPDIM],
    torch: "torch.sum",
    onnx: "ReduceSum",
    examples: &[
        "input x: [2, 3]  output sum(x)",
        "input x: [2, 3, 4]  output sum(x, dim=1)",
        "input x: [2, 3, 4]  output sum(x, dim=[0, -1], keepdim=true)",
        "input x: [2, 3]  output sum(x, dim=-1)",
        "input x: bool[2, 3]  output sum(x, dim=0)",
    ],
    build: |attributes| Ok(Arc::new(Sum(Axes::new(attributes)?))),
};

#[derive(Debug)]
struct Sum(Axes);

impl Op for Sum {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = any_operand(&DEF, inputs, 0)?;
        Ok(vec![TensorType::new(sum_element(input.element), self.0.shape(&DEF, input)?)])
    }

    fn writes(&self) -> Grads {
        Grads::INPUTS
    }

    fn keeps(&self) -> Keeps {
        Keeps::NOTHING
    }

    fn flops(&self, inputs: &[TensorType], _: &[TensorType]) -> Dim {
        numel(inputs)
    }
}

impl<T: Real> Kernel<T> for Sum {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        self.0.forward(cx, |_| 1.0);
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        self.0.backward(cx, |_| 1.0);
    }
}
