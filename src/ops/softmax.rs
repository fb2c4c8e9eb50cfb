//! `softmax` and `Softmax`: positive numbers with the sum 1 along an axis.

use super::axis::{axis, axis_of};
use super::contract::{Backward, DataError, Def, Form, Forward, Keeps, Kernel, Op, Parameter, Type};
use super::pointwise::INPUT;
use super::shape_rules::{float_input, numel};
use super::ShapeError;
use crate::shape::{Dim, Facts, TensorType};
use crate::tensor::lane::{lanes, softmax};
use crate::tensor::{Real, reduce};
use std::sync::Arc;

pub(super) const DIM: Parameter = Parameter::required("dim", Type::Int, "The axis along which the sum is 1.");

pub(super) static DEF: Def = Def {
    name: "softmax",
    form: Form::Function,
    summary: "Makes the elements along an axis positive numbers with the sum 1.",
    formula: "yᵢ = e^xᵢ / Σⱼ e^xⱼ",
    parameters: &[INPUT, DIM],
    torch: "torch.nn.functional.softmax",
    onnx: "Softmax",
    examples: &[
        "input x: [3, 4]  output softmax(x, dim=-1)",
        "input x: [2, 3, 4]  output softmax(x, dim=1)",
        "input x: [5]  output softmax(x, dim=0)",
    ],
    build: |attributes| Ok(Arc::new(Softmax { def: &DEF, dim: attributes.int("dim")? })),
};

pub(super) static LAYER: Def = Def {
    name: "Softmax",
    form: Form::Layer { call: &[INPUT] },
    parameters: &[DIM],
    torch: "torch.nn.Softmax",
    examples: &["input x: [2, 3, 4]  layer act = Softmax(dim=1)  output act(x)"],
    build: |attributes| Ok(Arc::new(Softmax { def: &LAYER, dim: attributes.int("dim")? })),
    ..DEF
};

#[derive(Debug)]
pub(super) struct Softmax {
    pub(super) def: &'static Def,
    pub(super) dim: i64,
}

impl Op for Softmax {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn infer(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = float_input(self.def, inputs)?;
        axis_of(self.def, "dim", self.dim, 0, input)?;
        Ok(vec![input.clone()])
    }

    fn keeps(&self) -> Keeps {
        Keeps::OUTPUTS
    }

    /// A difference, an exponential, a sum and a quotient for each element.
    fn flops(&self, _: &[TensorType], outputs: &[TensorType]) -> Dim {
        numel(outputs).mul(&Dim::from(4i64))
    }
}

#[allow(clippy::indexing_slicing, reason = "a lane stays inside the tensor that it was made of")]
impl<T: Real> Kernel<T> for Softmax {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        if let ([x], [y]) = (cx.inputs, cx.outputs)
            && let Some(axis) = axis(self.dim, x.shape.len())
        {
            lanes(x.shape, axis).for_each(|lane| softmax(x.floats(), y.floats(), lane));
        }
        Ok(())
    }

    /// dxᵢ = yᵢ (gᵢ - Σⱼ gⱼ yⱼ)
    fn backward(&self, cx: Backward<T>) {
        let ([y], [grad], [Some(out)]) = (cx.outputs, cx.grad_outputs, cx.grad_inputs) else { return };
        let Some(axis) = axis(self.dim, grad.shape.len()) else { return };
        let (y, shape, grad) = (y.floats(), grad.shape, grad.floats());
        for lane in lanes(shape, axis) {
            let product = |index: usize| (grad[lane.at(index)] * y[lane.at(index)]).to_f64();
            let mean = T::from_f64(reduce::sum(lane.length, product));
            lane.places().for_each(|at| out[at] += y[at] * (grad[at] - mean));
        }
    }
}
