//! `pairwise_distance` and `PairwiseDistance`: the distance of two vectors.

#![allow(clippy::indexing_slicing, reason = "a pair of vectors stays inside the tensors that it was made of")]

use super::p_norm::PNorm;
use super::vector_pairs::{Pair, for_each, shape};
use crate::ops::contract::{Backward, DataError, Def, Form, Forward, Keeps, Kernel, Literal, Op, Parameter, Type};
use crate::ops::shape_rules::numel;
use crate::ops::{AttributeError, Attributes, ShapeError};
use crate::shape::{Dim, Facts, TensorType};
use crate::tensor::Real;
use std::sync::Arc;

const FIRST: Parameter = Parameter::operand("x1", "`[..., D]`");
const SECOND: Parameter = Parameter::operand("x2", "A shape that broadcasts with the first.");
const P: Parameter = Parameter::attribute("p", Type::Float, Literal::Float(2.0), "Which norm is the distance.");
const EPS: Parameter =
    Parameter::attribute("eps", Type::Float, Literal::Float(1e-6), "Added to each difference, against distances of 0.");
const KEEPDIM: Parameter =
    Parameter::attribute("keepdim", Type::Bool, Literal::Bool(false), "Whether the last axis stays, with size 1.");

pub(super) static DEF: Def = Def {
    name: "pairwise_distance",
    form: Form::Function,
    summary: "Gives the distance between the vectors along the last axis of two tensors, which broadcast.",
    formula: "y = ‖a - b + eps‖ₚ, [..., D] -> [...]",
    parameters: &[FIRST, SECOND, P, EPS, KEEPDIM],
    torch: "torch.nn.functional.pairwise_distance",
    onnx: "",
    examples: &[
        "input a: [3, 4]  input b: [3, 4]  output pairwise_distance(a, b)",
        "input a: [2, 3, 4]  input b: [4]  output pairwise_distance(a, b, p=1, eps=0.1, keepdim=true)",
        "input a: [4]  input b: [4]  output pairwise_distance(a, b, p=3)",
    ],
    build: |attributes| build(&DEF, attributes),
};

pub(super) static LAYER: Def = Def {
    name: "PairwiseDistance",
    form: Form::Layer { call: &[FIRST, SECOND] },
    parameters: &[P, EPS, KEEPDIM],
    torch: "torch.nn.PairwiseDistance",
    examples: &["input a: [2, 4]  input b: [2, 4]  layer distance = PairwiseDistance()  output distance(a, b)"],
    build: |attributes| build(&LAYER, attributes),
    ..DEF
};

fn build(def: &'static Def, attributes: &Attributes) -> Result<Arc<dyn Op>, AttributeError> {
    Ok(Arc::new(Distance {
        def,
        p: PNorm(attributes.float("p")?),
        eps: attributes.float("eps")?,
        keepdim: attributes.bool("keepdim")?,
    }))
}

#[derive(Debug)]
struct Distance {
    def: &'static Def,
    p: PNorm,
    eps: f64,
    keepdim: bool,
}

impl Distance {
    fn difference<T: Real>(&self, a: &[T], b: &[T], pair: &Pair, index: usize) -> f64 {
        a[pair.first(index)].to_f64() - b[pair.second(index)].to_f64() + self.eps
    }
}

impl Op for Distance {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let (shape, axis) = shape(facts, self.def, inputs, (-1, None))?;
        let mut distances = crate::ops::axis::without(&shape, axis);
        if self.keepdim {
            distances.push(Dim::ONE);
        }
        Ok(vec![TensorType::float(distances)])
    }

    fn keeps(&self) -> Keeps {
        Keeps::INPUTS
    }

    /// A difference, a power and a sum for each element.
    fn flops(&self, inputs: &[TensorType], _: &[TensorType]) -> Dim {
        numel(inputs).mul(&Dim::from(3i64))
    }
}

impl<T: Real> Kernel<T> for Distance {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([a, b], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        let y = y.floats();
        for_each(a.shape, b.shape, -1, |pair| {
            let difference = |index: usize| self.difference(a.floats(), b.floats(), &pair, index);
            y[pair.result] = T::from_f64(pair.distance(self.p, difference));
        });
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let ([a, b], [grad], [grad_a, grad_b]) = (cx.inputs, cx.grad_outputs, cx.grad_inputs) else { return };
        let (a_data, b_data, grad) = (a.floats(), b.floats(), grad.floats());
        for_each(a.shape, b.shape, -1, |pair| {
            let difference = |index: usize| self.difference(a_data, b_data, &pair, index);
            pair.add_slopes(self.p, difference, grad[pair.result], [grad_a, grad_b]);
        });
    }
}
