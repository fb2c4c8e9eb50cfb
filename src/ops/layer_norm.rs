//! `LayerNorm`: mean 0 and variance 1 over the last axes, <https://arxiv.org/abs/1607.06450>.

#![allow(clippy::indexing_slicing, reason = "rows and their elements are counted from the sizes of the slices")]

use super::contract::{
    Backward, DataError, Def, Form, Forward, Keeps, Kernel, Literal, Op, Parameter, SlotKind, SlotSpec, Type,
};
use super::shape_rules::{axes, float_input, numel};
use super::{AttributeError, Attributes, Cause, Init, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Facts, Shape, TensorType};
use crate::tensor::{Real, View, reduce};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "LayerNorm",
    form: Form::Layer { call: &[Parameter::operand("input", "`[..., normalized_shape]`")] },
    summary: "Shifts and scales the last axes to mean 0 and variance 1, then by learnt factors and a bias.",
    formula: "y = (x - E[x]) / √(Var[x] + eps) · weight + bias, weight and bias [normalized_shape]",
    parameters: &[
        Parameter::required("normalized_shape", Type::Sizes, "The sizes of the last axes."),
        Parameter::attribute("eps", Type::Float, Literal::Float(1e-5), "Added to the variance."),
        Parameter::attribute("elementwise_affine", Type::Bool, Literal::Bool(true), "Whether there is a weight."),
        Parameter::attribute("bias", Type::Bool, Literal::Bool(true), "Whether there is a bias beside the weight."),
    ],
    torch: "torch.nn.LayerNorm",
    onnx: "LayerNormalization",
    examples: &[
        "input x: [3, 4]  layer norm = LayerNorm(4)  output norm(x)",
        "input x: [2, 3, 4]  layer norm = LayerNorm([3, 4], eps=0.1)  output norm(x)",
        "input x: [3, 4]  layer norm = LayerNorm(4, bias=false)  output norm(x)",
        "input x: [3, 4]  layer norm = LayerNorm(4, elementwise_affine=false)  output norm(x)",
    ],
    build: |attributes| LayerNorm::new(attributes).map(|op| Arc::new(op) as Arc<dyn Op>),
};

#[derive(Debug)]
struct LayerNorm {
    normalized_shape: Shape,
    eps: f64,
    affine: bool,
    bias: bool,
}

impl LayerNorm {
    fn new(attributes: &Attributes) -> Result<Self, AttributeError> {
        let sizes = attributes.sizes("normalized_shape")?;
        if sizes.is_empty() {
            return Err(AttributeError::new("normalized_shape", "`normalized_shape` must name at least one size"));
        }
        if let Some(size) = sizes.iter().filter_map(Dim::as_const).find(|size| *size < 0) {
            let message = format!("`normalized_shape` can't hold a negative size, and holds {size}");
            return Err(AttributeError::new("normalized_shape", message));
        }
        let affine = attributes.bool("elementwise_affine")?;
        Ok(Self {
            normalized_shape: Shape::from(sizes.as_slice()),
            eps: attributes.float("eps")?,
            affine,
            bias: affine && attributes.bool("bias")?,
        })
    }

    /// The number of elements that are normalized together.
    fn width(&self, shape: &[usize]) -> usize {
        let leading = shape.len().saturating_sub(self.normalized_shape.rank());
        shape.iter().skip(leading).product()
    }
}

impl Op for LayerNorm {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn slots(&self) -> Vec<SlotSpec> {
        let slot = |name: &'static str, init: Init| SlotSpec {
            name: name.into(),
            shape: self.normalized_shape.clone(),
            init,
            kind: SlotKind::Param,
            scaled: false,
        };
        let weight = self.affine.then(|| slot("weight", Init::ONES));
        let bias = self.bias.then(|| slot("bias", Init::ZEROS));
        weight.into_iter().chain(bias).collect()
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = float_input(&DEF, inputs)?;
        let (wanted, rank) = (&self.normalized_shape, input.shape.rank());
        let Some(leading) = rank.checked_sub(wanted.rank()) else {
            let message = format!("`LayerNorm` wants the last axes to be {wanted}, and gets {}", input.shape);
            return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                .cause(Cause::Operand(0), format!("this has {}", axes(rank)))
                .cause(Cause::Attribute("normalized_shape"), format!("it has {}", axes(wanted.rank()))));
        };
        for (axis, wanted_size) in (leading..).zip(wanted.iter()) {
            let Some(found) = input.shape.get(axis) else { continue };
            if !facts.equal(wanted_size, found) {
                let message = format!("`LayerNorm` wants the last axes to be {wanted}, and gets {}", input.shape);
                return Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
                    .cause(Cause::Axis { operand: 0, axis }, format!("axis {axis} is {found}"))
                    .cause(Cause::Attribute("normalized_shape"), format!("it wants {wanted_size}")));
            }
        }
        Ok(vec![input.clone()])
    }

    fn keeps(&self) -> Keeps {
        Keeps::INPUTS
    }

    /// The mean and 1 / √(variance + eps).
    fn saved(&self, inputs: &[TensorType], _: &[TensorType]) -> Vec<TensorType> {
        let leading = |input: &TensorType| {
            let count = input.shape.rank().saturating_sub(self.normalized_shape.rank());
            TensorType::float(input.shape.iter().take(count).cloned().collect::<Shape>())
        };
        inputs.iter().flat_map(|input| [leading(input), leading(input)]).collect()
    }

    /// A sum for the mean; difference, square and sum for the variance; difference and product; weight and bias.
    fn flops(&self, inputs: &[TensorType], _: &[TensorType]) -> Dim {
        let each = 6 + i64::from(self.affine) + i64::from(self.bias);
        numel(inputs).mul(&Dim::from(each))
    }
}

/// The elements of a slot, if the layer has it.
fn slot<'a, T: Real>(slots: &[View<'a, T>], index: usize) -> Option<&'a [T]> {
    slots.get(index).map(View::floats)
}

impl<T: Real> Kernel<T> for LayerNorm {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x], [y], [means, scales]) = (cx.inputs, cx.outputs, cx.saved) else { return Ok(()) };
        let width = self.width(x.shape);
        let (weight, bias) = (slot(cx.slots, 0), slot(cx.slots, 1));
        let statistics = means.floats().iter_mut().zip(scales.floats());
        if width == 0 {
            statistics.for_each(|(mean, scale)| (*mean, *scale) = (T::zero(), T::zero()));
            return Ok(());
        }
        let rows = x.floats().chunks_exact(width).zip(y.floats().chunks_exact_mut(width));
        for ((x, y), (saved_mean, saved_scale)) in rows.zip(statistics) {
            let mean = reduce::sum(width, |index| x[index].to_f64()) / width as f64;
            let square = |index: usize| (x[index].to_f64() - mean).powi(2);
            let variance = reduce::sum(width, square) / width as f64;
            let (mean, scale) = (T::from_f64(mean), T::from_f64(1.0 / (variance + self.eps).sqrt()));
            (*saved_mean, *saved_scale) = (mean, scale);
            y.iter_mut().zip(x).for_each(|(y, &x)| *y = (x - mean) * scale);
            if let Some(weight) = weight {
                y.iter_mut().zip(weight).for_each(|(y, &weight)| *y *= weight);
            }
            if let Some(bias) = bias {
                y.iter_mut().zip(bias).for_each(|(y, &bias)| *y += bias);
            }
        }
        Ok(())
    }

    /// With x̂ = (x - mean) · scale and h = g · weight: dx = scale (h - E[h] - x̂ E[h x̂]), dweight = Σ g x̂, dbias = Σ g.
    fn backward(&self, cx: Backward<T>) {
        let ([x], [grad], [means, scales]) = (cx.inputs, cx.grad_outputs, cx.saved) else { return };
        let (width, weight) = (self.width(x.shape), slot(cx.slots, 0));
        let (x, grad, means, scales) = (x.floats(), grad.floats(), means.floats(), scales.floats());
        if width == 0 {
            return;
        }
        if let [Some(out)] = cx.grad_inputs {
            for (row, out) in out.chunks_exact_mut(width).enumerate() {
                let range = row * width..(row + 1) * width;
                let (x, grad, mean, scale) = (&x[range.clone()], &grad[range], means[row], scales[row]);
                let h = |index: usize| weight.map_or(grad[index], |weight| grad[index] * weight[index]);
                let normal = |index: usize| (x[index] - mean) * scale;
                let mean_h = reduce::sum(width, |index| h(index).to_f64()) / width as f64;
                let mean_product = reduce::sum(width, |index| (h(index) * normal(index)).to_f64()) / width as f64;
                let (mean_h, mean_product) = (T::from_f64(mean_h), T::from_f64(mean_product));
                for (index, out) in out.iter_mut().enumerate() {
                    *out += scale * (h(index) - mean_h - normal(index) * mean_product);
                }
            }
        }
        let rows = grad.len() / width;
        if let Some(Some(out)) = cx.grad_slots.first_mut() {
            let product = |row: usize, column: usize| {
                let at = row * width + column;
                grad[at] * (x[at] - means[row]) * scales[row]
            };
            reduce::add_columns(rows, product, out);
        }
        if let Some(Some(out)) = cx.grad_slots.get_mut(1) {
            reduce::add_columns(rows, |row, column| grad[row * width + column], out);
        }
    }
}
