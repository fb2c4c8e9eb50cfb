//! What operators that look elements up by an int tensor have in common: the loops over the three tensors, and the shape
//! rules of their indices.

use crate::ops::axis::axis;
use crate::ops::contract::{DataError, Def};
use crate::ops::embedding::index_error;
use crate::ops::shape_rules::{any_operand, axes, operand_of};
use crate::ops::{Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Element, Facts, TensorType};
use crate::tensor::View;
use crate::tensor::nest::{Nest, Steps, broadcast_steps, dense_steps};

/// The elements that are read or written: in the table, on whose axis the indices are; in the indices; and in the
/// tensor of values that come from the table or go there.
pub(super) struct Lookup {
    nest: Nest<3>,
    /// The distance of neighbours on the axis of the table.
    step: usize,
}

impl Lookup {
    /// An index for every value: `values` has the shape of the indices, or a single element.
    pub(super) fn of_each(table: &[usize], axis: usize, indices: &[usize], values: &[usize]) -> Self {
        let mut steps = dense_steps(table);
        let value_steps = if values.is_empty() { Steps::from_elem(0, indices.len()) } else { dense_steps(values) };
        let step = std::mem::take(steps.get_mut(axis).unwrap_or(&mut 0));
        Self { nest: Nest::new(indices, [&steps, &dense_steps(indices), &value_steps]), step }
    }

    /// As `of_each`, but that table and indices are broadcast to the shape of the values, except on the axis.
    pub(super) fn broadcast(table: &[usize], axis: usize, indices: &[usize], values: &[usize]) -> Self {
        // On the axis the table isn't walked along.
        let mut walked = Steps::from_slice(values);
        if let (Some(own), Some(size)) = (walked.get_mut(axis), table.get(axis)) {
            *own = *size;
        }
        let mut steps = broadcast_steps(table, &walked);
        if let Some(step) = steps.get_mut(axis) {
            *step = 0;
        }
        let step = dense_steps(table).get(axis).copied().unwrap_or(0);
        Self { nest: Nest::new(values, [&steps, &broadcast_steps(indices, values), &dense_steps(values)]), step }
    }

    /// One index for all values that have the same place on the axis.
    pub(super) fn of_slices(table: &[usize], axis: usize, values: &[usize]) -> Self {
        let mut steps = dense_steps(table);
        let step = std::mem::take(steps.get_mut(axis).unwrap_or(&mut 0));
        let along = values.iter().enumerate().map(|(other, _)| usize::from(other == axis)).collect::<Steps>();
        Self { nest: Nest::new(values, [&steps, &along, &dense_steps(values)]), step }
    }

    /// `visit(place in the table, place among the values)` for every value. The indices have been checked.
    #[allow(clippy::indexing_slicing, reason = "a nest of loops stays inside the tensors that it was made of")]
    pub(super) fn for_each(&self, indices: &[i64], mut visit: impl FnMut(usize, usize)) {
        self.nest.for_each_run(|[table, index, value], length, [along, next, step]| {
            if next == 0 {
                let table = table + indices[index] as usize * self.step;
                (0..length).for_each(|at| visit(table + at * along, value + at * step));
            } else {
                for at in 0..length {
                    let picked = indices[index + at * next] as usize * self.step;
                    visit(table + at * along + picked, value + at * step);
                }
            }
        });
    }
}

/// Every index must be one of `bound`.
pub(in crate::ops) fn check<T>(operand: usize, indices: &View<'_, T>, bound: usize) -> Result<(), DataError> {
    let outside = |index: &i64| usize::try_from(*index).map_or(true, |index| index >= bound);
    match indices.ints().iter().position(outside) {
        Some(at) => {
            let index = indices.ints().get(at).copied().unwrap_or(0);
            Err(index_error(operand, (indices.shape, at), index, bound))
        }
        None => Ok(()),
    }
}

/// The size of the axis that the indices are on.
pub(super) fn bound(shape: &[usize], axis: usize) -> usize {
    shape.get(axis).copied().unwrap_or(0)
}

/// `Op::index_bound` of an operator whose second operand holds indices on the axis `dim` of the first.
pub(super) fn index_bound(dim: i64, operand: usize, inputs: &[TensorType]) -> Option<Dim> {
    let shape = &inputs.first().filter(|_| operand == 1)?.shape;
    shape.get(axis(dim, shape.rank())?).cloned()
}

/// Indices with the axes of the table, and no longer than it or `values` on the axes other than `axis`.
pub(super) fn index_of<'a>(
    def: &Def,
    facts: &mut Facts,
    inputs: &'a [TensorType],
    axis: usize,
) -> Result<&'a TensorType, ShapeError> {
    let table = any_operand(def, inputs, 0)?;
    let index = operand_of(def, inputs, 1, Element::Int)?;
    fits(def, facts, [(0, table), (1, index)], Some(axis))?;
    Ok(index)
}

/// The second operand has as many axes as the first.
pub(in crate::ops) fn same_axes(
    def: &Def,
    [(at, outer), (other, inner)]: [(usize, &TensorType); 2],
) -> Result<(), ShapeError> {
    let (name, a, b) = (def.name, &outer.shape, &inner.shape);
    if a.rank() == b.rank() {
        return Ok(());
    }
    let (outer, inner) = (parameter(def, at), parameter(def, other));
    let message = format!("`{name}` wants `{inner}` with the axes of `{outer}`, and gets {b} for {a}");
    Err(ShapeError::new(ShapeErrorKind::Rank, message)
        .cause(Cause::Operand(other), format!("this has {}", axes(b.rank())))
        .cause(Cause::Operand(at), format!("this has {}", axes(a.rank()))))
}

/// The second operand has the axes of the first, and is no longer than it, except on `axis`.
pub(super) fn fits(
    def: &Def,
    facts: &mut Facts,
    [(at, outer), (other, inner)]: [(usize, &TensorType); 2],
    axis: Option<usize>,
) -> Result<(), ShapeError> {
    same_axes(def, [(at, outer), (other, inner)])?;
    let (name, a, b) = (def.name, &outer.shape, &inner.shape);
    let (outer, inner) = (parameter(def, at), parameter(def, other));
    for (place, (x, y)) in a.iter().zip(b.iter()).enumerate() {
        if Some(place) != axis && !facts.at_most(y, x) {
            let message = format!("`{name}` wants `{inner}` no longer than `{outer}`, and gets {b} for {a}");
            return Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
                .cause(Cause::Axis { operand: other, axis: place }, format!("axis {place} of `{inner}` is {y}"))
                .cause(Cause::Axis { operand: at, axis: place }, format!("axis {place} of `{outer}` is {x}")));
        }
    }
    Ok(())
}

/// Indices along one axis: a vector, or a single one. How many there are.
pub(super) fn index_vector(def: &Def, inputs: &[TensorType]) -> Result<Dim, ShapeError> {
    let index = operand_of(def, inputs, 1, Element::Int)?;
    match &*index.shape {
        [] => Ok(Dim::ONE),
        [count] => Ok(count.clone()),
        shape => {
            let message = format!("`{}` wants a vector of indices, int[n], and gets {index}", def.name);
            Err(ShapeError::new(ShapeErrorKind::Rank, message)
                .cause(Cause::Operand(1), format!("this has {}", axes(shape.len()))))
        }
    }
}

/// The name of an operand.
fn parameter(def: &Def, operand: usize) -> &'static str {
    def.parameters.iter().filter(|parameter| !parameter.is_attribute()).nth(operand).map_or("", |one| one.name)
}
