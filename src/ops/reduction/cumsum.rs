//! `cumsum`: the sums of all elements up to each.

#![allow(clippy::indexing_slicing, reason = "a lane stays inside the tensor that it was made of")]

use super::cumulative::{Cumulative, Step};
use crate::ops::contract::{Def, Form, Keeps, Parameter, Type};
use crate::ops::pointwise::INPUT;
use crate::tensor::Real;
use crate::tensor::lane::Lane;

pub(super) const DIM: Parameter = Parameter::required("dim", Type::Int, "The axis.");

pub(super) static DEF: Def = Def {
    name: "cumsum",
    form: Form::Function,
    summary: "Gives for every element the sum of all up to it along an axis; ints and bools give ints.",
    formula: "yᵢ = x₁ + … + xᵢ",
    parameters: &[INPUT, DIM],
    torch: "torch.cumsum",
    onnx: "CumSum",
    examples: &[
        "input x: [2, 3]  output cumsum(x, dim=-1)",
        "input x: [2, 3, 4]  output cumsum(x, 1)",
        "input x: bool[2, 3]  output cumsum(x, 0)",
    ],
    build: |attributes| Ok(Cumulative::new(&DEF, attributes.int("dim")?, Sum)),
};

#[derive(Debug)]
struct Sum;

impl Step for Sum {
    const KEEPS: Keeps = Keeps::NOTHING;
    const START: i64 = 0;

    fn float(&self, so_far: f64, x: f64) -> f64 {
        so_far + x
    }

    fn int(&self, so_far: i64, x: i64) -> i64 {
        so_far.wrapping_add(x)
    }

    /// dxᵢ = gᵢ + … + gₙ
    fn backward<T: Real>(&self, lane: Lane, _: &[T], _: &[T], grad: &[T], out: &mut [T]) {
        let mut sum = 0.0;
        for index in (0..lane.length).rev() {
            let at = lane.at(index);
            sum += grad[at].to_f64();
            out[at] += T::from_f64(sum);
        }
    }
}
