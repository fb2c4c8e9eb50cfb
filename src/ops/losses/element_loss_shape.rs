//! Which shapes the operands of an elementwise loss may have, and how they are walked beside the input.

use crate::ops::contract::Def;
use crate::ops::shape_rules::{any_operand, named, same_shapes};
use crate::ops::{Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Element, Facts, Shape, TensorType};
use crate::tensor::nest::{Steps, broadcast_steps, dense_steps};

/// An operand of a loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operand {
    /// Floats of the input's shape.
    Same,
    /// Numbers of the input's shape; ints and bools are taken for floats.
    SameNumbers,
    /// Floats that broadcast to the input's shape.
    Weight,
    /// Floats of the input's shape, or one for the last axis together, which may then be missing.
    Variance,
}

/// The shape of the losses, which is that of the input.
pub(super) fn shape<const N: usize>(
    facts: &mut Facts,
    def: &Def,
    kinds: &[Operand],
    places: [Option<usize>; N],
    inputs: &[TensorType],
) -> Result<Shape, ShapeError> {
    for (kind, index) in kinds.iter().zip(places) {
        let Some(index) = index else { continue };
        let operand = any_operand(def, inputs, index)?;
        if *kind != Operand::SameNumbers && operand.element != Element::Float {
            return Err(wants_floats(def, index, operand));
        }
        match kind {
            _ if index == 0 => {}
            Operand::Same | Operand::SameNumbers => same_shapes(facts, def, inputs, [0, index])?,
            Operand::Weight => weight(facts, def, inputs, index)?,
            Operand::Variance => variance(facts, def, inputs, index)?,
        }
    }
    Ok(any_operand(def, inputs, 0)?.shape.clone())
}

fn wants_floats(def: &Def, index: usize, operand: &TensorType) -> ShapeError {
    let message = format!("`{}` wants a float tensor, and gets {} tensor", def.name, named(operand.element));
    ShapeError::new(ShapeErrorKind::Element, message)
        .cause(Cause::Operand(index), format!("this is {operand}"))
        .help(format!("`1.0 * x` makes floats of the {} tensor `x`", operand.element.name()))
}

fn mismatch(def: &Def, inputs: &[TensorType], index: usize, wanted: &str) -> ShapeError {
    let shapes = [index, 0].map(|index| inputs.get(index).map(|input| input.shape.clone()).unwrap_or_default());
    let message = format!("`{}` wants {wanted} {}, and gets {}", def.name, shapes[1], shapes[0]);
    ShapeError::new(ShapeErrorKind::Mismatch, message)
        .cause(Cause::Operand(index), format!("this is {}", shapes[0]))
        .cause(Cause::Operand(0), format!("this is {}", shapes[1]))
}

fn weight(facts: &mut Facts, def: &Def, inputs: &[TensorType], index: usize) -> Result<(), ShapeError> {
    let (input, weight) = (any_operand(def, inputs, 0)?, any_operand(def, inputs, index)?);
    let fits = |facts: &mut Facts| {
        let pairs = weight.shape.iter().rev().zip(input.shape.iter().rev());
        weight.shape.rank() <= input.shape.rank()
            && pairs.into_iter().all(|(size, of)| facts.reduce(size) == Dim::ONE || facts.equal(of, size))
    };
    if fits(facts) { Ok(()) } else { Err(mismatch(def, inputs, index, "a weight that broadcasts to")) }
}

fn variance(facts: &mut Facts, def: &Def, inputs: &[TensorType], index: usize) -> Result<(), ShapeError> {
    let (input, variance) = (any_operand(def, inputs, 0)?, any_operand(def, inputs, index)?);
    let last = input.shape.rank().saturating_sub(1);
    let fits = |facts: &mut Facts| {
        let mut pairs = variance.shape.iter().zip(input.shape.iter()).enumerate();
        (variance.shape.rank() == input.shape.rank() || variance.shape.rank() == last)
            && pairs.all(|(axis, (size, of))| axis == last && facts.reduce(size) == Dim::ONE || facts.equal(of, size))
    };
    if fits(facts) { Ok(()) } else { Err(mismatch(def, inputs, index, "one variance for each element or row of")) }
}

/// The distances between the elements of an operand along the axes of the input; 0 where one is repeated.
pub(super) fn steps(kind: Operand, operand: &[usize], input: &[usize]) -> Steps {
    match kind {
        Operand::Variance if operand.len() < input.len() => {
            let mut steps = dense_steps(operand);
            steps.push(0);
            steps
        }
        _ => broadcast_steps(operand, input),
    }
}
