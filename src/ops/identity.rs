//! `Identity`: changes nothing.

use super::contract::{Backward, DataError, Def, Form, Forward, Keeps, Kernel, Op, Parameter};
use super::shape_rules::any_operand;
use super::{ShapeError, copy};
use crate::shape::{Dim, Facts, TensorType};
use crate::tensor::Real;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "Identity",
    form: Form::Layer { call: &[Parameter::operand("input", "Any shape.")] },
    summary: "Gives what it gets, in the place of a layer that isn't wanted.",
    formula: "y = x",
    parameters: &[],
    torch: "torch.nn.Identity",
    onnx: "Identity",
    examples: &["input x: [3, 4]  layer same = Identity()  output same(x) * 2.0"],
    build: |_| Ok(Arc::new(Identity)),
};

#[derive(Debug)]
struct Identity;

impl Op for Identity {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        any_operand(&DEF, inputs, 0).map(|input| vec![input.clone()])
    }

    fn keeps(&self) -> Keeps {
        Keeps::NOTHING
    }

    fn flops(&self, _: &[TensorType], _: &[TensorType]) -> Dim {
        Dim::ZERO
    }

    fn is_reshape(&self) -> bool {
        true
    }
}

impl<T: Real> Kernel<T> for Identity {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        copy::forward(cx);
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        copy::backward(cx);
    }
}
