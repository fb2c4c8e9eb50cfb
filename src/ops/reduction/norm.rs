//! `norm`: the norm of a vector, of all elements or along axes.

#![allow(clippy::indexing_slicing, reason = "a nest of loops stays inside the tensors that it was made of")]

use super::reduce::{Axes, DIM, KEEPDIM};
use crate::ops::contract::{Backward, DataError, Def, Form, Forward, Keeps, Kernel, Literal, Op, Parameter, Type};
use crate::ops::pointwise::{INPUT, sign};
use crate::ops::shape_rules::{float_input, numel};
use crate::ops::{Attributes, ShapeError, Value};
use crate::shape::{Dim, Facts, TensorType};
use crate::tensor::Real;
use crate::tensor::reduce::{Block, COLUMNS, for_each_block};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "norm",
    form: Form::Function,
    summary: "Gives the norm of the vector of all elements, or of those along some axes; where it is 0 it has the gradient 0.",
    formula: "y = (Σᵢ |xᵢ|^p)^(1/p), maxᵢ |xᵢ| for \"inf\", minᵢ |xᵢ| for \"-inf\", the number of other elements than 0 for 0",
    parameters: &[
        INPUT,
        Parameter::attribute(
            "p",
            Type::OneOf(&[Type::Float, Type::Word(&["fro", "inf", "-inf"])]),
            Literal::Str("fro"),
            "The order of the norm; \"fro\" is 2.",
        ),
        DIM,
        KEEPDIM,
    ],
    torch: "torch.norm",
    onnx: "",
    examples: &[
        "input x: [2, 3]  output norm(x)",
        "input x: [2, 3, 4]  output norm(x, p=1, dim=1)",
        "input x: [2, 3, 4]  output norm(x, 3, dim=[0, -1], keepdim=true)",
        "input x: [2, 3]  output norm(x, \"inf\", dim=-1)",
    ],
    build: |attributes| Ok(Arc::new(Norm { order: order(attributes), axes: Axes::new(attributes)? })),
};

/// The order of the norm.
fn order(attributes: &Attributes) -> f64 {
    match attributes.get("p") {
        Some(Value::Float(p)) => *p,
        Some(Value::Str(word)) if **word == *"inf" => f64::INFINITY,
        Some(Value::Str(word)) if **word == *"-inf" => f64::NEG_INFINITY,
        _ => 2.0,
    }
}

#[derive(Debug)]
struct Norm {
    order: f64,
    axes: Axes,
}

impl Op for Norm {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        Ok(vec![TensorType::float(self.axes.shape(&DEF, float_input(&DEF, inputs)?)?)])
    }

    fn keeps(&self) -> Keeps {
        Keeps { outputs: true, ..Keeps::INPUTS }
    }

    /// A power and a sum for each element.
    fn flops(&self, inputs: &[TensorType], outputs: &[TensorType]) -> Dim {
        numel(inputs).mul(&Dim::from(2i64)).add(&numel(outputs))
    }
}

impl Norm {
    /// The norms of the columns of a block.
    fn of<T: Real>(&self, block: &Block<'_, 2>, x: &[T]) -> [f64; COLUMNS] {
        let size = |i: usize| x[i].to_f64().abs();
        let p = self.order;
        if p == f64::INFINITY {
            block.fold(|_| 0.0, |norm: f64, _, [i, _]| Real::maximum(norm, size(i)))
        } else if p == f64::NEG_INFINITY {
            block.fold(|_| f64::INFINITY, |norm: f64, _, [i, _]| Real::minimum(norm, size(i)))
        } else if p == 0.0 {
            block.sums(|_, [i, _]| if x[i] == T::zero() { 0.0 } else { 1.0 })
        } else if p == 1.0 {
            block.sums(|_, [i, _]| size(i))
        } else if p == 2.0 {
            block.sums(|_, [i, _]| size(i) * size(i)).map(f64::sqrt)
        } else {
            block.sums(|_, [i, _]| size(i).powf(p)).map(|sum| sum.powf(1.0 / p))
        }
    }

    /// dy/dx of an element, where the order is a number other than 0.
    fn slope<T: Real>(&self, x: T, y: T) -> T {
        let p = self.order;
        if p == 1.0 {
            return sign(x);
        }
        if y == T::zero() || (x == T::zero() && p < 2.0) {
            return T::zero();
        }
        let ratio = x / y;
        if p == 2.0 { ratio } else { sign(x) * ratio.abs().powf(T::from_f64(p - 1.0)) }
    }
}

impl<T: Real> Kernel<T> for Norm {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        let (nest, x, y) = (self.axes.nest(x.shape), x.floats(), y.floats());
        y.fill(T::zero());
        if x.is_empty() {
            return Ok(());
        }
        for_each_block(&nest, 1, |block| {
            for (column, norm) in self.of(block, x).iter().take(block.length).enumerate() {
                y[block.at(1, column)] = T::from_f64(*norm);
            }
        });
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let ([x], [y]) = (cx.inputs, cx.outputs) else { return };
        let ([grad], [Some(out)]) = (cx.grad_outputs, cx.grad_inputs) else { return };
        let (shape, x, y, grad) = (x.shape, x.floats(), y.floats(), grad.floats());
        if self.order.is_finite() {
            if self.order != 0.0 {
                self.axes.spread(shape, out, |i, j| grad[j] * self.slope(x[i], y[j]));
            }
            return;
        }
        // Those that are as far from 0 as the result share its gradient.
        let equal = |i: usize, j: usize| x[i].abs() == y[j];
        for_each_block(&self.axes.nest(shape), 1, |block| {
            let counts = block.sums(|_, [i, j]| f64::from(u8::from(equal(i, j))));
            block.for_each(|column, [i, j]| {
                if equal(i, j) {
                    out[i] += grad[j] * sign(x[i]) / T::from_f64(counts[column]);
                }
            });
        });
    }
}
