//! `cosine_similarity` and `CosineSimilarity`: the cosine of the angle between two vectors.

#![allow(clippy::indexing_slicing, reason = "a pair of vectors stays inside the tensors that it was made of")]

use super::vector_pairs::{Pair, for_each, shape};
use crate::ops::contract::{Backward, DataError, Def, Form, Forward, Keeps, Kernel, Literal, Op, Parameter, Type};
use crate::ops::shape_rules::numel;
use crate::ops::{AttributeError, Attributes, ShapeError};
use crate::shape::{Dim, Facts, TensorType};
use crate::tensor::{Real, reduce};
use std::sync::Arc;

const FIRST: Parameter = Parameter::operand("x1", "`[..., D, ...]`, with the vectors along `dim`.");
const SECOND: Parameter = Parameter::operand("x2", "A shape that broadcasts with the first.");
const DIM: Parameter = Parameter::attribute("dim", Type::Int, Literal::Int(1), "The axis of the vectors.");
const EPS: Parameter =
    Parameter::attribute("eps", Type::Float, Literal::Float(1e-8), "The least that a length counts.");

pub(super) static DEF: Def = Def {
    name: "cosine_similarity",
    form: Form::Function,
    summary: "Gives the cosine of the angle between the vectors along an axis of two tensors, which broadcast.",
    formula: "y = a · b / (max(‖a‖, eps) max(‖b‖, eps)), [..., D, ...] -> [...]",
    parameters: &[FIRST, SECOND, DIM, EPS],
    torch: "torch.nn.functional.cosine_similarity",
    onnx: "",
    examples: &[
        "input a: [3, 4]  input b: [3, 4]  output cosine_similarity(a, b)",
        "input a: [2, 3, 4]  input b: [3, 1]  output cosine_similarity(a, b, dim=-1)",
        "input a: [2, 1, 4]  input b: [3, 4]  output cosine_similarity(a, b, dim=2)",
        "input a: [4]  input b: [4]  output cosine_similarity(a, b, dim=0, eps=10.0)",
    ],
    build: |attributes| build(&DEF, attributes),
};

pub(super) static LAYER: Def = Def {
    name: "CosineSimilarity",
    form: Form::Layer { call: &[FIRST, SECOND] },
    parameters: &[DIM, EPS],
    torch: "torch.nn.CosineSimilarity",
    examples: &["input a: [2, 4]  input b: [2, 4]  layer cosine = CosineSimilarity(dim=-1)  output cosine(a, b)"],
    build: |attributes| build(&LAYER, attributes),
    ..DEF
};

fn build(def: &'static Def, attributes: &Attributes) -> Result<Arc<dyn Op>, AttributeError> {
    Ok(Arc::new(Cosine { def, dim: attributes.int("dim")?, eps: attributes.float("eps")? }))
}

#[derive(Debug)]
struct Cosine {
    def: &'static Def,
    dim: i64,
    eps: f64,
}

/// a · b, and both lengths.
fn measure<T: Real>(a: &[T], b: &[T], pair: &Pair) -> (f64, [f64; 2]) {
    let sum = |value: &dyn Fn(usize) -> f64| reduce::sum(pair.length, value);
    let first = |index: usize| a[pair.first(index)].to_f64();
    let second = |index: usize| b[pair.second(index)].to_f64();
    let lengths = [sum(&|index| first(index).powi(2)), sum(&|index| second(index).powi(2))];
    (sum(&|index| first(index) * second(index)), lengths.map(f64::sqrt))
}

impl Op for Cosine {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let (shape, axis) = shape(facts, self.def, inputs, (self.dim, Some("dim")))?;
        Ok(vec![TensorType::float(crate::ops::axis::without(&shape, axis))])
    }

    fn keeps(&self) -> Keeps {
        Keeps::INPUTS
    }

    /// Three products and sums for each element.
    fn flops(&self, inputs: &[TensorType], _: &[TensorType]) -> Dim {
        numel(inputs).mul(&Dim::from(3i64))
    }
}

impl<T: Real> Kernel<T> for Cosine {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([a, b], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        let y = y.floats();
        for_each(a.shape, b.shape, self.dim, |pair| {
            let (dot, [first, second]) = measure(a.floats(), b.floats(), &pair);
            y[pair.result] = T::from_f64(dot / (Real::maximum(first, self.eps) * Real::maximum(second, self.eps)));
        });
        Ok(())
    }

    /// da = g (b / (‖a‖ ‖b‖) - y a / ‖a‖²), where the second stands only if the length isn't eps.
    fn backward(&self, cx: Backward<T>) {
        let ([a, b], [grad], [grad_a, grad_b]) = (cx.inputs, cx.grad_outputs, cx.grad_inputs) else { return };
        let (a_data, b_data, grad) = (a.floats(), b.floats(), grad.floats());
        for_each(a.shape, b.shape, self.dim, |pair| {
            let (dot, lengths) = measure(a_data, b_data, &pair);
            let [first, second] = lengths.map(|length| Real::maximum(length, self.eps));
            let (grad, y) = (grad[pair.result].to_f64(), dot / (first * second));
            let across = grad / (first * second);
            let along = |length: f64| if length >= self.eps { grad * y / (length * length) } else { 0.0 };
            let [along_a, along_b] = lengths.map(along);
            for index in 0..pair.length {
                let (i, j) = (pair.first(index), pair.second(index));
                let (x, z) = (a_data[i].to_f64(), b_data[j].to_f64());
                if let Some(out) = grad_a {
                    out[i] += T::from_f64(across * z - along_a * x);
                }
                if let Some(out) = grad_b {
                    out[j] += T::from_f64(across * x - along_b * z);
                }
            }
        });
    }
}
