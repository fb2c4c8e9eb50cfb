//! `softmin` and `Softmin`: the softmax of the negatives.

use super::axis::{axis, axis_of};
use super::contract::{Backward, DataError, Def, Form, Forward, Keeps, Kernel, Op};
use super::pointwise::INPUT;
use super::shape_rules::{float_input, numel};
use super::softmax::DIM;
use super::ShapeError;
use crate::shape::{Dim, Facts, TensorType};
use crate::tensor::lane::lanes;
use crate::tensor::{Real, reduce};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "softmin",
    form: Form::Function,
    summary: "Makes the elements along an axis positive numbers with the sum 1, the greatest for the least.",
    formula: "yᵢ = e^-xᵢ / Σⱼ e^-xⱼ",
    parameters: &[INPUT, DIM],
    torch: "torch.nn.functional.softmin",
    onnx: "",
    examples: &["input x: [3, 4]  output softmin(x, dim=-1)", "input x: [2, 3, 4]  output softmin(x, dim=1)"],
    build: |attributes| Ok(Arc::new(Softmin { def: &DEF, dim: attributes.int("dim")? })),
};

pub(super) static LAYER: Def = Def {
    name: "Softmin",
    form: Form::Layer { call: &[INPUT] },
    parameters: &[DIM],
    torch: "torch.nn.Softmin",
    examples: &["input x: [2, 3, 4]  layer act = Softmin(dim=1)  output act(x)"],
    build: |attributes| Ok(Arc::new(Softmin { def: &LAYER, dim: attributes.int("dim")? })),
    ..DEF
};

#[derive(Debug)]
struct Softmin {
    def: &'static Def,
    dim: i64,
}

impl Op for Softmin {
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
impl<T: Real> Kernel<T> for Softmin {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        let Some(axis) = axis(self.dim, x.shape.len()) else { return Ok(()) };
        let (shape, x, y) = (x.shape, x.floats(), y.floats());
        for lane in lanes(shape, axis) {
            let least = lane.places().fold(-T::NEG_INFINITY, |least, at| least.minimum(x[at]));
            lane.places().for_each(|at| y[at] = (least - x[at]).exp());
            let sum = T::from_f64(reduce::sum(lane.length, |index| y[lane.at(index)].to_f64()));
            lane.places().for_each(|at| y[at] = y[at] / sum);
        }
        Ok(())
    }

    /// dxᵢ = -yᵢ (gᵢ - Σⱼ gⱼ yⱼ)
    fn backward(&self, cx: Backward<T>) {
        let ([y], [grad], [Some(out)]) = (cx.outputs, cx.grad_outputs, cx.grad_inputs) else { return };
        let Some(axis) = axis(self.dim, grad.shape.len()) else { return };
        let (y, shape, grad) = (y.floats(), grad.shape, grad.floats());
        for lane in lanes(shape, axis) {
            let product = |index: usize| (grad[lane.at(index)] * y[lane.at(index)]).to_f64();
            let mean = T::from_f64(reduce::sum(lane.length, product));
            lane.places().for_each(|at| out[at] -= y[at] * (grad[at] - mean));
        }
    }
}
