//! `normalize`: vectors of length 1 along an axis.

use crate::ops::ShapeError;
use crate::ops::axis::{axis, axis_of};
use crate::ops::contract::{Backward, DataError, Def, Form, Forward, Keeps, Kernel, Literal, Op, Parameter, Type};
use crate::ops::distances::PNorm;
use crate::ops::shape_rules::{float_input, numel};
use crate::shape::{Dim, Facts, TensorType};
use crate::tensor::lane::lanes;
use crate::tensor::{Real, reduce};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "normalize",
    form: Form::Function,
    summary: "Divides the vectors along an axis by their length.",
    formula: "y = x / max(‖x‖ₚ, eps)",
    parameters: &[
        Parameter::operand("input", "Any shape with the axis `dim`."),
        Parameter::attribute("p", Type::Float, Literal::Float(2.0), "Which norm is the length."),
        Parameter::attribute("dim", Type::Int, Literal::Int(1), "The axis of the vectors."),
        Parameter::attribute("eps", Type::Float, Literal::Float(1e-12), "The least that is divided by."),
    ],
    torch: "torch.nn.functional.normalize",
    onnx: "",
    examples: &[
        "input x: [3, 4]  output normalize(x)",
        "input x: [2, 3, 4]  output normalize(x, p=1, dim=0)",
        "input x: [3, 4]  output normalize(x, p=3.5, dim=-1)",
        "input x: [3, 4]  output normalize(x, eps=10.0)",
    ],
    build: |attributes| {
        let (p, dim, eps) = (PNorm(attributes.float("p")?), attributes.int("dim")?, attributes.float("eps")?);
        Ok(Arc::new(Normalize { p, dim, eps }))
    },
};

#[derive(Debug)]
struct Normalize {
    p: PNorm,
    dim: i64,
    eps: f64,
}

impl Op for Normalize {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = float_input(&DEF, inputs)?;
        axis_of(&DEF, "dim", self.dim, 0, input)?;
        Ok(vec![input.clone()])
    }

    fn keeps(&self) -> Keeps {
        Keeps::INPUTS
    }

    /// A power, a sum and a quotient for each element.
    fn flops(&self, _: &[TensorType], outputs: &[TensorType]) -> Dim {
        numel(outputs).mul(&Dim::from(3i64))
    }
}

#[allow(clippy::indexing_slicing, reason = "a lane stays inside the tensor that it was made of")]
impl<T: Real> Kernel<T> for Normalize {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        let Some(axis) = axis(self.dim, x.shape.len()) else { return Ok(()) };
        let (shape, x, y) = (x.shape, x.floats(), y.floats());
        for lane in lanes(shape, axis) {
            let norm = self.p.of(lane.length, |index| x[lane.at(index)].to_f64());
            let length = T::from_f64(Real::maximum(norm.value, self.eps));
            lane.places().for_each(|at| y[at] = x[at] / length);
        }
        Ok(())
    }

    /// With the length l: dx = g / l - ∂l/∂x Σ g x / l², where the second stands only if the length isn't eps.
    fn backward(&self, cx: Backward<T>) {
        let ([x], [grad], [Some(out)]) = (cx.inputs, cx.grad_outputs, cx.grad_inputs) else { return };
        let Some(axis) = axis(self.dim, x.shape.len()) else { return };
        let (shape, x, grad) = (x.shape, x.floats(), grad.floats());
        for lane in lanes(shape, axis) {
            let norm = self.p.of(lane.length, |index| x[lane.at(index)].to_f64());
            let product = |index: usize| grad[lane.at(index)].to_f64() * x[lane.at(index)].to_f64();
            let length = Real::maximum(norm.value, self.eps);
            let along =
                if norm.value >= self.eps { reduce::sum(lane.length, product) / (length * length) } else { 0.0 };
            for at in lane.places() {
                let slope = self.p.slope(x[at].to_f64(), norm);
                out[at] += T::from_f64(grad[at].to_f64() / length - slope * along);
            }
        }
    }
}
