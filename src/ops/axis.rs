//! Axes as users give them, counted from the front or, if negative, from the end.

use super::{Cause, ShapeError, ShapeErrorKind};
use crate::shape::TensorType;

/// The index of the axis `dim` of an operand, counted from the front. `attribute` is the name of what gave it.
#[allow(dead_code, reason = "operators that take axes follow")]
pub(super) fn axis(input: &TensorType, operand: usize, dim: i64, attribute: &'static str) -> Result<usize, ShapeError> {
    let rank = input.shape.rank();
    // As in PyTorch, a scalar is taken to have one axis.
    let axes = i64::try_from(rank.max(1)).unwrap_or(i64::MAX);
    if (-axes..axes).contains(&dim) {
        return Ok(usize::try_from(dim.rem_euclid(axes)).unwrap_or(0));
    }
    let message = format!("there is no axis {dim} in {input}");
    Err(ShapeError::new(ShapeErrorKind::Axis, message)
        .cause(Cause::Attribute(attribute), format!("`{attribute}` is {dim}"))
        .cause(Cause::Operand(operand), format!("this is {input}, with axes {} to {}", -axes, axes - 1)))
}
