//! What `LayerNorm` and `RMSNorm` have in common, and the functions beside them: the last axes together are a row, and
//! each row is scaled by what its own elements are. Their files say how they are written.

use crate::ops::contract::{Backward, DataError, Def, Forward, Grads, Keeps, Kernel, Op, SlotKind, SlotSpec};
use crate::ops::functional::{self, Slot, grad_slots, slot, slot_shape};
use crate::ops::shape_rules::{axes, float_input, numel};
use crate::ops::{AttributeError, Attributes, Cause, Init, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Facts, Shape, TensorType};
use crate::tensor::Real;
use crate::tensor::norm::{Kept, Rows};

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

    fn writes(&self) -> Grads {
        Grads::input(0)
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
        let (means, scales) = match cx.saved {
            [means, scales] => (means.floats(), scales.floats()),
            [scales] => (&mut [][..], scales.floats()),
            _ => return Ok(()),
        };
        let width = self.width(x.shape);
        if width == 0 {
            scales.fill(T::zero());
            means.fill(T::zero());
        } else {
            self.kernel(width, weight, bias).forward(x.floats(), y.floats(), means, scales);
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let cx = functional::backward(self.def, cx, 1);
        let ([x], [grad]) = (cx.inputs, cx.grad_outputs) else { return };
        let (means, scales) = match cx.saved {
            [means, scales] => (means.floats(), scales.floats()),
            [scales] => (&[][..], scales.floats()),
            _ => return,
        };
        let (width, weight) = (self.width(x.shape), slot(cx.slots, self.weight));
        if width == 0 {
            return;
        }
        let (kernel, grad) = (self.kernel(width, weight, None), grad.floats());
        let kept = Kept { x: x.floats(), means, scales };
        if let [Some(out)] = cx.grad_inputs {
            kernel.input_grad(kept, grad, out, cx.fresh.has_input(0));
        }
        let slots = grad_slots(cx.grad_slots, [self.weight, self.bias]);
        if slots.iter().any(Option::is_some) {
            kernel.add_slot_grads(kept, grad, slots.map(Option::unwrap_or_default));
        }
    }
}

impl RowNorm {
    fn kernel<'a, T: Real>(&self, width: usize, weight: Option<&'a [T]>, bias: Option<&'a [T]>) -> Rows<'a, T> {
        let eps = self.eps.unwrap_or(T::EPSILON.to_f64());
        Rows { width, eps, centered: self.centered, weight, bias }
    }
}
