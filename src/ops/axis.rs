//! Axes as attributes name them: negative ones count from the end.

use super::contract::Def;
use super::{Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Shape, TensorType};

/// The axis that `dim` names in a tensor with `rank` axes.
pub(super) fn axis(dim: i64, rank: usize) -> Option<usize> {
    let rank = i64::try_from(rank).ok()?;
    let axis = if dim < 0 { dim.checked_add(rank)? } else { dim };
    (0..rank).contains(&axis).then_some(axis as usize)
}

/// The axis that the attribute of this name has chosen in an operand.
pub(super) fn axis_of(
    def: &Def,
    attribute: &'static str,
    dim: i64,
    operand: usize,
    input: &TensorType,
) -> Result<usize, ShapeError> {
    let rank = input.shape.rank();
    axis(dim, rank).ok_or_else(|| {
        let allowed = match rank {
            0 => "a scalar has none".to_owned(),
            1 => "the only one is 0, or -1".to_owned(),
            _ => format!("they are 0 to {}, or -{rank} to -1", rank - 1),
        };
        let message = format!("`{}` along axis {dim}, which {} hasn't got", def.name, input.shape);
        ShapeError::new(ShapeErrorKind::Axis, message)
            .cause(Cause::Attribute(attribute), format!("`{attribute}` is {dim}"))
            .cause(Cause::Operand(operand), format!("this is {input}"))
            .help(format!("axes count from 0, or from the end: {allowed}"))
    })
}

/// The place of the axis that the attribute of this name inserts into an operand.
pub(super) fn new_axis_of(
    def: &Def,
    attribute: &'static str,
    dim: i64,
    operand: usize,
    input: &TensorType,
) -> Result<usize, ShapeError> {
    let rank = input.shape.rank() + 1;
    axis(dim, rank).ok_or_else(|| {
        let message = format!("`{}` can't make an axis {dim} of {}", def.name, input.shape);
        let allowed = if rank == 1 { "0, or -1".to_owned() } else { format!("0 to {}, or -{rank} to -1", rank - 1) };
        ShapeError::new(ShapeErrorKind::Axis, message)
            .cause(Cause::Attribute(attribute), format!("`{attribute}` is {dim}"))
            .cause(Cause::Operand(operand), format!("this is {input}"))
            .help(format!("the result's axes count from 0, or from the end: {allowed}"))
    })
}

/// The axes that a list names, each once, in increasing order.
pub(super) fn axes_of(
    def: &Def,
    attribute: &'static str,
    dims: &[i64],
    input: &TensorType,
) -> Result<Vec<usize>, ShapeError> {
    let mut axes = axes_in_order(def, attribute, dims, input)?;
    axes.sort_unstable();
    Ok(axes)
}

/// The axes that a list names, each once, in its order.
pub(super) fn axes_in_order(
    def: &Def,
    attribute: &'static str,
    dims: &[i64],
    input: &TensorType,
) -> Result<Vec<usize>, ShapeError> {
    let mut axes = Vec::new();
    for &dim in dims {
        let axis = axis_of(def, attribute, dim, 0, input)?;
        if axes.contains(&axis) {
            let message = format!("`{}` names axis {axis} of {} twice", def.name, input.shape);
            return Err(ShapeError::new(ShapeErrorKind::Axis, message)
                .cause(Cause::Attribute(attribute), format!("the second time as {dim}")));
        }
        axes.push(axis);
    }
    Ok(axes)
}

/// The shape without an axis.
pub(super) fn without(shape: &[Dim], axis: usize) -> Shape {
    shape.iter().enumerate().filter(|(other, _)| *other != axis).map(|(_, dim)| dim.clone()).collect()
}
