//! What losses of classification have in common: on which axis the classes stand, and which shapes targets and weights
//! of classes have.

use crate::ops::axis::{axis, axis_of, without};
use crate::ops::contract::{DataError, Def};
use crate::ops::shape_rules::{axes, operand_of};
use crate::ops::{Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Element, Facts, Shape, TensorType};
use crate::tensor::{View, place};

/// The axis of the classes. A single axis is it, whatever the default says.
pub(super) fn class_axis(dim: i64, rank: usize) -> Option<usize> {
    if rank == 1 && dim == 1 { Some(0) } else { axis(dim, rank) }
}

/// The remedy where targets have an axis more than numbers of classes have.
pub(super) const NUMBERS: &str = "targets are numbers of classes, without an axis for them";

pub(super) fn wanted_class_axis(def: &Def, dim: i64, input: &TensorType) -> Result<usize, ShapeError> {
    class_axis(dim, input.shape.rank()).map_or_else(|| axis_of(def, "dim", dim, 0, input), Ok)
}

/// Targets that are classes: the input's shape without the axis of the classes. `surplus` is the remedy where they have
/// an axis more.
pub(super) fn class_targets(
    facts: &mut Facts,
    def: &Def,
    axis: usize,
    [input, target]: [&TensorType; 2],
    surplus: &str,
) -> Result<Shape, ShapeError> {
    let wanted = without(&input.shape, axis);
    let differs = if wanted.rank() == target.shape.rank() {
        wanted.iter().zip(target.shape.iter()).position(|(x, y)| !facts.equal(x, y))
    } else {
        Some(usize::MAX)
    };
    let Some(at) = differs else { return Ok(wanted) };
    let found = &target.shape;
    let message = format!("`{}` of {input} wants targets int{wanted}, and gets {target}", def.name);
    let mut error = if at == usize::MAX {
        ShapeError::new(ShapeErrorKind::Rank, message)
            .cause(Cause::Operand(1), format!("this has {}", axes(found.rank())))
            .cause(Cause::Operand(0), format!("without axis {axis}, the classes, this has {}", axes(wanted.rank())))
    } else {
        let dim = |shape: &Shape| shape.get(at).cloned().unwrap_or(Dim::ONE);
        let input_axis = if at < axis { at } else { at + 1 };
        ShapeError::new(ShapeErrorKind::Mismatch, message)
            .cause(Cause::Axis { operand: 1, axis: at }, format!("axis {at} of the target is {}", dim(found)))
            .cause(Cause::Axis { operand: 0, axis: input_axis }, format!("axis {input_axis} is {}", dim(&wanted)))
    };
    let has_dim = def.attribute("dim").is_some();
    if at != usize::MAX && has_dim {
        error = error.cause(Cause::Attribute("dim"), format!("the classes are on axis {axis}"));
    }
    error.help = other_axis(facts, axis, &input.shape, found)
        .filter(|_| has_dim)
        .or_else(|| (found.rank() == input.shape.rank()).then(|| surplus.to_owned()));
    Err(error)
}

fn is_same(facts: &Facts, a: &Shape, b: &Shape) -> bool {
    a.rank() == b.rank() && a.iter().zip(b.iter()).all(|(x, y)| facts.is_equal(x, y))
}

/// Which other axis the classes would have to be on.
fn other_axis(facts: &Facts, axis: usize, input: &Shape, target: &Shape) -> Option<String> {
    let rank = input.rank();
    let other = (0..rank).rev().find(|other| *other != axis && is_same(facts, &without(input, *other), target))?;
    let dim = if other + 1 == rank { -1 } else { other as i64 };
    Some(format!("`dim={dim}` says that the classes are on axis {other}"))
}

/// A factor for each class, if the third operand is there.
pub(super) fn class_weight(facts: &mut Facts, def: &Def, inputs: &[TensorType], axis: usize) -> Result<(), ShapeError> {
    let (Some(input), Some(weight)) = (inputs.first(), inputs.get(2)) else { return Ok(()) };
    let classes = input.shape.get(axis).cloned().unwrap_or(Dim::ONE);
    operand_of(def, inputs, 2, Element::Float)?;
    if weight.shape.rank() == 1 && weight.shape.iter().all(|size| facts.equal(&classes, size)) {
        return Ok(());
    }
    let message = format!("`{}` wants a weight [{classes}], and gets {weight}", def.name);
    Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
        .cause(Cause::Operand(2), format!("this is {weight}"))
        .cause(Cause::Axis { operand: 0, axis }, format!("there are {classes} classes")))
}

/// A target that is none of the classes, and where it stands.
pub(super) fn class_error(targets: (&[usize], usize), class: i64, classes: usize) -> DataError {
    let at = place(targets.0, targets.1);
    let wrong =
        if class < 0 { "is negative".to_owned() } else { format!("is not below {classes}, the number of classes") };
    DataError { operand: 1, message: format!("class {class}{at} {wrong}") }
}

/// Every target is a class, or ignored.
pub(super) fn check_classes<T>(target: &View<'_, T>, classes: usize, ignored: Option<i64>) -> Result<(), DataError> {
    for (at, &class) in target.ints().iter().enumerate() {
        if Some(class) != ignored && usize::try_from(class).map_or(true, |class| class >= classes) {
            return Err(class_error((target.shape, at), class, classes));
        }
    }
    Ok(())
}
