//! `cumprod`: the products of all elements up to each.

#![allow(clippy::indexing_slicing, reason = "a lane stays inside the tensor that it was made of")]

use super::cumsum::DIM;
use super::cumulative::{Cumulative, Step};
use crate::ops::contract::{Def, Form, Keeps};
use crate::ops::pointwise::INPUT;
use crate::tensor::Real;
use crate::tensor::lane::Lane;

pub(super) static DEF: Def = Def {
    name: "cumprod",
    form: Form::Function,
    summary: "Gives for every element the product of all up to it along an axis; ints and bools give ints.",
    formula: "yᵢ = x₁ · … · xᵢ",
    parameters: &[INPUT, DIM],
    torch: "torch.cumprod",
    onnx: "",
    examples: &[
        "input x: [2, 3]  output cumprod(x, dim=-1)",
        "input x: [2, 3, 4]  output cumprod(x, 1)",
        "input x: int[2, 3]  output cumprod(x, 0)",
    ],
    build: |attributes| Ok(Cumulative::new(&DEF, attributes.int("dim")?, Product)),
};

#[derive(Debug)]
struct Product;

impl Step for Product {
    const KEEPS: Keeps = Keeps { outputs: true, ..Keeps::INPUTS };
    const START: i64 = 1;

    fn float(&self, so_far: f64, x: f64) -> f64 {
        so_far * x
    }

    fn int(&self, so_far: i64, x: i64) -> i64 {
        so_far.wrapping_mul(x)
    }

    /// dxᵢ = yᵢ₋₁ sᵢ, where sᵢ = gᵢ + xᵢ₊₁ sᵢ₊₁: nothing is divided, so zeros do no harm.
    fn backward<T: Real>(&self, lane: Lane, x: &[T], y: &[T], grad: &[T], out: &mut [T]) {
        let mut sum = 0.0;
        for index in (0..lane.length).rev() {
            let (at, next) = (lane.at(index), lane.at(index + 1));
            let after = if index + 1 < lane.length { x[next].to_f64() * sum } else { 0.0 };
            sum = grad[at].to_f64() + after;
            let before = if index > 0 { y[lane.at(index - 1)].to_f64() } else { 1.0 };
            out[at] += T::from_f64(before * sum);
        }
    }
}
