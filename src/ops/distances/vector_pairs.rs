//! Functions of two vectors, along an axis of two tensors that broadcast: `cosine_similarity`, `pairwise_distance` and
//! `cdist`. Their files give the function of one pair; loops stand here.

use super::p_norm::PNorm;
use crate::ops::axis::axis;
use crate::ops::contract::Def;
use crate::ops::shape_rules::{broadcast, broadcast_error, operand_of};
use crate::ops::{Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Element, Facts, Shape, TensorType};
use crate::tensor::Real;
use crate::tensor::nest::{Nest, Steps, broadcast_steps, dense_steps};

/// Where the elements of two vectors stand, and where what is made of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    pub(super) length: usize,
    starts: [usize; 2],
    steps: [usize; 2],
    pub(super) result: usize,
}

impl Pair {
    /// The place of an element in the first tensor.
    pub(super) fn first(&self, index: usize) -> usize {
        self.starts[0] + index * self.steps[0]
    }

    /// The place of an element in the second tensor.
    pub(super) fn second(&self, index: usize) -> usize {
        self.starts[1] + index * self.steps[1]
    }

    /// The norm of these differences.
    pub(super) fn distance(&self, p: PNorm, difference: impl Fn(usize) -> f64) -> f64 {
        p.of(self.length, difference).value
    }

    /// Adds the gradients of both vectors, from that of the norm of their differences.
    #[allow(clippy::indexing_slicing, reason = "a pair of vectors stays inside the tensors that it was made of")]
    pub(super) fn add_slopes<T: Real>(
        &self,
        p: PNorm,
        difference: impl Fn(usize) -> f64,
        grad: T,
        [first, second]: [&mut Option<&mut [T]>; 2],
    ) {
        let norm = p.of(self.length, &difference);
        for index in 0..self.length {
            let slope = grad * T::from_f64(p.slope(difference(index), norm));
            if let Some(out) = first {
                out[self.first(index)] += slope;
            }
            if let Some(out) = second {
                out[self.second(index)] -= slope;
            }
        }
    }
}

/// The shape that both operands broadcast to, which must have the axis.
pub(super) fn shape(
    facts: &mut Facts,
    def: &Def,
    inputs: &[TensorType],
    (dim, attribute): (i64, Option<&'static str>),
) -> Result<(Shape, usize), ShapeError> {
    let [a, b] = [operand_of(def, inputs, 0, Element::Float)?, operand_of(def, inputs, 1, Element::Float)?];
    let shape = broadcast(facts, &a.shape, &b.shape).map_err(|back| broadcast_error(facts, def, [a, b], back))?;
    let Some(axis) = axis(dim, shape.rank()) else {
        let message = format!("`{}` along axis {dim}, which {shape} hasn't got", def.name);
        let mut error = ShapeError::new(ShapeErrorKind::Axis, message);
        if let Some(attribute) = attribute {
            error = error.cause(Cause::Attribute(attribute), format!("`{attribute}` is {dim}"));
        }
        return Err(error
            .cause(Cause::Operand(0), format!("this is {a}"))
            .cause(Cause::Operand(1), format!("this is {b}")));
    };
    Ok((shape, axis))
}

/// Calls `visit` for each pair of vectors.
pub(super) fn for_each(a: &[usize], b: &[usize], dim: i64, mut visit: impl FnMut(Pair)) {
    let rank = a.len().max(b.len());
    let Some(axis) = axis(dim, rank) else { return };
    let size = |shape: &[usize], axis: usize| {
        (axis + shape.len()).checked_sub(rank).and_then(|axis| shape.get(axis)).copied().unwrap_or(1)
    };
    let mut shape: Steps =
        (0..rank).map(|axis| if size(a, axis) == 1 { size(b, axis) } else { size(a, axis) }).collect();
    let mut steps = [a, b].map(|operand| broadcast_steps(operand, &shape));
    let length = shape.remove(axis);
    let along = steps.each_mut().map(|steps| steps.remove(axis));
    let [first, second] = &steps;
    let nest = Nest::new(&shape, [first, second, &dense_steps(&shape)]);
    nest.for_each_run(|[i, j, k], count, [step_a, step_b, step]| {
        for index in 0..count {
            let starts = [i + index * step_a, j + index * step_b];
            visit(Pair { length, starts, steps: along, result: k + index * step });
        }
    });
}
