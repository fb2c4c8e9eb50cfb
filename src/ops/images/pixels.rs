//! Channels that become pixels, and pixels that become channels: what both ways share.

use crate::ops::contract::{Backward, DataError, Def, Forward, Keeps, Kernel, Op};
use crate::ops::shape_rules::{any_operand, axes};
use crate::ops::{AttributeError, Attributes, Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Facts, TensorType};
use crate::tensor::nest::{Nest, dense_steps};
use crate::tensor::{Real, Slice, SliceMut};
use std::sync::Arc;

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// `[..., C·r², H, W] -> [..., C, H·r, W·r]`
    Up,
    /// `[..., C, H·r, W·r] -> [..., C·r², H, W]`
    Down,
}

#[derive(Debug)]
pub(super) struct Shuffle {
    def: &'static Def,
    way: Way,
    factor: Dim,
    /// The attribute that holds it.
    name: &'static str,
}

impl Shuffle {
    pub(super) fn build(
        def: &'static Def,
        way: Way,
        name: &'static str,
        attributes: &Attributes,
    ) -> Result<Arc<dyn Op>, AttributeError> {
        let factor = attributes.size(name)?;
        match factor.as_const() {
            Some(value) if value < 1 => {
                Err(AttributeError::new(name, format!("`{name}` must be at least 1, and is {value}")))
            }
            _ => Ok(Arc::new(Self { def, way, factor, name })),
        }
    }

    /// The size of an axis divided by the factor or its square.
    fn divided(&self, facts: &mut Facts, input: &TensorType, axis: usize, divisor: &Dim) -> Result<Dim, ShapeError> {
        let size = input.shape.get(axis).cloned().unwrap_or(Dim::ONE);
        if facts.divides(divisor, &size) {
            return Ok(size.exact_div(divisor).unwrap_or_else(|| size.floor_div(divisor)));
        }
        let name = self.def.name;
        let message = format!("`{name}` wants a multiple of {divisor} along axis {axis}, and gets {size}");
        let mut error = ShapeError::new(ShapeErrorKind::Mismatch, message)
            .cause(Cause::Axis { operand: 0, axis }, format!("axis {axis} of {} is {size}", input.shape))
            .cause(Cause::Attribute(self.name), format!("it is {}", self.factor));
        let below = size.floor_div(divisor).mul(divisor);
        error.help = Some(match below.as_const() {
            Some(0) | None => format!("{} would fit", below.add(divisor)),
            Some(_) => format!("{below} or {} would fit", below.add(divisor)),
        });
        Err(error)
    }

    /// Calls `pair(small, large)` for every element of the tensor with more channels and of that with more pixels.
    fn for_each(&self, small: &[usize], large: &[usize], mut pair: impl FnMut(usize, usize)) {
        let ([.., height, width], [outer @ .., _, _]) = (small, large) else { return };
        let Some(r) = self.factor.as_const().and_then(|factor| usize::try_from(factor).ok()) else { return };
        let plane = height * width;
        let shape = [outer.iter().product(), *height, r, *width, r];
        let steps = [r * r * plane, *width, r * plane, 1, plane];
        Nest::new(&shape, [&steps, &dense_steps(&shape)]).for_each_run(|[small, large], length, [near, far]| {
            (0..length).for_each(|index| pair(small + index * near, large + index * far));
        });
    }
}

impl Op for Shuffle {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = any_operand(self.def, inputs, 0)?;
        let rank = input.shape.rank();
        let Some(channels) = rank.checked_sub(3) else {
            let message = format!("`{}` wants [..., C, H, W], and gets {}", self.def.name, input.shape);
            return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                .cause(Cause::Operand(0), format!("this has {}", axes(rank))));
        };
        let (factor, square) = (&self.factor, self.factor.mul(&self.factor));
        let mut output = input.clone();
        for (axis, size) in output.shape.iter_mut().enumerate().skip(channels) {
            *size = match (self.way, axis == channels) {
                (Way::Up, true) => self.divided(facts, input, axis, &square)?,
                (Way::Down, false) => self.divided(facts, input, axis, factor)?,
                (Way::Up, false) => size.mul(factor),
                (Way::Down, true) => size.mul(&square),
            };
        }
        Ok(vec![output])
    }

    fn keeps(&self) -> Keeps {
        Keeps::NOTHING
    }

    fn flops(&self, _: &[TensorType], _: &[TensorType]) -> Dim {
        Dim::ZERO
    }
}

#[allow(clippy::indexing_slicing, reason = "a nest of loops stays inside the tensors that it was made of")]
impl<T: Real> Kernel<T> for Shuffle {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        let shapes = (x.shape, y.shape);
        match (x.data, &mut y.data) {
            (Slice::Float(x), SliceMut::Float(y)) => self.copy(shapes, x, y),
            (Slice::Int(x), SliceMut::Int(y)) => self.copy(shapes, x, y),
            (Slice::Bool(x), SliceMut::Bool(y)) => self.copy(shapes, x, y),
            _ => {}
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let ([x], [grad], [Some(out)]) = (cx.inputs, cx.grad_outputs, cx.grad_inputs) else { return };
        let data = grad.floats();
        match self.way {
            Way::Up => self.for_each(x.shape, grad.shape, |small, large| out[small] += data[large]),
            Way::Down => self.for_each(grad.shape, x.shape, |small, large| out[large] += data[small]),
        }
    }
}

impl Shuffle {
    #[allow(clippy::indexing_slicing, reason = "a nest of loops stays inside the tensors that it was made of")]
    fn copy<E: Copy>(&self, (from, to): (&[usize], &[usize]), x: &[E], y: &mut [E]) {
        match self.way {
            Way::Up => self.for_each(from, to, |small, large| y[large] = x[small]),
            Way::Down => self.for_each(to, from, |small, large| y[small] = x[large]),
        }
    }
}
