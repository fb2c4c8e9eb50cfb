//! Shape rules of attention: heads that broadcast or are shared, and masks of scores.

use crate::ops::contract::Def;
use crate::ops::shape_rules::{any_operand, axes, broadcast};
use crate::ops::{Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Element, Facts, Shape, TensorType};

/// What stands before the two axes of a matrix, and these.
pub(super) fn split<D>(shape: &[D]) -> Option<(&[D], &[D; 2])> {
    shape.split_last_chunk::<2>()
}

/// The axis of an operand that is the `back`-th from the end, and its size.
fn from_the_end(inputs: &[TensorType], operand: usize, back: usize) -> Option<(usize, &Dim)> {
    let shape = &inputs.get(operand)?.shape;
    let axis = shape.rank().checked_sub(back)?;
    Some((axis, shape.get(axis)?))
}

/// An error about the axes of two operands that are the `back`-th from the end.
fn clash(inputs: &[TensorType], operands: [usize; 2], back: usize, message: String) -> ShapeError {
    let mut error = ShapeError::new(ShapeErrorKind::Mismatch, message);
    for operand in operands.into_iter().rev() {
        if let Some((axis, size)) = from_the_end(inputs, operand, back) {
            error = error.cause(Cause::Axis { operand, axis }, format!("axis {axis} is {size}"));
        }
    }
    error
}

/// The axes of two operands that are the `back`-th from the end must be equal.
pub(super) fn equal_axes(
    facts: &mut Facts,
    inputs: &[TensorType],
    operands: [usize; 2],
    back: usize,
    message: &str,
) -> Result<(), ShapeError> {
    let [Some((_, a)), Some((_, b))] = operands.map(|operand| from_the_end(inputs, operand, back)) else {
        return Ok(());
    };
    if facts.equal(a, b) {
        return Ok(());
    }
    Err(clash(inputs, operands, back, format!("{message}, and gets {a} and {b}")))
}

/// The axes of the result of query, key and value that stand before those of a matrix. If the heads are grouped, several
/// of queries share one of keys and values.
pub(super) fn leading(
    facts: &mut Facts,
    def: &Def,
    inputs: &[TensorType],
    is_grouped: bool,
) -> Result<Shape, ShapeError> {
    let of = |operand: usize| -> Shape {
        let shape = inputs.get(operand).and_then(|input| split(&input.shape));
        shape.map_or_else(Shape::scalar, |(leading, _)| leading.into())
    };
    let (query, mut key, mut value) = (of(0), of(1), of(2));
    if is_grouped {
        check_groups(facts, def, inputs)?;
        for shape in [&mut key, &mut value] {
            if let (Some(heads), Some(all)) = (shape.last_mut(), query.last()) {
                *heads = all.clone();
            }
        }
    }
    let message = |a: usize, b: usize| {
        let text = |operand: usize| inputs.get(operand).map_or_else(String::new, |input| input.shape.to_string());
        format!("`{}` can't broadcast {} with {}", def.name, text(a), text(b))
    };
    let both = broadcast(facts, &key, &value).map_err(|back| clash(inputs, [1, 2], back + 2, message(1, 2)))?;
    broadcast(facts, &query, &both).map_err(|back| {
        let operand = if broadcast(facts, &query, &key).is_err() { 1 } else { 2 };
        let mut error = clash(inputs, [0, operand], back + 2, message(0, operand));
        if let (1, Some(all), Some(heads)) = (back, query.last(), both.last())
            && all.exact_div(heads).is_some()
        {
            error.help = Some(format!("`enable_gqa=true` lets {all} heads of queries share {heads} of keys"));
        }
        error
    })
}

fn check_groups(facts: &mut Facts, def: &Def, inputs: &[TensorType]) -> Result<(), ShapeError> {
    let name = def.name;
    for (operand, input) in inputs.iter().enumerate().take(3) {
        if input.shape.rank() < 3 {
            let message = format!("`{name}` with `enable_gqa` wants heads on the axis -3, and gets {input}");
            return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                .cause(Cause::Operand(operand), format!("this has {}", axes(input.shape.rank()))));
        }
    }
    equal_axes(facts, inputs, [1, 2], 3, &format!("`{name}` wants as many heads of keys as of values"))?;
    if let (Some((_, all)), Some((_, heads))) = (from_the_end(inputs, 0, 3), from_the_end(inputs, 1, 3))
        && !facts.is_equal(heads, all)
        && !facts.divides(heads, all)
    {
        let message = format!(
            "`{name}` wants a multiple of {heads} heads of queries, as there are {heads} of keys, and gets {all}"
        );
        return Err(clash(inputs, [1, 0], 3, message));
    }
    Ok(())
}

/// A mask of scores of this shape: bools or floats that broadcast to it.
pub(super) fn check_mask(
    facts: &mut Facts,
    def: &Def,
    inputs: &[TensorType],
    operand: usize,
    scores: &Shape,
) -> Result<(), ShapeError> {
    let mask = bool_or_float(def, inputs, operand)?;
    let name = def.name;
    let message = || format!("`{name}` wants a mask that broadcasts to {scores}, and gets {mask}");
    if mask.shape.rank() > scores.rank() {
        return Err(ShapeError::new(ShapeErrorKind::Rank, message())
            .cause(Cause::Operand(operand), format!("this has {}", axes(mask.shape.rank()))));
    }
    for (back, (wanted, found)) in scores.iter().rev().zip(mask.shape.iter().rev()).enumerate() {
        if facts.reduce(found) != Dim::ONE && !facts.equal(wanted, found) {
            let axis = mask.shape.rank().saturating_sub(back + 1);
            return Err(ShapeError::new(ShapeErrorKind::Mismatch, message())
                .cause(Cause::Axis { operand, axis }, format!("axis {axis} is {found}, and {wanted} or 1 is wanted")));
        }
    }
    Ok(())
}

/// A mask, which must be bools or floats.
pub(super) fn bool_or_float<'a>(
    def: &Def,
    inputs: &'a [TensorType],
    operand: usize,
) -> Result<&'a TensorType, ShapeError> {
    let mask = any_operand(def, inputs, operand)?;
    if mask.element != Element::Int {
        return Ok(mask);
    }
    let message = format!("`{}` wants a bool or float mask, and gets an int tensor", def.name);
    Err(ShapeError::new(ShapeErrorKind::Element, message)
        .cause(Cause::Operand(operand), format!("this is {mask}"))
        .help("`mask != 0` is a bool mask"))
}
