//! What `LayerNorm` and `RMSNorm` have in common, and the functions beside them: the last axes together are a row, and
//! each row is scaled by what its own elements are. Their files say how they are written.

#![allow(clippy::indexing_slicing, reason = "rows and their elements are counted from the sizes of the slices")]

use super::contract::{Backward, DataError, Def, Forward, Keeps, Kernel, Op, SlotKind, SlotSpec};
use super::functional::{self, Slot, grad_slot, slot, slot_shape};
use super::shape_rules::{axes, float_input, numel};
use super::{AttributeError, Attributes, Cause, Init, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Facts, Shape, TensorType};
use crate::tensor::{Real, reduce};
use std::ops::Range;

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
            let mean = if self.centered { reduce::sums_of([x], |[x]| [x])[0] / width as f64 } else { 0.0 };
            let mean = T::from_f64(mean);
            let [squares] = reduce::sums_of([x], |[x]| [(x - mean) * (x - mean)]);
            let scale = T::from_f64(1.0 / (squares / width as f64 + eps).sqrt());
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
                let row = Row { x: &x[range.clone()], grad: &grad[range], mean: mean_of(row), scale: scales[row] };
                row.grad(weight, self.centered, out);
            }
        }
        let rows = grad.len() / width;
        let range = |row: usize, columns: &Range<usize>| row * width + columns.start..row * width + columns.end;
        if let Some(out) = grad_slot(cx.grad_slots, self.weight) {
            let add = |row: usize, columns: Range<usize>, sums: &mut [f64]| {
                let (mean, scale, range) = (mean_of(row), scales[row], range(row, &columns));
                for ((sum, &grad), &x) in sums.iter_mut().zip(&grad[range.clone()]).zip(&x[range]) {
                    *sum += (grad * (x - mean) * scale).to_f64();
                }
            };
            reduce::add_rows(rows, add, out);
        }
        if let Some(out) = grad_slot(cx.grad_slots, self.bias) {
            let add = |row: usize, columns: Range<usize>, sums: &mut [f64]| {
                sums.iter_mut().zip(&grad[range(row, &columns)]).for_each(|(sum, grad)| *sum += grad.to_f64());
            };
            reduce::add_rows(rows, add, out);
        }
    }
}

/// What the gradient of a row is made of.
struct Row<'a, T> {
    x: &'a [T],
    grad: &'a [T],
    mean: T,
    scale: T,
}

impl<T: Real> Row<'_, T> {
    /// Adds the gradient of the row.
    fn grad(&self, weight: Option<&[T]>, centered: bool, out: &mut [T]) {
        let &Self { x, grad, mean, scale } = self;
        let normal = |x: T| (x - mean) * scale;
        let [sum_h, sum_product] = match weight {
            Some(weight) => reduce::sums_of([x, grad, weight], |[x, grad, weight]| {
                let h = grad * weight;
                [h, h * normal(x)]
            }),
            None => reduce::sums_of([x, grad], |[x, grad]| [grad, grad * normal(x)]),
        };
        let mean_of = |sum: f64| T::from_f64(sum / x.len() as f64);
        let (mean_h, mean_product) = (if centered { mean_of(sum_h) } else { T::zero() }, mean_of(sum_product));
        let add = |out: &mut T, h: T, x: T| *out += scale * (h - mean_h - normal(x) * mean_product);
        let each = out.iter_mut().zip(x).zip(grad);
        match weight {
            Some(weight) => each.zip(weight).for_each(|(((out, &x), &grad), &weight)| add(out, grad * weight, x)),
            None => each.for_each(|((out, &x), &grad)| add(out, grad, x)),
        }
    }
}
