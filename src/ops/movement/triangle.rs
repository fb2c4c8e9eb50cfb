//! What `tril` and `triu` have in common: of every matrix the elements on one side of a diagonal stay, the others are 0.

use crate::ops::contract::{Backward, DataError, Def, Forward, Keeps, Kernel, Literal, Op, Parameter, Type};
use crate::ops::shape_rules::{any_operand, axes};
use crate::ops::{AttributeError, Attributes, Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Facts, TensorType};
use crate::tensor::{Real, Slice, SliceMut};
use std::ops::Range;
use std::sync::Arc;

pub(super) const INPUT: Parameter = Parameter::operand("input", "`[..., m, n]`, of any type.");
pub(super) const DIAGONAL: Parameter = Parameter::attribute(
    "diagonal",
    Type::Int,
    Literal::Int(0),
    "The last diagonal that stays: 0 is the main one, those above it have positive numbers.",
);

/// The operator that keeps this side, under the name of `def`, which has the parameters above.
pub(super) fn build(def: &'static Def, side: Side, attributes: &Attributes) -> Result<Arc<dyn Op>, AttributeError> {
    Ok(Arc::new(Triangle { def, side, diagonal: attributes.int("diagonal")? }))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Lower,
    Upper,
}

#[derive(Debug)]
struct Triangle {
    def: &'static Def,
    side: Side,
    diagonal: i64,
}

impl Triangle {
    /// The columns that stay in a row.
    fn stays(&self, row: usize, columns: usize) -> Range<usize> {
        let on_diagonal = i64::try_from(row).unwrap_or(i64::MAX).saturating_add(self.diagonal);
        let at = |column: i64| usize::try_from(column).unwrap_or(0).min(columns);
        match self.side {
            Side::Lower => 0..at(on_diagonal.saturating_add(1)),
            Side::Upper => at(on_diagonal)..columns,
        }
    }

    /// Calls `visit` with the places of each row, and with the places of those of its elements that stay.
    fn for_each(&self, shape: &[usize], mut visit: impl FnMut(Range<usize>, Range<usize>)) {
        let [leading @ .., rows, columns] = shape else { return };
        let count = leading.iter().product::<usize>() * rows;
        for row in 0..count {
            let start = row * columns;
            let stays = self.stays(row % rows, *columns);
            visit(start..start + columns, start + stays.start..start + stays.end);
        }
    }
}

impl Op for Triangle {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn infer(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = any_operand(self.def, inputs, 0)?;
        let rank = input.shape.rank();
        if rank < 2 {
            let message = format!("`{}` wants at least 2 axes, and gets {}", self.def.name, input.shape);
            return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                .cause(Cause::Operand(0), format!("this has {}", axes(rank))));
        }
        Ok(vec![input.clone()])
    }

    fn keeps(&self) -> Keeps {
        Keeps::NOTHING
    }

    fn flops(&self, _: &[TensorType], _: &[TensorType]) -> Dim {
        Dim::ZERO
    }
}

#[allow(clippy::indexing_slicing, reason = "rows stay inside the tensor that they were made of")]
impl<T: Real> Kernel<T> for Triangle {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        fn copy<E: Copy>(one: &Triangle, shape: &[usize], x: &[E], y: &mut [E], zero: E) {
            one.for_each(shape, |row, stays| {
                y[row].fill(zero);
                y[stays.clone()].copy_from_slice(&x[stays]);
            });
        }
        let ([x], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        match (x.data, &mut y.data) {
            (Slice::Float(a), SliceMut::Float(b)) => copy(self, x.shape, a, b, T::zero()),
            (Slice::Int(a), SliceMut::Int(b)) => copy(self, x.shape, a, b, 0),
            (Slice::Bool(a), SliceMut::Bool(b)) => copy(self, x.shape, a, b, false),
            _ => {}
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        if let ([grad], [Some(out)]) = (cx.grad_outputs, cx.grad_inputs) {
            let data = grad.floats();
            self.for_each(grad.shape, |_, stays| {
                out[stays.clone()].iter_mut().zip(&data[stays]).for_each(|(out, &grad)| *out += grad);
            });
        }
    }
}
