//! `log_softmax` and `LogSoftmax`: the logarithm of the softmax, without overflow.

use super::lanewise::{AlongAxis, Lanewise};
use crate::ops::contract::{Def, Form, Parameter, Type};
use crate::ops::pointwise::INPUT;
use crate::tensor::Real;
use crate::tensor::lane::Lanes;
use crate::tensor::softmax::{log_softmax, log_softmax_grad};

const DIM: Parameter = Parameter::required("dim", Type::Int, "The axis along which the exponentials sum up to 1.");

pub(super) static DEF: Def = Def {
    name: "log_softmax",
    form: Form::Function,
    summary: "Gives the logarithm of the softmax along an axis.",
    formula: "yᵢ = xᵢ - ln Σⱼ e^xⱼ",
    parameters: &[INPUT, DIM],
    torch: "torch.nn.functional.log_softmax",
    onnx: "LogSoftmax",
    examples: &["input x: [3, 4]  output log_softmax(x, dim=-1)", "input x: [2, 3, 4]  output log_softmax(x, dim=0)"],
    build: |attributes| AlongAxis::<LogSoftmax>::build(&DEF, attributes),
};

pub(super) static LAYER: Def = Def {
    name: "LogSoftmax",
    form: Form::Layer { call: &[INPUT] },
    parameters: &[DIM],
    torch: "torch.nn.LogSoftmax",
    examples: &["input x: [2, 3, 4]  layer act = LogSoftmax(dim=1)  output act(x)"],
    build: |attributes| AlongAxis::<LogSoftmax>::build(&LAYER, attributes),
    ..DEF
};

#[derive(Debug)]
struct LogSoftmax;

impl Lanewise for LogSoftmax {
    fn value<T: Real>(x: &[T], y: &mut [T], lanes: Lanes) {
        log_softmax(x, y, lanes);
    }

    /// dxᵢ = gᵢ - e^yᵢ Σⱼ gⱼ
    fn grad<T: Real>(y: &[T], grad: &[T], out: &mut [T], lanes: Lanes, is_fresh: bool) {
        log_softmax_grad(y, grad, out, lanes, is_fresh);
    }
}
