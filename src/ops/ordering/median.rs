//! `median`: the element in the middle, of all or along an axis.

use super::choice::{Choice, Which};
use crate::ops::contract::{Backward, DataError, Def, Form, Forward, Keeps, Kernel, Op};
use crate::ops::pointwise::INPUT;
use crate::ops::reduction::{Axes, KEEPDIM, ONE_DIM, share};
use crate::ops::{AttributeError, Attributes, ShapeError};
use crate::shape::{Dim, Element, Facts, Shape, TensorType};
use crate::tensor::Real;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "median",
    form: Form::Function,
    summary: "Gives the median of all elements, or with `dim` the median along an axis and where it stood, two results; of two in the middle the lower, and NaN if there is one.",
    formula: "y = sort(x)ₖ, k = ⌈n/2⌉ of n elements",
    parameters: &[INPUT, ONE_DIM, KEEPDIM],
    torch: "torch.median",
    onnx: "",
    examples: &[
        "input x: [2, 3]  output median(x)",
        "input x: [2, 3, 4]  values, indices = median(x, dim=1)  output values",
        "input x: [2, 3, 4]  values, indices = median(x, -1, keepdim=true)  output values",
    ],
    build,
};

fn build(attributes: &Attributes) -> Result<Arc<dyn Op>, AttributeError> {
    let (dim, keepdim) = (attributes.optional_int("dim")?, attributes.bool("keepdim")?);
    let choice = Choice { def: &DEF, which: Which::Median, dim, keepdim, places_only: false };
    Ok(if dim.is_some() { Arc::new(choice) } else { Arc::new(OfAll(Choice { keepdim: false, ..choice })) })
}

/// The median of all elements. Equal ones share the gradient.
#[derive(Debug)]
struct OfAll(Choice);

impl Op for OfAll {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        Ok(self.0.infer(facts, inputs)?.into_iter().take(1).collect())
    }

    fn keeps(&self) -> Keeps {
        Keeps { outputs: true, ..Keeps::INPUTS }
    }

    /// Where the median stands, and the sorted elements.
    fn saved(&self, inputs: &[TensorType], outputs: &[TensorType]) -> Vec<TensorType> {
        let place = TensorType::new(Element::Int, Shape::scalar());
        [place].into_iter().chain(self.0.saved(inputs, outputs)).collect()
    }

    fn flops(&self, inputs: &[TensorType], outputs: &[TensorType]) -> Dim {
        self.0.flops(inputs, outputs)
    }
}

impl<T: Real> Kernel<T> for OfAll {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x], [y], [place, sorted]) = (cx.inputs, cx.outputs, cx.saved) else { return Ok(()) };
        self.0.write(x, y, place.ints(), sorted.ints())
    }

    fn backward(&self, cx: Backward<T>) {
        let ([x], [y]) = (cx.inputs, cx.outputs) else { return };
        if let ([grad], [Some(out)]) = (cx.grad_outputs, cx.grad_inputs) {
            share(&Axes::all().nest(x.shape), x.floats(), y.floats(), grad.floats(), out);
        }
    }
}
