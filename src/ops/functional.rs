//! Functions that compute what a layer does: operands stand in the place of its slots.

use super::contract::{Backward, Def, Forward, Keeps};
use super::shape_rules::operand_of;
use super::{Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Element, Facts, Shape, TensorType};
use crate::tensor::View;

/// A forward step as a layer knows it: the operands of a function behind the first `n` are its slots.
pub(super) fn forward<'l, 't, T>(def: &Def, cx: Forward<'l, 't, T>, n: usize) -> Forward<'l, 't, T> {
    if def.is_layer() {
        return cx;
    }
    let (inputs, slots) = cx.inputs.split_at_checked(n).unwrap_or((cx.inputs, &[]));
    Forward { inputs, slots, ..cx }
}

/// A backward step as a layer knows it.
pub(super) fn backward<'l, 't, T>(def: &Def, cx: Backward<'l, 't, T>, n: usize) -> Backward<'l, 't, T> {
    if def.is_layer() {
        return cx;
    }
    let (inputs, slots) = cx.inputs.split_at_checked(n).unwrap_or((cx.inputs, &[]));
    let n = n.min(cx.grad_inputs.len());
    let (grad_inputs, grad_slots) = cx.grad_inputs.split_at_mut(n);
    let fresh = cx.fresh.slots_from(n as u32);
    Backward { inputs, slots, grad_inputs, grad_slots, fresh, ..cx }
}

/// The first `n` operands, and that in the place of the slot with this index.
pub(super) fn keeps(n: u32, slot: Option<usize>) -> Keeps {
    let slot = slot.map_or(0, |index| 1 << n << index);
    Keeps { inputs: ((1 << n) - 1) | slot, outputs: false }
}

/// The elements of a slot, if it is there.
pub(super) fn slot<'a, T>(slots: &[View<'a, T>], index: Option<usize>) -> Option<&'a [T]> {
    slots.get(index?).map(View::floats)
}

/// The gradient of a slot, if it is wanted.
pub(super) fn grad_slot<'a, T>(grads: &'a mut [Option<&mut [T]>], index: Option<usize>) -> Option<&'a mut [T]> {
    grads.get_mut(index?)?.as_deref_mut()
}

/// The gradients of weight and bias, if they are wanted.
pub(super) fn grad_slots<'a, T>(
    grads: &'a mut [Option<&mut [T]>],
    slots: [Option<usize>; 2],
) -> [Option<&'a mut [T]>; 2] {
    let mut found = [None, None];
    for (index, grad) in grads.iter_mut().enumerate() {
        if let Some(place) =
            slots.iter().zip(&mut found).find_map(|(slot, place)| (*slot == Some(index)).then_some(place))
        {
            *place = grad.as_deref_mut();
        }
    }
    found
}

/// Which operand stands in the place of a slot, if it is there.
#[derive(Clone, Copy)]
pub(super) struct Slot {
    pub(super) name: &'static str,
    pub(super) operand: Option<usize>,
}

/// An operand in the place of a slot, which must be floats of this shape. `cause` says why.
pub(super) fn slot_shape(
    facts: &mut Facts,
    def: &Def,
    inputs: &[TensorType],
    slot: Slot,
    wanted: &[Dim],
    cause: (Cause, String),
) -> Result<(), ShapeError> {
    let Some(operand) = slot.operand else { return Ok(()) };
    let found = operand_of(def, inputs, operand, Element::Float)?;
    let name = slot.name;
    let message = || {
        let wanted = Shape::from(wanted);
        format!("`{}` wants a {name} {wanted}, and gets {found}", def.name)
    };
    if found.shape.rank() != wanted.len() {
        return Err(ShapeError::new(ShapeErrorKind::Rank, message())
            .cause(Cause::Operand(operand), format!("this is {found}"))
            .cause(cause.0, cause.1));
    }
    for (axis, (wanted, size)) in wanted.iter().zip(found.shape.iter()).enumerate() {
        if !facts.equal(wanted, size) {
            return Err(ShapeError::new(ShapeErrorKind::Mismatch, message())
                .cause(Cause::Axis { operand, axis }, format!("axis {axis} of the {name} is {size}"))
                .cause(cause.0, cause.1));
        }
    }
    Ok(())
}
