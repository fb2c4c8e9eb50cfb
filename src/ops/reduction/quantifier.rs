//! Whether elements differ from 0, all or some of them, along axes: what `all` and `any` have in common.

#![allow(clippy::indexing_slicing, reason = "a nest of loops stays inside the tensors that it was made of")]

use super::reduce::Axes;
use crate::ops::ShapeError;
use crate::ops::contract::{Backward, DataError, Def, Forward, Keeps, Kernel, Op};
use crate::ops::shape_rules::{any_operand, numel};
use crate::shape::{Dim, Element, Facts, TensorType};
use crate::tensor::Real;
use crate::tensor::zip::Read;

/// The operator that tells it.
#[derive(Debug)]
pub(super) struct Quantifier {
    pub(super) def: &'static Def,
    pub(super) axes: Axes,
    /// One element that is so (for `any`) or isn't (for `all`) decides, and this is what it decides.
    pub(super) decides: bool,
}

impl Op for Quantifier {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn infer(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = any_operand(self.def, inputs, 0)?;
        Ok(vec![TensorType::new(Element::Bool, self.axes.shape(self.def, input)?)])
    }

    fn keeps(&self) -> Keeps {
        Keeps::NOTHING
    }

    fn flops(&self, inputs: &[TensorType], _: &[TensorType]) -> Dim {
        numel(inputs)
    }
}

impl<T: Real> Kernel<T> for Quantifier {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        let y = y.bools();
        y.fill(!self.decides);
        self.axes.nest(x.shape).for_each_run(|[i, j], length, [_, step]| {
            for index in 0..length {
                let is_true: bool = x.data.at(i + index);
                if is_true == self.decides {
                    y[j + index * step] = self.decides;
                }
            }
        });
        Ok(())
    }

    /// A bool has no gradient.
    fn backward(&self, _: Backward<T>) {}
}
