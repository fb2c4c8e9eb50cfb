//! What `LayerNorm` and `RMSNorm` have in common, and the functions beside them: the last axes together are a row, and
//! each row is scaled by what its own elements are. Their files say how they are written.

#![allow(clippy::indexing_slicing, reason = "rows and their elements are counted from the sizes of the slices")]

use super::contract::{Backward, DataError, Def, Forward, Keeps, Kernel, Op, SlotKind, SlotSpec};
use super::functional::{self, Slot, grad_slot, slot, slot_shape};
use super::shape_rules::{axes, float_input, numel};
use super::{AttributeError, Attributes, Cause, Init, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Facts, Shape, TensorType};
use crate::tensor::{Real, reduce};

/// y = (x - mean) / √(variance + eps) · weight + bias; without a mean, the variance is that of the distance from 0.
#[derive(Debug)]
pub(super) struct RowNorm {
    /// The layer, or the function whose slots are operands.
    pub(super) def: &'static Def,
    pub(super) normalized_shape: Shape,
    /// `None` for the smallest number that added to 1 makes a difference.
    pub(super) eps: Option<f64>,
    /// Whether the mean is subtracted.
    pub(super) centered: bool,
    /// The index among the slots.
    pub(super) weight: Option<usize>,
    /// The index among the slots.
    pub(super) bias: Option<usize>,
}

/// The attribute `normalized_shape`.
pub(super) fn normalized_shape(attributes: &Attributes) -> Result<Shape, AttributeError> {
    let sizes = attributes.sizes("normalized_shape")?;
    if sizes.is_empty() {
        return Err(AttributeError::new("normalized_shape", "`normalized_shape` must name at least one size"));
    }
    if let Some(size) = sizes.iter().filter_map(Dim::as_const).find(|size| *size < 0) {
        let message = format!("`normalized_shape` can't hold a negative size, and holds {size}");
        return Err(AttributeError::new("normalized_shape", message));
    }
    Ok(Shape::from(sizes.as_slice()))
}

impl RowNorm {
    /// The number of elements that are normalized together.
    fn width(&self, shape: &[usize]) -> usize {
        let leading = shape.len().saturating_sub(self.normalized_shape.rank());
        shape.iter().skip(leading).product()
    }

    fn rows(&self, input: &TensorType) -> Result<usize, ShapeError> {
        let (wanted, rank) = (&self.normalized_shape, input.shape.rank());
        rank.checked_sub(wanted.rank()).ok_or_else(|| {
            let message = format!("`{}` wants the last axes to be {wanted}, and gets {}", self.def.name, input.shape);
            ShapeError::new(ShapeErrorKind::Rank, message)
                .cause(Cause::Operand(0), format!("this has {}", axes(rank)))
                .cause(Cause::Attribute("normalized_shape"), format!("it has {}", axes(wanted.rank())))
        })
    }
}

impl Op for RowNorm {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn slots(&self) -> Vec<SlotSpec> {
        let slot = |name: &'static str, init: Init| SlotSpec {
            name: name.into(),
            shape: self.normalized_shape.clone(),
            init,
            kind: SlotKind::Param,
            scaled: false,
        };
        let weight = self.weight.map(|_| slot("weight", Init::ONES));
        let bias = self.bias.map(|_| slot("bias", Init::ZEROS));
        weight.into_iter().chain(bias).filter(|_| self.def.is_layer()).collect()
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let (input, name) = (float_input(self.def, inputs)?, self.def.name);
        let (wanted, leading) = (&self.normalized_shape, self.rows(input)?);
        for (axis, wanted_size) in (leading..).zip(wanted.iter()) {
            let Some(found) = input.shape.get(axis) else { continue };
            if !facts.equal(wanted_size, found) {
                let message = format!("`{name}` wants the last axes to be {wanted}, and gets {}", input.shape);
                return Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
                    .cause(Cause::Axis { operand: 0, axis }, format!("axis {axis} is {found}"))
                    .cause(Cause::Attribute("normalized_shape"), format!("it wants {wanted_size}")));
            }
        }
        for (name, index) in [("weight", self.weight), ("bias", self.bias)] {
            let slot = Slot { name, operand: index.filter(|_| !self.def.is_layer()).map(|index| index + 1) };
            let cause = (Cause::Attribute("normalized_shape"), format!("it is {wanted}"));
            slot_shape(facts, self.def, inputs, slot, wanted, cause)?;
        }
        Ok(vec![input.clone()])
    }

    fn keeps(&self) -> Keeps {
        functional::keeps(1, self.weight)
    }

    /// 1 / √(variance + eps) of each row, behind the means if there are any.
    fn saved(&self, inputs: &[TensorType], _: &[TensorType]) -> Vec<TensorType> {
        let Some(input) = inputs.first() else { return Vec::new() };
        let count = input.shape.rank().saturating_sub(self.normalized_shape.rank());
        let rows = TensorType::float(input.shape.iter().take(count).cloned().collect::<Shape>());
        if self.centered { vec![rows.clone(), rows] } else { vec![rows] }
    }

    /// A square and a sum for the variance, a product; with a mean a sum and a difference for each of the two; weight and
    /// bias.
    fn flops(&self, inputs: &[TensorType], _: &[TensorType]) -> Dim {
        let centered = if self.centered { 3 } else { 0 };
        let each = 3 + centered + i64::from(self.weight.is_some()) + i64::from(self.bias.is_some());
        numel(inputs.get(..1).unwrap_or(&[])).mul(&Dim::from(each))
    }
}

impl<T: Real> Kernel<T> for RowNorm {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let cx = functional::forward(self.def, cx, 1);
        let ([x], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        let (weight, bias) = (slot(cx.slots, self.weight), slot(cx.slots, self.bias));
        let (mut means, scales) = match cx.saved {
            [means, scales] => (Some(means.floats().iter_mut()), scales.floats()),
            [scales] => (None, scales.floats()),
            _ => return Ok(()),
        };
        let (width, eps) = (self.width(x.shape), self.eps.unwrap_or(T::EPSILON.to_f64()));
        if width == 0 {
            scales.fill(T::zero());
            means.into_iter().flatten().for_each(|mean| *mean = T::zero());
            return Ok(());
        }
        let rows = x.floats().chunks_exact(width).zip(y.floats().chunks_exact_mut(width));
        for ((x, y), saved_scale) in rows.zip(scales) {
            let mean = if self.centered { reduce::sum(width, |index| x[index].to_f64()) / width as f64 } else { 0.0 };
            let square = |index: usize| (x[index].to_f64() - mean).powi(2);
            let variance = reduce::sum(width, square) / width as f64;
            let (mean, scale) = (T::from_f64(mean), T::from_f64(1.0 / (variance + eps).sqrt()));
            *saved_scale = scale;
            if let Some(saved_mean) = means.as_mut().and_then(Iterator::next) {
                *saved_mean = mean;
            }
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

    /// With x̂ = (x - mean) · scale and h = g · weight: dx = scale (h - E[h] - x̂ E[h x̂]), where E[h] stands only if there
    /// is a mean; dweight = Σ g x̂, dbias = Σ g.
    fn backward(&self, cx: Backward<T>) {
        let cx = functional::backward(self.def, cx, 1);
        let ([x], [grad]) = (cx.inputs, cx.grad_outputs) else { return };
        let (means, scales) = match cx.saved {
            [means, scales] => (means.floats(), scales.floats()),
            [scales] => (&[][..], scales.floats()),
            _ => return,
        };
        let (width, weight) = (self.width(x.shape), slot(cx.slots, self.weight));
        let (x, grad) = (x.floats(), grad.floats());
        if width == 0 {
            return;
        }
        let mean_of = |row: usize| if self.centered { means[row] } else { T::zero() };
        if let [Some(out)] = cx.grad_inputs {
            for (row, out) in out.chunks_exact_mut(width).enumerate() {
                let range = row * width..(row + 1) * width;
                let (x, grad, mean, scale) = (&x[range.clone()], &grad[range], mean_of(row), scales[row]);
                let h = |index: usize| weight.map_or(grad[index], |weight| grad[index] * weight[index]);
                let normal = |index: usize| (x[index] - mean) * scale;
                let mean_h =
                    if self.centered { reduce::sum(width, |index| h(index).to_f64()) / width as f64 } else { 0.0 };
                let mean_product = reduce::sum(width, |index| (h(index) * normal(index)).to_f64()) / width as f64;
                let (mean_h, mean_product) = (T::from_f64(mean_h), T::from_f64(mean_product));
                for (index, out) in out.iter_mut().enumerate() {
                    *out += scale * (h(index) - mean_h - normal(index) * mean_product);
                }
            }
        }
        let rows = grad.len() / width;
        if let Some(out) = grad_slot(cx.grad_slots, self.weight) {
            let product = |row: usize, column: usize| {
                let at = row * width + column;
                grad[at] * (x[at] - mean_of(row)) * scales[row]
            };
            reduce::add_columns(rows, product, out);
        }
        if let Some(out) = grad_slot(cx.grad_slots, self.bias) {
            reduce::add_columns(rows, |row, column| grad[row * width + column], out);
        }
    }
}
