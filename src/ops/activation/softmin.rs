//! `softmin` and `Softmin`: the softmax of the negatives.

use super::lanewise::{AlongAxis, Lanewise};
use super::softmax::DIM;
use crate::ops::contract::{Def, Form};
use crate::ops::pointwise::INPUT;
use crate::tensor::Real;
use crate::tensor::lane::Lanes;
use crate::tensor::softmax::{softmax, softmax_grad};

pub(super) static DEF: Def = Def {
    name: "softmin",
    form: Form::Function,
    summary: "Makes the elements along an axis positive numbers with the sum 1, the greatest for the least.",
    formula: "yᵢ = e^-xᵢ / Σⱼ e^-xⱼ",
    parameters: &[INPUT, DIM],
    torch: "torch.nn.functional.softmin",
    onnx: "",
    examples: &["input x: [3, 4]  output softmin(x, dim=-1)", "input x: [2, 3, 4]  output softmin(x, dim=1)"],
    build: |attributes| AlongAxis::<Softmin>::build(&DEF, attributes),
};

pub(super) static LAYER: Def = Def {
    name: "Softmin",
    form: Form::Layer { call: &[INPUT] },
    parameters: &[DIM],
    torch: "torch.nn.Softmin",
    examples: &["input x: [2, 3, 4]  layer act = Softmin(dim=1)  output act(x)"],
    build: |attributes| AlongAxis::<Softmin>::build(&LAYER, attributes),
    ..DEF
};

#[derive(Debug)]
struct Softmin;

impl Lanewise for Softmin {
    fn value<T: Real>(x: &[T], y: &mut [T], lanes: Lanes) {
        softmax::<T, true>(x, y, lanes);
    }

    /// dxᵢ = -yᵢ (gᵢ - Σⱼ gⱼ yⱼ)
    fn grad<T: Real>(y: &[T], grad: &[T], out: &mut [T], lanes: Lanes, is_fresh: bool) {
        softmax_grad::<T, true>(y, grad, out, lanes, is_fresh);
    }
}
