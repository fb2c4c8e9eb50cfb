//! The shape rule of `MultiheadAttention`: what query, key and value have in common, masks, and heads that divide the width.

use super::multihead_attention::{DEF, MultiheadAttention};
use super::rule::bool_or_float;
use crate::ops::contract::Def;
use crate::ops::shape_rules::{axes, operand_of};
use crate::ops::{Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Element, Facts, Shape, TensorType};

impl MultiheadAttention {
    /// The width of an operand, and the attribute that says so.
    pub(super) fn width(&self, operand: usize) -> (&'static str, &Dim) {
        match (operand, &self.kdim, &self.vdim) {
            (1, Some(width), _) => ("kdim", width),
            (2, _, Some(width)) => ("vdim", width),
            _ => ("embed_dim", &self.embed),
        }
    }

    /// The axis of the batch, if there is one, and that of the sequence.
    pub(super) fn places(&self, rank: usize) -> (Option<usize>, usize) {
        match rank {
            3 if self.batch_first => (Some(0), 1),
            3 => (Some(1), 0),
            _ => (None, 0),
        }
    }

    /// L, N and S.
    pub(super) fn sizes(&self, inputs: &[TensorType]) -> [Dim; 3] {
        let [query, key] = [0, 1].map(|operand| inputs.get(operand).map_or(&[][..], |input| &*input.shape));
        let (batch, sequence) = self.places(query.len());
        let size = |shape: &[Dim], axis: usize| shape.get(axis).cloned().unwrap_or(Dim::ONE);
        [size(query, sequence), batch.map_or(Dim::ONE, |batch| size(query, batch)), size(key, sequence)]
    }

    /// Query, key and value, each with its width, and with the batch and the sequence that they have in common.
    pub(super) fn check_operands(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<(), ShapeError> {
        let name = DEF.name;
        let rank = operand_of(&DEF, inputs, 0, Element::Float)?.shape.rank();
        let (batch, sequence) = self.places(rank);
        for operand in 0..3 {
            let input = operand_of(&DEF, inputs, operand, Element::Float)?;
            let (attribute, width) = self.width(operand);
            let which = ["query", "key", "value"].get(operand).copied().unwrap_or_default();
            let found = input.shape.rank();
            if !matches!(found, 2 | 3) || found != rank {
                let order = if self.batch_first { "N, L" } else { "L, N" };
                let message = if matches!(rank, 2 | 3) {
                    format!("`{name}` wants query, key and value with as many axes, and gets a {which} {input}")
                } else {
                    format!(
                        "`{name}` wants a query [{order}, {width}], or [L, {width}] without a batch, and gets {input}"
                    )
                };
                return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                    .cause(Cause::Operand(operand), format!("this has {}", axes(found))));
            }
            if let Some(found) = input.shape.last()
                && !facts.equal(width, found)
            {
                let message = format!("`{name}` wants a {which} with {width} features, and gets {found}");
                return Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
                    .cause(
                        Cause::Axis { operand, axis: rank - 1 },
                        format!("the last axis of {} is {found}", input.shape),
                    )
                    .cause(Cause::Attribute(attribute), format!("it wants {width}")));
            }
        }
        for (what, axis, [a, b]) in
            [("batch", batch, [0, 1]), ("batch", batch, [0, 2]), ("length", Some(sequence), [1, 2])]
        {
            let size = |operand: usize| inputs.get(operand).and_then(|input| input.shape.get(axis?));
            let (Some(axis), Some(x), Some(y)) = (axis, size(a), size(b)) else { continue };
            if !facts.equal(x, y) {
                let [first, second] =
                    [a, b].map(|operand| ["query", "key", "value"].get(operand).copied().unwrap_or(""));
                let message = format!("`{name}` wants {first} and {second} of one {what}, and gets {x} and {y}");
                return Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
                    .cause(Cause::Axis { operand: b, axis }, format!("axis {axis} is {y}"))
                    .cause(Cause::Axis { operand: a, axis }, format!("axis {axis} is {x}")));
            }
        }
        Ok(())
    }
}

/// A mask, of one of these shapes.
pub(super) fn check_mask(
    facts: &mut Facts,
    def: &Def,
    inputs: &[TensorType],
    operand: Option<usize>,
    which: &str,
    shapes: &[Shape],
) -> Result<(), ShapeError> {
    let Some(operand) = operand else { return Ok(()) };
    let mask = bool_or_float(def, inputs, operand)?;
    let wanted: Vec<String> = shapes.iter().map(ToString::to_string).collect();
    let message = format!("`{}` wants {which} {}, and gets {mask}", def.name, wanted.join(" or "));
    let Some(shape) = shapes.iter().find(|shape| shape.rank() == mask.shape.rank()) else {
        return Err(ShapeError::new(ShapeErrorKind::Rank, message)
            .cause(Cause::Operand(operand), format!("this has {}", axes(mask.shape.rank()))));
    };
    let mut pairs = shape.iter().zip(mask.shape.iter()).enumerate();
    match pairs.find(|(_, (wanted, found))| !facts.equal(wanted, found)) {
        None => Ok(()),
        Some((axis, (wanted, found))) => Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
            .cause(Cause::Axis { operand, axis }, format!("axis {axis} is {found}, and {wanted} is wanted"))),
    }
}
