//! `logsumexp`: the logarithm of a sum of exponentials, without overflow.

#![allow(clippy::indexing_slicing, reason = "a nest of loops stays inside the tensors that it was made of")]

use super::reduce::{Axes, KEEPDIM};
use crate::ops::ShapeError;
use crate::ops::contract::{Backward, DataError, Def, Form, Forward, Keeps, Kernel, Op, Parameter, Type};
use crate::ops::pointwise::ANY_NUMBER;
use crate::ops::shape_rules::{any_operand, numel};
use crate::shape::{Dim, Element, Facts, TensorType};
use crate::tensor::reduce::for_each_block;
use crate::tensor::softmax::log_sums;
use crate::tensor::zip::Read;
use crate::tensor::{Real, Slice};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "logsumexp",
    form: Form::Function,
    summary: "Gives the logarithm of the sum of the exponentials along axes.",
    formula: "y = ln Σᵢ e^xᵢ",
    parameters: &[
        ANY_NUMBER,
        Parameter::required("dim", Type::Ints, "The axes that are reduced; an empty list stands for all."),
        KEEPDIM,
    ],
    torch: "torch.logsumexp",
    onnx: "ReduceLogSumExp",
    examples: &[
        "input x: [2, 3]  output logsumexp(x, dim=-1)",
        "input x: [2, 3, 4]  output logsumexp(x, dim=[0, 1], keepdim=true)",
        "input x: [2, 3, 4]  output logsumexp(x, 1)",
        "input x: int[2, 3]  output logsumexp(x, 0)",
    ],
    build: |attributes| Ok(Arc::new(LogSumExp(Axes::new(attributes)?))),
};

#[derive(Debug)]
struct LogSumExp(Axes);

impl Op for LogSumExp {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        Ok(vec![TensorType::float(self.0.shape(&DEF, any_operand(&DEF, inputs, 0)?)?)])
    }

    fn keeps(&self) -> Keeps {
        Keeps { outputs: true, ..Keeps::INPUTS }
    }

    /// The greatest elements, and the input as floats where it is none.
    fn saved(&self, inputs: &[TensorType], outputs: &[TensorType]) -> Vec<TensorType> {
        let whole = inputs.iter().filter(|input| input.element != Element::Float);
        let floats = whole.map(|input| input.shape.numel()).fold(Dim::ZERO, |sum, size| sum.add(&size));
        outputs.iter().cloned().chain([TensorType::float([floats])]).collect()
    }

    fn n_working(&self) -> usize {
        2
    }

    /// A difference, an exponential and a sum for each element.
    fn flops(&self, inputs: &[TensorType], outputs: &[TensorType]) -> Dim {
        numel(inputs).mul(&Dim::from(3i64)).add(&numel(outputs))
    }
}

impl<T: Real> Kernel<T> for LogSumExp {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        let y = y.floats();
        if let (Some(lanes), [greatest, floats]) = (self.0.lanes(x.shape), cx.saved) {
            let (greatest, floats) = (greatest.floats(), floats.floats());
            floats.iter_mut().enumerate().for_each(|(index, float)| *float = x.data.at(index));
            let x = if let Slice::Float(x) = x.data { x } else { floats };
            log_sums(x, lanes, [&mut *greatest, &mut *y]);
            for (y, &greatest) in y.iter_mut().zip(&*greatest) {
                // Infinite numbers have no difference.
                *y = if greatest.abs() < -T::NEG_INFINITY { greatest + *y } else { greatest };
            }
            return Ok(());
        }
        let (nest, x) = (self.0.nest(x.shape), x.data);
        y.fill(T::NEG_INFINITY);
        for_each_block(&nest, 1, |block| {
            let greatest = block.fold(|_| T::NEG_INFINITY, |greatest, _, [i, _]| greatest.maximum(x.at(i)));
            // Infinite numbers have no difference.
            let shift = greatest.map(|x| if x.abs() < -T::NEG_INFINITY { x } else { T::zero() });
            let sums = block.sums(|column, [i, _]| {
                let value: T = x.at(i);
                (value - shift[column]).exp().to_f64()
            });
            for column in 0..block.length {
                y[block.at(1, column)] = T::from_f64(sums[column].ln()) + shift[column];
            }
        });
        Ok(())
    }

    /// dxᵢ = g e^(xᵢ - y)
    fn backward(&self, cx: Backward<T>) {
        let ([x], [y]) = (cx.inputs, cx.outputs) else { return };
        if let ([grad], [Some(out)]) = (cx.grad_outputs, cx.grad_inputs) {
            let (shape, x, y, grad) = (x.shape, x.floats(), y.floats(), grad.floats());
            self.0.spread(shape, out, |i, j| grad[j] * (x[i] - y[j]).exp());
        }
    }
}
