//! What `var` and `std` have in common, and `var_mean` and `std_mean`, which give the mean too.

#![allow(clippy::indexing_slicing, reason = "a nest of loops stays inside the tensors that it was made of")]

use super::reduce::Axes;
use crate::ops::contract::{Backward, DataError, Def, Forward, Keeps, Kernel, Literal, Op, Parameter, Type};
use crate::ops::shape_rules::{float_input, numel};
use crate::ops::{AttributeError, Attributes, ShapeError, Value};
use crate::shape::{Dim, Facts, TensorType};
use crate::tensor::Real;
use crate::tensor::reduce::for_each_block;

pub(super) const UNBIASED: Parameter = Parameter::attribute(
    "unbiased",
    Type::Bool,
    Literal::None,
    "An older way to write the correction: `true` for 1, `false` for 0.",
);
pub(super) const CORRECTION: Parameter = Parameter::attribute(
    "correction",
    Type::Float,
    Literal::None,
    "What is taken away from the number of elements; 1 unless it or `unbiased` says otherwise.",
);

/// The variance along axes, or its root.
#[derive(Debug)]
pub(super) struct Variance {
    def: &'static Def,
    axes: Axes,
    correction: f64,
    root: Root,
    /// The mean is a second result.
    gives_mean: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Root {
    /// The variance.
    None,
    /// The standard deviation.
    Square,
}

impl Variance {
    pub(super) fn new(def: &'static Def, attributes: &Attributes, root: Root) -> Result<Self, AttributeError> {
        let correction = match (attributes.get("unbiased"), attributes.optional_float("correction")?) {
            (Some(Value::Bool(_)), Some(_)) => {
                return Err(AttributeError::new("correction", "`correction` and `unbiased` can't both be given"));
            }
            (Some(Value::Bool(unbiased)), None) => f64::from(u8::from(*unbiased)),
            (_, correction) => correction.unwrap_or(1.0),
        };
        Ok(Self { def, axes: Axes::new(attributes)?, correction, root, gives_mean: false })
    }

    pub(super) fn with_mean(self) -> Self {
        Self { gives_mean: true, ..self }
    }

    /// What a sum of squares is divided by, where `results` are made of `elements`.
    fn divisor(&self, elements: usize, results: usize) -> f64 {
        (elements.checked_div(results).unwrap_or(0) as f64 - self.correction).max(0.0)
    }
}

impl Op for Variance {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn n_results(&self) -> usize {
        1 + usize::from(self.gives_mean)
    }

    fn infer(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = float_input(self.def, inputs)?;
        let result = TensorType::float(self.axes.shape(self.def, input)?);
        Ok(vec![result; self.n_results()])
    }

    fn keeps(&self) -> Keeps {
        Keeps { outputs: self.root == Root::Square, ..Keeps::INPUTS }
    }

    /// The means.
    fn saved(&self, _: &[TensorType], outputs: &[TensorType]) -> Vec<TensorType> {
        outputs.first().cloned().into_iter().collect()
    }

    /// A sum for the mean; a difference, a square and a sum for the variance.
    fn flops(&self, inputs: &[TensorType], outputs: &[TensorType]) -> Dim {
        numel(inputs).mul(&Dim::from(4i64)).add(&numel(outputs.get(..1).unwrap_or_default()))
    }
}

impl<T: Real> Kernel<T> for Variance {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x], [y, given @ ..], [means]) = (cx.inputs, cx.outputs, cx.saved) else { return Ok(()) };
        let (nest, x, y, means) = (self.axes.nest(x.shape), x.floats(), y.floats(), means.floats());
        let count = x.len().checked_div(y.len()).unwrap_or(0) as f64;
        let divisor = self.divisor(x.len(), y.len());
        // Nothing is visited of an empty input, and the variance of nothing is no number.
        y.fill(T::from_f64(f64::NAN));
        means.fill(T::from_f64(if x.is_empty() { f64::NAN } else { 0.0 }));
        if !x.is_empty() {
            for_each_block(&nest, 1, |block| {
                let sums = block.sums(|_, [i, _]| x[i].to_f64());
                let squares = block.sums(|column, [i, _]| (x[i].to_f64() - sums[column] / count).powi(2));
                for column in 0..block.length {
                    let (at, variance) = (block.at(1, column), squares[column] / divisor);
                    means[at] = T::from_f64(sums[column] / count);
                    y[at] = T::from_f64(if self.root == Root::Square { variance.sqrt() } else { variance });
                }
            });
        }
        if let [mean] = given {
            mean.floats().copy_from_slice(means);
        }
        Ok(())
    }

    /// dx = 2 g (x - mean) / divisor; for the root y, that by 2 y; and a share of the mean's gradient.
    fn backward(&self, cx: Backward<T>) {
        let ([x], [means], [grad, of_mean @ ..]) = (cx.inputs, cx.saved, cx.grad_outputs) else { return };
        let ([y, ..], [Some(out)]) = (cx.outputs, cx.grad_inputs) else { return };
        let (shape, x, y, means, grad) = (x.shape, x.floats(), y.floats(), means.floats(), grad.floats());
        if let [of_mean] = of_mean {
            let (of_mean, count) = (of_mean.floats(), T::from_f64(x.len() as f64 / grad.len() as f64));
            self.axes.spread(shape, out, |_, j| of_mean[j] / count);
        }
        let divisor = T::from_f64(self.divisor(x.len(), grad.len()));
        self.axes.spread(shape, out, |i, j| {
            let slope = (x[i] - means[j]) / divisor;
            match self.root {
                Root::None => grad[j] * (slope + slope),
                Root::Square if y[j] == T::zero() => T::zero(),
                Root::Square => grad[j] / y[j] * slope,
            }
        });
    }
}
