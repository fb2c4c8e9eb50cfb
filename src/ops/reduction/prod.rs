//! `prod`: the product of the elements, or along an axis.

#![allow(clippy::indexing_slicing, reason = "a nest of loops stays inside the tensors that it was made of")]

use super::reduce::{Axes, KEEPDIM, ONE_DIM, sum_element};
use crate::ops::ShapeError;
use crate::ops::contract::{Backward, DataError, Def, Form, Forward, Keeps, Kernel, Op};
use crate::ops::pointwise::INPUT;
use crate::ops::shape_rules::{any_operand, numel};
use crate::shape::{Dim, Facts, TensorType};
use crate::tensor::reduce::for_each_block;
use crate::tensor::zip::Read;
use crate::tensor::{Real, SliceMut};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "prod",
    form: Form::Function,
    summary: "Multiplies all elements, or those along an axis; ints and bools give an int.",
    formula: "y = Πᵢ xᵢ",
    parameters: &[INPUT, ONE_DIM, KEEPDIM],
    torch: "torch.prod",
    onnx: "ReduceProd",
    examples: &[
        "input x: [2, 3]  output prod(x)",
        "input x: [2, 3, 4]  output prod(x, dim=1)",
        "input x: [2, 3, 4]  output prod(x, -1, keepdim=true)",
        "input x: int[2, 3]  output prod(x, dim=0)",
    ],
    build: |attributes| Ok(Arc::new(Prod(Axes::one_or_all(attributes)?))),
};

#[derive(Debug)]
struct Prod(Axes);

impl Op for Prod {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = any_operand(&DEF, inputs, 0)?;
        Ok(vec![TensorType::new(sum_element(input.element), self.0.shape(&DEF, input)?)])
    }

    fn keeps(&self) -> Keeps {
        Keeps::INPUTS
    }

    fn flops(&self, inputs: &[TensorType], _: &[TensorType]) -> Dim {
        numel(inputs)
    }
}

impl<T: Real> Kernel<T> for Prod {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        let nest = self.0.nest(x.shape);
        match &mut y.data {
            SliceMut::Float(y) => {
                let x = x.floats();
                y.fill(T::one());
                for_each_block(&nest, 1, |block| {
                    let products = block.fold(|_| 1.0, |product, _, [i, _]| product * x[i].to_f64());
                    for (column, product) in products.iter().take(block.length).enumerate() {
                        y[block.at(1, column)] = T::from_f64(*product);
                    }
                });
            }
            SliceMut::Int(y) => {
                y.fill(1);
                nest.for_each_run(|[i, j], length, [_, step]| {
                    for index in 0..length {
                        let (value, product): (i64, _) = (x.data.at(i + index), &mut y[j + index * step]);
                        *product = product.wrapping_mul(value);
                    }
                });
            }
            SliceMut::Bool(_) => {}
        }
        Ok(())
    }

    /// dxᵢ = g Π xⱼ over all j but i: where there is a 0, only it can have a gradient.
    fn backward(&self, cx: Backward<T>) {
        let ([x], [grad], [Some(out)]) = (cx.inputs, cx.grad_outputs, cx.grad_inputs) else { return };
        let (nest, x, grad) = (self.0.nest(x.shape), x.floats(), grad.floats());
        for_each_block(&nest, 1, |block| {
            let parts = block.fold(
                |_| (1.0, 0usize),
                |(product, zeros), _, [i, _]| {
                    if x[i] == T::zero() { (product, zeros + 1) } else { (product * x[i].to_f64(), zeros) }
                },
            );
            block.for_each(|column, [i, j]| {
                let (product, zeros) = parts[column];
                let others = match zeros {
                    0 => product / x[i].to_f64(),
                    1 if x[i] == T::zero() => product,
                    _ => 0.0,
                };
                out[i] += grad[j] * T::from_f64(others);
            });
        });
    }
}
