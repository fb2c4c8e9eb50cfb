//! `softmax` and `Softmax`: positive numbers with the sum 1 along an axis.

use super::lanewise::{AlongAxis, Lanewise};
use crate::ops::contract::{Def, Form, Parameter, Type};
use crate::ops::pointwise::INPUT;
use crate::tensor::Real;
use crate::tensor::lane::Lanes;
use crate::tensor::softmax::{softmax, softmax_grad};

pub(super) const DIM: Parameter = Parameter::required("dim", Type::Int, "The axis along which the sum is 1.");

pub(super) static DEF: Def = Def {
    name: "softmax",
    form: Form::Function,
    summary: "Makes the elements along an axis positive numbers with the sum 1.",
    formula: "yᵢ = e^xᵢ / Σⱼ e^xⱼ",
    parameters: &[INPUT, DIM],
    torch: "torch.nn.functional.softmax",
    onnx: "Softmax",
    examples: &[
        "input x: [3, 4]  output softmax(x, dim=-1)",
        "input x: [2, 3, 4]  output softmax(x, dim=1)",
        "input x: [5]  output softmax(x, dim=0)",
    ],
    build: |attributes| AlongAxis::<Softmax>::build(&DEF, attributes),
};

pub(super) static LAYER: Def = Def {
    name: "Softmax",
    form: Form::Layer { call: &[INPUT] },
    parameters: &[DIM],
    torch: "torch.nn.Softmax",
    examples: &["input x: [2, 3, 4]  layer act = Softmax(dim=1)  output act(x)"],
    build: |attributes| AlongAxis::<Softmax>::build(&LAYER, attributes),
    ..DEF
};

#[derive(Debug)]
pub(super) struct Softmax;

impl Lanewise for Softmax {
    fn value<T: Real>(x: &[T], y: &mut [T], lanes: Lanes) {
        softmax::<T, false>(x, y, lanes);
    }

    /// dxᵢ = yᵢ (gᵢ - Σⱼ gⱼ yⱼ)
    fn grad<T: Real>(y: &[T], grad: &[T], out: &mut [T], lanes: Lanes, is_fresh: bool) {
        softmax_grad::<T, false>(y, grad, out, lanes, is_fresh);
    }
}
