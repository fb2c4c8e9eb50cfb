//! `mean`: the mean of the elements, or along axes.

use super::reduce::{Axes, DIM, KEEPDIM};
use crate::ops::ShapeError;
use crate::ops::contract::{Backward, DataError, Def, Form, Forward, Grads, Keeps, Kernel, Op, Parameter};
use crate::ops::shape_rules::{float_input, numel};
use crate::shape::{Dim, Facts, TensorType};
use crate::tensor::Real;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "mean",
    form: Form::Function,
    summary: "Averages all elements, or those along some axes.",
    formula: "y = 1/n Σᵢ xᵢ",
    parameters: &[Parameter::operand("input", "Any shape."), DIM, KEEPDIM],
    torch: "torch.mean",
    onnx: "ReduceMean",
    examples: &[
        "input x: [2, 3]  output mean(x)",
        "input x: [2, 3, 4]  output mean(x, dim=1)",
        "input x: [2, 3, 4]  output mean(x, dim=[0, -1], keepdim=true)",
        "input x: [2, 3]  output mean(x, dim=-1)",
    ],
    build: |attributes| Ok(Arc::new(Mean(Axes::new(attributes)?))),
};

#[derive(Debug)]
struct Mean(Axes);

impl Op for Mean {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = float_input(&DEF, inputs)?;
        Ok(vec![TensorType::float(self.0.shape(&DEF, input)?)])
    }

    fn writes(&self) -> Grads {
        Grads::INPUTS
    }

    fn keeps(&self) -> Keeps {
        Keeps::NOTHING
    }

    fn flops(&self, inputs: &[TensorType], outputs: &[TensorType]) -> Dim {
        numel(inputs).add(&numel(outputs))
    }
}

impl<T: Real> Kernel<T> for Mean {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        self.0.forward(cx, |count| 1.0 / count);
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        self.0.backward(cx, |count| 1.0 / count);
    }
}
