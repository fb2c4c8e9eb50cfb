//! What can be told of each element of one tensor: shape rule and kernel. Such an operator's file gives the predicate.

use super::compare::truth;
use crate::ops::ShapeError;
use crate::ops::contract::{Backward, DataError, Def, Forward, Keeps, Kernel, Op};
use crate::shape::{Element, Facts, TensorType};
use crate::tensor::zip::Read;
use crate::tensor::{Real, Slice};
use std::fmt::Debug;
use std::sync::Arc;

/// Whether something is true of an element. Ints and bools count as floats.
pub(super) trait Predicate: Debug + Send + Sync + 'static {
    fn holds<T: Real>(&self, x: T) -> bool;
}

/// The operator that a predicate makes.
#[derive(Debug)]
pub(super) struct Test<P> {
    def: &'static Def,
    predicate: P,
}

impl<P: Predicate> Test<P> {
    #[allow(clippy::new_ret_no_self, reason = "only the contract of an operator is of use")]
    pub(super) fn new(def: &'static Def, predicate: P) -> Arc<dyn Op> {
        Arc::new(Self { def, predicate })
    }
}

impl<P: Predicate> Op for Test<P> {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn infer(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        Ok(vec![TensorType::new(Element::Bool, truth(self.def, inputs, 0)?.shape.clone())])
    }

    fn keeps(&self) -> Keeps {
        Keeps::NOTHING
    }
}

impl<P: Predicate, T: Real> Kernel<T> for Test<P> {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        let y = y.bools().iter_mut();
        match x.data {
            Slice::Float(x) => y.zip(x).for_each(|(y, &x)| *y = self.predicate.holds(x)),
            x => y.enumerate().for_each(|(index, y)| *y = self.predicate.holds::<T>(x.at(index))),
        }
        Ok(())
    }

    /// A bool has no gradient.
    fn backward(&self, _: Backward<T>) {}
}
