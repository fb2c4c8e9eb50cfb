//! `softmin` and `Softmin`: the softmax of the negatives.

use super::contract::{Def, Form};
use super::lanewise::{AlongAxis, Lanewise};
use super::pointwise::INPUT;
use super::softmax::DIM;
use crate::tensor::lane::Lane;
use crate::tensor::{Real, reduce};

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

#[allow(clippy::indexing_slicing, reason = "a lane stays inside the tensor that it was made of")]
impl Lanewise for Softmin {
    fn value<T: Real>(x: &[T], y: &mut [T], lane: Lane) {
        let least = lane.places().fold(-T::NEG_INFINITY, |least, at| least.minimum(x[at]));
        lane.places().for_each(|at| y[at] = (least - x[at]).exp());
        let sum = T::from_f64(reduce::sum(lane.length, |index| y[lane.at(index)].to_f64()));
        lane.places().for_each(|at| y[at] = y[at] / sum);
    }

    /// dxᵢ = -yᵢ (gᵢ - Σⱼ gⱼ yⱼ)
    fn grad<T: Real>(y: &[T], grad: &[T], out: &mut [T], lane: Lane) {
        let product = |index: usize| (grad[lane.at(index)] * y[lane.at(index)]).to_f64();
        let mean = T::from_f64(reduce::sum(lane.length, product));
        lane.places().for_each(|at| out[at] -= y[at] * (grad[at] - mean));
    }
}
