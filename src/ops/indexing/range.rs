//! Indices and ranges on an axis, as attributes write them: negative numbers count from the end, and nothing is clamped.

use crate::ops::contract::Def;
use crate::ops::{Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Facts, TensorType};

/// An axis of the first operand, and the attribute that says where on it.
#[derive(Clone, Copy)]
pub(super) struct On<'a> {
    pub(super) def: &'static Def,
    pub(super) attribute: &'static str,
    pub(super) input: &'a TensorType,
    pub(super) axis: usize,
}

/// A number that is written, counted from the start. Only a constant can be seen to count from the end.
pub(super) fn from_start(written: &Dim, size: &Dim) -> Dim {
    if written.as_const().is_some_and(|value| value < 0) { size.add(written) } else { written.clone() }
}

/// Takes `left <= right` for granted; what leaves the range of numbers is no place on an axis.
fn at_most(facts: &mut Facts, left: &Dim, right: &Dim) -> bool {
    !left.is_invalid() && !right.is_invalid() && facts.at_most(left, right)
}

/// Whether it isn't before the start.
fn is_there(facts: &mut Facts, written: &Dim, size: &Dim) -> bool {
    match written.as_const() {
        Some(value) if value < 0 => at_most(facts, &written.neg(), size),
        _ => at_most(facts, &Dim::ZERO, written),
    }
}

impl On<'_> {
    /// The index that is written, counted from the start. It must be on the axis.
    pub(super) fn index(self, facts: &mut Facts, written: &Dim) -> Result<Dim, ShapeError> {
        let size = self.size();
        let index = from_start(written, &size);
        if is_there(facts, written, &size) && at_most(facts, &index.add(&Dim::ONE), &size) {
            return Ok(index);
        }
        let help = match facts.reduce(&size).as_const() {
            Some(0) => "an empty axis has no elements to pick".to_owned(),
            Some(1) => "its only element is 0, or -1".to_owned(),
            Some(size) => format!("its elements are 0 to {}, or -{size} to -1", size - 1),
            None => "indices count from 0, negative ones from the end".to_owned(),
        };
        Err(self.error(&format!("picks element {written}"), &format!("it picks {written}")).help(help))
    }

    /// Where the range from `start` up to `end` begins, and its length. Missing ends are those of the axis.
    pub(super) fn range(
        self,
        facts: &mut Facts,
        start: Option<&Dim>,
        end: Option<&Dim>,
    ) -> Result<(Dim, Dim), ShapeError> {
        let size = self.size();
        let from = start.map_or(Dim::ZERO, |start| from_start(start, &size));
        let to = end.map_or_else(|| size.clone(), |end| from_start(end, &size));
        let written = |dim: Option<&Dim>| dim.map(ToString::to_string).unwrap_or_default();
        let text = format!("{}:{}", written(start), written(end));
        let picks = |text: &str| self.error(&format!("picks the range {text}"), &format!("it picks {text}"));
        if !at_most(facts, &to, &size) {
            return Err(picks(&text).help(format!("slices don't clamp: a range of this axis ends at {size} or before")));
        }
        if !start.is_none_or(|start| is_there(facts, start, &size)) {
            return Err(picks(&text).help("slices don't clamp: a range begins at 0 or after"));
        }
        let in_order = match end.and_then(Dim::as_const) {
            Some(back) if back < 0 => at_most(facts, &from.sub(&Dim::from(back)), &size),
            _ => at_most(facts, &from, &to),
        };
        if !in_order {
            return Err(picks(&text).help(format!("it ends at {to}, and begins at {from}, behind that")));
        }
        let length = facts.reduce(&to).sub(&facts.reduce(&from));
        Ok((from, length))
    }

    fn size(self) -> Dim {
        self.input.shape.get(self.axis).cloned().unwrap_or(Dim::ONE)
    }

    fn error(self, does: &str, label: &str) -> ShapeError {
        let (axis, size) = (self.axis, self.size());
        let shape = &self.input.shape;
        let who = if self.def.is_symbol() { "a subscript".to_owned() } else { format!("`{}`", self.def.name) };
        let message = format!("{who} {does} of axis {axis} of {shape}, whose size is {size}");
        ShapeError::new(ShapeErrorKind::Range, message)
            .cause(Cause::Attribute(self.attribute), label)
            .cause(Cause::Axis { operand: 0, axis }, format!("axis {axis} of {shape} is {size}"))
    }
}
