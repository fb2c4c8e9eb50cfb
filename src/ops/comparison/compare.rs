//! Relations of two tensors, element by element: what meets what, and the kernel. Such an operator's file gives the
//! relation, once for floats and once for ints.
//!
//! Shapes broadcast as in NumPy. Any elements may be compared: beside a float all are floats, else ints, a bool as 0 or
//! 1. The result is a bool tensor.

use crate::ops::contract::{Backward, DataError, Def, Forward, Keeps, Kernel, Op};
use crate::ops::shape_rules::{any_operand, broadcast, broadcast_error};
use crate::ops::{Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Element, Facts, TensorType};
use crate::tensor::nest::Nest;
use crate::tensor::zip::{self, Read, zip};
use crate::tensor::{Real, Slice};
use std::fmt::Debug;
use std::sync::Arc;

/// Whether two elements have a relation.
pub(super) trait Relation: Debug + Send + Sync + 'static {
    fn holds<E: PartialOrd>(&self, a: E, b: E) -> bool;
}

/// A logical function of two truth values.
pub(super) trait Connective: Debug + Send + Sync + 'static {
    fn of(&self, a: bool, b: bool) -> bool;
}

/// The operator that a relation makes.
#[derive(Debug)]
pub(super) struct Comparison<R> {
    def: &'static Def,
    relation: R,
}

/// The operator that a connective makes.
#[derive(Debug)]
pub(super) struct Logical<C> {
    def: &'static Def,
    connective: C,
}

impl<R: Relation> Comparison<R> {
    #[allow(clippy::new_ret_no_self, reason = "only the contract of an operator is of use")]
    pub(super) fn new(def: &'static Def, relation: R) -> Arc<dyn Op> {
        Arc::new(Self { def, relation })
    }
}

impl<C: Connective> Logical<C> {
    #[allow(clippy::new_ret_no_self, reason = "only the contract of an operator is of use")]
    pub(super) fn new(def: &'static Def, connective: C) -> Arc<dyn Op> {
        Arc::new(Self { def, connective })
    }
}

/// A bool tensor of the shape that two operands broadcast to.
fn bools(def: &Def, facts: &mut Facts, [a, b]: [&TensorType; 2]) -> Result<Vec<TensorType>, ShapeError> {
    match broadcast(facts, &a.shape, &b.shape) {
        Ok(shape) => Ok(vec![TensorType::new(Element::Bool, shape)]),
        Err(back) => Err(broadcast_error(facts, def, [a, b], back)),
    }
}

/// The operand with this index, which must be a bool tensor where the operator is a word of the language.
pub(super) fn truth<'a>(def: &Def, inputs: &'a [TensorType], operand: usize) -> Result<&'a TensorType, ShapeError> {
    let input = any_operand(def, inputs, operand)?;
    if input.element == Element::Bool || !def.is_symbol() {
        return Ok(input);
    }
    let message = format!("`{}` wants bool tensors, and gets {input}", def.name);
    Err(ShapeError::new(ShapeErrorKind::Element, message)
        .cause(Cause::Operand(operand), format!("this is {input}"))
        .help("`x != 0` is true where `x` isn't 0"))
}

impl<R: Relation> Op for Comparison<R> {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        bools(self.def, facts, [any_operand(self.def, inputs, 0)?, any_operand(self.def, inputs, 1)?])
    }

    fn keeps(&self) -> Keeps {
        Keeps::NOTHING
    }
}

impl<C: Connective> Op for Logical<C> {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        bools(self.def, facts, [truth(self.def, inputs, 0)?, truth(self.def, inputs, 1)?])
    }

    fn keeps(&self) -> Keeps {
        Keeps::NOTHING
    }
}

impl<R: Relation, T: Real> Kernel<T> for Comparison<R> {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([a, b], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        let nest = zip::broadcast(a.shape, b.shape, y.shape);
        let (relation, y) = (&self.relation, y.bools());
        match (a.data, b.data) {
            (Slice::Float(a), Slice::Float(b)) => compare::<T>(relation, &nest, (a, b), y),
            (a @ Slice::Float(_), b) | (a, b @ Slice::Float(_)) => compare::<T>(relation, &nest, (a, b), y),
            (Slice::Int(a), Slice::Int(b)) => compare::<i64>(relation, &nest, (a, b), y),
            (a, b) => compare::<i64>(relation, &nest, (a, b), y),
        }
        Ok(())
    }

    /// A bool has no gradient.
    fn backward(&self, _: Backward<T>) {}
}

fn compare<E: PartialOrd + Copy>(
    relation: &impl Relation,
    nest: &Nest<3>,
    (a, b): (impl Read<E>, impl Read<E>),
    y: &mut [bool],
) {
    zip(nest, (a, b, ()), y, |y, a, b, ()| *y = relation.holds(a, b));
}

impl<C: Connective, T: Real> Kernel<T> for Logical<C> {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([a, b], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        let nest = zip::broadcast(a.shape, b.shape, y.shape);
        zip(&nest, (a.data, b.data, ()), y.bools(), |y, a, b, ()| *y = self.connective.of(a, b));
        Ok(())
    }

    /// A bool has no gradient.
    fn backward(&self, _: Backward<T>) {}
}
