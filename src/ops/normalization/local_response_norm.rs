//! `local_response_norm` and `LocalResponseNorm`: channels held down by their neighbours,
//! <https://papers.nips.cc/paper/4824-imagenet-classification-with-deep-convolutional-neural-networks>.

#![allow(clippy::indexing_slicing, reason = "channels and their elements are counted from the sizes of the slices")]

use crate::ops::contract::{Backward, DataError, Def, Form, Forward, Keeps, Kernel, Literal, Op, Parameter, Type};
use crate::ops::shape_rules::{axes, float_input, numel};
use crate::ops::{AttributeError, Attributes, Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Facts, TensorType};
use crate::tensor::Real;
use std::ops::Range;
use std::sync::Arc;

const INPUT: Parameter = Parameter::operand("input", "`[N, C, ...]` with at least 3 axes.");
const SIZE: Parameter =
    Parameter::required("size", Type::Int, "How many neighbouring channels count, itself included.");
const ALPHA: Parameter = Parameter::attribute("alpha", Type::Float, Literal::Float(1e-4), "The weight of the squares.");
const BETA: Parameter = Parameter::attribute("beta", Type::Float, Literal::Float(0.75), "The power.");
const K: Parameter = Parameter::attribute("k", Type::Float, Literal::Float(1.0), "Added to the squares.");

pub(super) static DEF: Def = Def {
    name: "local_response_norm",
    form: Form::Function,
    summary: "Divides each channel by a power of the squares of its neighbours.",
    formula: "y_c = x_c / (k + alpha / size · Σⱼ xⱼ²)^beta, j from c - size // 2 to c + (size - 1) // 2",
    parameters: &[INPUT, SIZE, ALPHA, BETA, K],
    torch: "torch.nn.functional.local_response_norm",
    onnx: "LRN",
    examples: &[
        "input x: [2, 5, 3]  output local_response_norm(x, 3, alpha=0.5)",
        "input x: [1, 5, 2, 2]  output local_response_norm(x, 4, 0.5, 1.5, 2.0)",
        "input x: [2, 1, 3]  output local_response_norm(x, 2)",
    ],
    build: |attributes| build(&DEF, attributes),
};

pub(super) static LAYER: Def = Def {
    name: "LocalResponseNorm",
    form: Form::Layer { call: &[INPUT] },
    parameters: &[SIZE, ALPHA, BETA, K],
    torch: "torch.nn.LocalResponseNorm",
    examples: &["input x: [2, 5, 3]  layer norm = LocalResponseNorm(2, alpha=0.5)  output norm(x)"],
    build: |attributes| build(&LAYER, attributes),
    ..DEF
};

fn build(def: &'static Def, attributes: &Attributes) -> Result<Arc<dyn Op>, AttributeError> {
    let size = attributes.int("size")?;
    let (alpha, beta, k) = (attributes.float("alpha")?, attributes.float("beta")?, attributes.float("k")?);
    match usize::try_from(size) {
        Ok(size) if size > 0 => Ok(Arc::new(Response { def, size, alpha, beta, k })),
        _ => Err(AttributeError::new("size", format!("`size` must be at least 1, and is {size}"))),
    }
}

#[derive(Debug)]
struct Response {
    def: &'static Def,
    size: usize,
    alpha: f64,
    beta: f64,
    k: f64,
}

impl Response {
    /// The neighbours of a channel, as many on each side at most.
    fn neighbours(channel: usize, channels: usize, before: usize, behind: usize) -> Range<usize> {
        channel.saturating_sub(before)..channel.saturating_add(behind).saturating_add(1).min(channels)
    }

    /// Calls `visit(elements of a channel, elements of a neighbour)`; `before` neighbours count on one side, on the
    /// other so many that `size` do.
    fn each(&self, shape: &[usize], before: usize, mut visit: impl FnMut(Range<usize>, Range<usize>)) {
        let [items, channels, ..] = *shape else { return };
        let width: usize = shape.iter().skip(2).product();
        let range = |at: usize| at * width..(at + 1) * width;
        for item in 0..items {
            for channel in 0..channels {
                for other in Self::neighbours(channel, channels, before, self.size - 1 - before) {
                    visit(range(item * channels + channel), range(item * channels + other));
                }
            }
        }
    }
}

impl Op for Response {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn infer(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = float_input(self.def, inputs)?;
        if input.shape.rank() < 3 {
            let message = format!("`{}` wants at least 3 axes, and gets {input}", self.def.name);
            return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                .cause(Cause::Operand(0), format!("this has {}", axes(input.shape.rank()))));
        }
        Ok(vec![input.clone()])
    }

    fn keeps(&self) -> Keeps {
        Keeps::INPUTS
    }

    /// k + alpha / size · Σⱼ xⱼ²
    fn saved(&self, _: &[TensorType], outputs: &[TensorType]) -> Vec<TensorType> {
        outputs.to_vec()
    }

    /// g x / that^(beta + 1)
    fn scratch(&self, _: &[TensorType], outputs: &[TensorType]) -> Vec<TensorType> {
        outputs.to_vec()
    }

    /// A square and a sum for each neighbour, a power and a quotient.
    fn flops(&self, _: &[TensorType], outputs: &[TensorType]) -> Dim {
        numel(outputs).mul(&Dim::from(self.size).add(&Dim::ONE)).mul(&Dim::from(2i64))
    }
}

impl<T: Real> Kernel<T> for Response {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x], [y], [sums]) = (cx.inputs, cx.outputs, cx.saved) else { return Ok(()) };
        let (data, y, sums) = (x.floats(), y.floats(), sums.floats());
        let share = T::from_f64(self.alpha / self.size as f64);
        sums.fill(T::from_f64(self.k));
        self.each(x.shape, self.size / 2, |channel, other| {
            sums[channel].iter_mut().zip(&data[other]).for_each(|(sum, &x)| *sum += share * x * x);
        });
        let power = T::from_f64(-self.beta);
        for ((y, &x), &sum) in y.iter_mut().zip(data).zip(&*sums) {
            *y = x * sum.powf(power);
        }
        Ok(())
    }

    /// With s = k + alpha / size · Σⱼ xⱼ²: dx = g s^-beta - 2 alpha beta / size · x Σⱼ gⱼ xⱼ / sⱼ^(beta + 1), over the
    /// channels j whose neighbour it is.
    fn backward(&self, cx: Backward<T>) {
        let ([x], [grad], [Some(out)]) = (cx.inputs, cx.grad_outputs, cx.grad_inputs) else { return };
        let ([sums], [parts]) = (cx.saved, cx.scratch) else { return };
        let (data, grad, sums, parts) = (x.floats(), grad.floats(), sums.floats(), parts.floats());
        let power = T::from_f64(-self.beta);
        for (index, part) in parts.iter_mut().enumerate() {
            let scaled = grad[index] * sums[index].powf(power);
            out[index] += scaled;
            *part = scaled * data[index] / sums[index];
        }
        let factor = T::from_f64(2.0 * self.alpha * self.beta / self.size as f64);
        self.each(x.shape, (self.size - 1) / 2, |channel, other| {
            for ((out, &x), &part) in out[channel.clone()].iter_mut().zip(&data[channel]).zip(&parts[other]) {
                *out -= factor * x * part;
            }
        });
    }
}
