//! `log_softmax` and `LogSoftmax`: the logarithm of the softmax, without overflow.

use super::axis::{axis, axis_of};
use super::contract::{Backward, DataError, Def, Form, Forward, Keeps, Kernel, Op, Parameter, Type};
use super::pointwise::INPUT;
use super::shape_rules::{float_input, numel};
use super::ShapeError;
use crate::shape::{Dim, Facts, TensorType};
use crate::tensor::lane::{lanes, log_sum_exp};
use crate::tensor::{Real, reduce};
use std::sync::Arc;

const DIM: Parameter = Parameter::required("dim", Type::Int, "The axis along which the exponentials sum up to 1.");

pub(super) static DEF: Def = Def {
    name: "log_softmax",
    form: Form::Function,
    summary: "Gives the logarithm of the softmax along an axis.",
    formula: "yᵢ = xᵢ - ln Σⱼ e^xⱼ",
    parameters: &[INPUT, DIM],
    torch: "torch.nn.functional.log_softmax",
    onnx: "LogSoftmax",
    examples: &[
        "input x: [3, 4]  output log_softmax(x, dim=-1)",
        "input x: [2, 3, 4]  output log_softmax(x, dim=0)",
    ],
    build: |attributes| Ok(Arc::new(LogSoftmax { def: &DEF, dim: attributes.int("dim")? })),
};

pub(super) static LAYER: Def = Def {
    name: "LogSoftmax",
    form: Form::Layer { call: &[INPUT] },
    parameters: &[DIM],
    torch: "torch.nn.LogSoftmax",
    examples: &["input x: [2, 3, 4]  layer act = LogSoftmax(dim=1)  output act(x)"],
    build: |attributes| Ok(Arc::new(LogSoftmax { def: &LAYER, dim: attributes.int("dim")? })),
    ..DEF
};

#[derive(Debug)]
struct LogSoftmax {
    def: &'static Def,
    dim: i64,
}

impl Op for LogSoftmax {
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

    /// A difference, an exponential, a sum and a difference for each element.
    fn flops(&self, _: &[TensorType], outputs: &[TensorType]) -> Dim {
        numel(outputs).mul(&Dim::from(4i64))
    }
}

#[allow(clippy::indexing_slicing, reason = "a lane stays inside the tensor that it was made of")]
impl<T: Real> Kernel<T> for LogSoftmax {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        if let ([x], [y]) = (cx.inputs, cx.outputs)
            && let Some(axis) = axis(self.dim, x.shape.len())
        {
            let (shape, x, y) = (x.shape, x.floats(), y.floats());
            for lane in lanes(shape, axis) {
                let (greatest, rest) = log_sum_exp(x, lane);
                lane.places().for_each(|at| y[at] = x[at] - greatest - rest);
            }
        }
        Ok(())
    }

    /// dxᵢ = gᵢ - e^yᵢ Σⱼ gⱼ
    fn backward(&self, cx: Backward<T>) {
        let ([y], [grad], [Some(out)]) = (cx.outputs, cx.grad_outputs, cx.grad_inputs) else { return };
        let Some(axis) = axis(self.dim, grad.shape.len()) else { return };
        let (y, shape, grad) = (y.floats(), grad.shape, grad.floats());
        for lane in lanes(shape, axis) {
            let sum = T::from_f64(reduce::sum(lane.length, |index| grad[lane.at(index)].to_f64()));
            lane.places().for_each(|at| out[at] += grad[at] - y[at].exp() * sum);
        }
    }
}
