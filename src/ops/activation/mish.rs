//! `mish` and `Mish`: a smooth function close to `relu`, <https://arxiv.org/abs/1908.08681>.

use super::sigmoid::sigmoid;
use super::softplus::softplus;
use crate::ops::contract::{Def, Form, Keeps};
use crate::ops::pointwise::{INPUT, Map, Pointwise, Takes};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "mish",
    form: Form::Function,
    summary: "Multiplies every element by the hyperbolic tangent of its softplus.",
    formula: "y = x tanh(ln(1 + e^x))",
    parameters: &[INPUT],
    torch: "torch.nn.functional.mish",
    onnx: "Mish",
    examples: &["input x: [3, 4]  output mish(x)"],
    build: |_| Ok(Map::new(&DEF, Mish)),
};

pub(super) static LAYER: Def = Def {
    name: "Mish",
    form: Form::Layer { call: &[INPUT] },
    parameters: &[],
    torch: "torch.nn.Mish",
    examples: &["input x: [3, 4]  layer act = Mish()  output act(x)"],
    build: |_| Ok(Map::new(&LAYER, Mish)),
    ..DEF
};

#[derive(Debug)]
struct Mish;

impl Pointwise for Mish {
    const KEEPS: Keeps = Keeps::INPUTS;
    const TAKES: Takes = Takes::Floats;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        x * softplus(x).tanh()
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, x: T) -> T {
        let tanh = softplus(x).tanh();
        grad * (tanh + x * sigmoid(x) * (T::one() - tanh * tanh))
    }
}
