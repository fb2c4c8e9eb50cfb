//! `cdist`: the distance of each vector of one set to each of another.

#![allow(clippy::indexing_slicing, reason = "a pair of vectors stays inside the tensors that it was made of")]

use super::p_norm::PNorm;
use super::vector_pairs::for_each;
use crate::ops::contract::{Backward, DataError, Def, Form, Forward, Keeps, Kernel, Literal, Op, Parameter, Type};
use crate::ops::shape_rules::{axes, broadcast, operand_of};
use crate::ops::value::number;
use crate::ops::{AttributeError, Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Element, Facts, Shape, TensorType};
use crate::tensor::Real;
use crate::tensor::nest::Steps;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "cdist",
    form: Form::Function,
    summary: "Gives the distance of each row of one matrix to each row of another; axes before the last two broadcast.",
    formula: "y[..., i, j] = ‖a[..., i, :] - b[..., j, :]‖ₚ",
    parameters: &[
        Parameter::operand("x1", "`[..., P, M]`"),
        Parameter::operand("x2", "`[..., R, M]`"),
        Parameter::attribute("p", Type::Float, Literal::Float(2.0), "Which norm is the distance, at least 0."),
    ],
    torch: "torch.cdist",
    onnx: "",
    examples: &[
        "input a: [3, 4]  input b: [2, 4]  output cdist(a, b)",
        "input a: [2, 3, 4]  input b: [1, 5, 4]  output cdist(a, b, p=1)",
        "input a: [3, 2]  input b: [2, 2, 2]  output cdist(a, b, p=3)",
    ],
    build: |attributes| {
        let p = attributes.float("p")?;
        if p >= 0.0 {
            return Ok(Arc::new(Distances { p: PNorm(p) }));
        }
        Err(AttributeError::new("p", format!("`p` of `cdist` must be at least 0, and is {}", number(p))))
    },
};

#[derive(Debug)]
struct Distances {
    p: PNorm,
}

/// The rows of both, as vectors that broadcast: `[..., P, 1, M]` and `[..., 1, R, M]`.
fn rows(a: &[usize], b: &[usize]) -> [Steps; 2] {
    let mut shapes = [Steps::from_slice(a), Steps::from_slice(b)];
    shapes[0].insert(a.len().saturating_sub(1), 1);
    shapes[1].insert(b.len().saturating_sub(2), 1);
    shapes
}

impl Op for Distances {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let [a, b] = [operand_of(&DEF, inputs, 0, Element::Float)?, operand_of(&DEF, inputs, 1, Element::Float)?];
        let ([batch_a @ .., n, width], [batch_b @ .., m, other]) = (&*a.shape, &*b.shape) else {
            let operand = usize::from(a.shape.rank() > 1);
            let found = if operand == 0 { a } else { b };
            let message = format!("`cdist` wants [..., P, M] and [..., R, M], and gets {a} and {b}");
            return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                .cause(Cause::Operand(operand), format!("this has {}", axes(found.shape.rank()))));
        };
        let mismatch = |axes: [usize; 2], sizes: [&Dim; 2], what: &str| {
            let message = format!("`cdist` wants [..., P, M] and [..., R, M], and gets {a} and {b}: {what}");
            ShapeError::new(ShapeErrorKind::Mismatch, message)
                .cause(Cause::Axis { operand: 1, axis: axes[1] }, format!("axis {} of {b} is {}", axes[1], sizes[1]))
                .cause(Cause::Axis { operand: 0, axis: axes[0] }, format!("axis {} of {a} is {}", axes[0], sizes[0]))
        };
        if !facts.equal(width, other) {
            let axes = [batch_a.len() + 1, batch_b.len() + 1];
            return Err(mismatch(axes, [width, other], &format!("M is {width} and {other}")));
        }
        let batch = broadcast(facts, batch_a, batch_b).map_err(|back| {
            let axes = [batch_a.len() - back, batch_b.len() - back];
            mismatch(axes, [&batch_a[axes[0]], &batch_b[axes[1]]], "the axes before don't broadcast")
        })?;
        Ok(vec![TensorType::float(batch.iter().chain([n, m]).cloned().collect::<Shape>())])
    }

    fn keeps(&self) -> Keeps {
        Keeps::INPUTS
    }

    /// A difference, a power and a sum for each element of each pair.
    fn flops(&self, inputs: &[TensorType], outputs: &[TensorType]) -> Dim {
        let width = inputs.first().and_then(|input| input.shape.last()).cloned().unwrap_or(Dim::ONE);
        crate::ops::shape_rules::numel(outputs).mul(&width).mul(&Dim::from(3i64))
    }
}

impl<T: Real> Kernel<T> for Distances {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([a, b], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        let ([first, second], a, b, y) = (rows(a.shape, b.shape), a.floats(), b.floats(), y.floats());
        for_each(&first, &second, -1, |pair| {
            let difference = |index: usize| a[pair.first(index)].to_f64() - b[pair.second(index)].to_f64();
            y[pair.result] = T::from_f64(pair.distance(self.p, difference));
        });
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let ([a, b], [grad], [grad_a, grad_b]) = (cx.inputs, cx.grad_outputs, cx.grad_inputs) else { return };
        let ([first, second], a, b, grad) = (rows(a.shape, b.shape), a.floats(), b.floats(), grad.floats());
        for_each(&first, &second, -1, |pair| {
            let difference = |index: usize| a[pair.first(index)].to_f64() - b[pair.second(index)].to_f64();
            pair.add_slopes(self.p, difference, grad[pair.result], [grad_a, grad_b]);
        });
    }
}
