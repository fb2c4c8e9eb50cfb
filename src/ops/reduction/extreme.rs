//! The greatest or the least element along axes: what `amax`, `amin`, and `max` and `min` without an axis have in common.
//! Equal elements share the gradient.

#![allow(clippy::indexing_slicing, reason = "a nest of loops stays inside the tensors that it was made of")]

use super::reduce::{Axes, not_empty};
use crate::ops::arithmetic::{Binary, Elementwise};
use crate::ops::contract::{Backward, DataError, Def, Forward, Keeps, Kernel, Op};
use crate::ops::shape_rules::{any_operand, numel};
use crate::ops::{Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Element, Facts, TensorType};
use crate::tensor::along::extremes;
use crate::tensor::nest::Nest;
use crate::tensor::order::Order;
use crate::tensor::reduce::for_each_block;
use crate::tensor::{Real, Slice, SliceMut};
use std::sync::Arc;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ops) enum Extreme {
    Greatest,
    Least,
}

impl Extreme {
    pub(in crate::ops) fn beats<E: Order>(self, x: E, other: E) -> bool {
        if self == Self::Greatest { x.is_above(other) } else { x.is_below(other) }
    }
}

/// The operator that gives it.
#[derive(Debug)]
pub(super) struct ExtremeAlong {
    def: &'static Def,
    extreme: Extreme,
    axes: Axes,
}

impl ExtremeAlong {
    #[allow(clippy::new_ret_no_self, reason = "only the contract of an operator is of use")]
    pub(super) fn new(def: &'static Def, extreme: Extreme, axes: Axes) -> Arc<dyn Op> {
        Arc::new(Self { def, extreme, axes })
    }

    fn forward<E: Order>(&self, nest: &Nest<2>, x: &[E], y: &mut [E]) {
        for_each_block(nest, 1, |block| {
            let better =
                |best: E, _: usize, [i, _]: [usize; 2]| if self.extreme.beats(x[i], best) { x[i] } else { best };
            let found = block.fold(|column| x[block.at(0, column)], better);
            for (column, found) in found.iter().take(block.length).enumerate() {
                y[block.at(1, column)] = *found;
            }
        });
    }
}

impl Op for ExtremeAlong {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn infer(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = any_operand(self.def, inputs, 0)?;
        Ok(vec![TensorType::new(input.element, self.axes.shape(self.def, input)?)])
    }

    fn keeps(&self) -> Keeps {
        Keeps { outputs: true, ..Keeps::INPUTS }
    }

    fn flops(&self, inputs: &[TensorType], _: &[TensorType]) -> Dim {
        numel(inputs)
    }
}

impl<T: Real> Kernel<T> for ExtremeAlong {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        let results = y.shape.iter().product();
        not_empty(x, results)?;
        if results == 0 {
            return Ok(());
        }
        let lanes = self.axes.lanes(x.shape);
        if let (Slice::Float(x), SliceMut::Float(y), Some(lanes)) = (x.data, &mut y.data, lanes) {
            match self.extreme {
                Extreme::Greatest => extremes::<T, false>(x, lanes, y),
                Extreme::Least => extremes::<T, true>(x, lanes, y),
            }
            return Ok(());
        }
        let nest = self.axes.nest(x.shape);
        match (x.data, &mut y.data) {
            (Slice::Float(x), SliceMut::Float(y)) => self.forward(&nest, x, y),
            (Slice::Int(x), SliceMut::Int(y)) => self.forward(&nest, x, y),
            (Slice::Bool(x), SliceMut::Bool(y)) => self.forward(&nest, x, y),
            _ => {}
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let ([x], [y]) = (cx.inputs, cx.outputs) else { return };
        if let ([grad], [Some(out)]) = (cx.grad_outputs, cx.grad_inputs) {
            share(&self.axes.nest(x.shape), x.floats(), y.floats(), grad.floats(), out);
        }
    }
}

/// dxᵢ = g / n for the `n` elements that equal the result, else 0.
pub(in crate::ops) fn share<T: Real>(nest: &Nest<2>, x: &[T], y: &[T], grad: &[T], out: &mut [T]) {
    let equal = |x: T, y: T| x == y || (Real::is_nan(x) && Real::is_nan(y));
    for_each_block(nest, 1, |block| {
        let counts = block.sums(|_, [i, j]| f64::from(u8::from(equal(x[i], y[j]))));
        block.for_each(|column, [i, j]| {
            if equal(x[i], y[j]) {
                out[i] += grad[j] / T::from_f64(counts[column]);
            }
        });
    });
}

/// The greater or smaller of two elements under a name that is that of a reduction too.
pub(super) fn of_two(def: &'static Def, function: impl Binary) -> Arc<dyn Op> {
    Arc::new(OfTwo(Elementwise::new(def, function)))
}

#[derive(Debug)]
struct OfTwo(Arc<dyn Op>);

impl Op for OfTwo {
    fn def(&self) -> &'static Def {
        self.0.def()
    }

    /// A whole number beside a tensor is meant to be an axis.
    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        if let [input, other] = inputs
            && (other.element, other.shape.rank()) == (Element::Int, 0)
            && input.shape.rank() > 0
        {
            let name = self.def().name;
            let message =
                format!("`{name}` of {input} and an int scalar may be meant along an axis or for each element");
            return Err(ShapeError::new(ShapeErrorKind::Axis, message)
                .cause(Cause::Operand(1), "this is int[]")
                .help(format!("along an axis it is `{name}(x, dim=…)`, for each element `{name}imum(x, …)`")));
        }
        self.0.infer(facts, inputs)
    }

    fn keeps(&self) -> Keeps {
        self.0.keeps()
    }
}

impl<T> Kernel<T> for OfTwo
where
    dyn Op: Kernel<T>,
{
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        Kernel::<T>::forward(&*self.0, cx)
    }

    fn backward(&self, cx: Backward<T>) {
        Kernel::<T>::backward(&*self.0, cx);
    }
}
