//! `silu` and `SiLU`: the sigmoid linear unit, <https://arxiv.org/abs/1702.03118>.

use super::sigmoid::sigmoid;
use crate::ops::contract::{Def, Form, Keeps};
use crate::ops::pointwise::{INPUT, Map, Pointwise, Takes};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "silu",
    form: Form::Function,
    summary: "Multiplies every element by its sigmoid.",
    formula: "y = x σ(x), σ(x) = 1 / (1 + e^-x)",
    parameters: &[INPUT],
    torch: "torch.nn.functional.silu",
    onnx: "",
    examples: &["input x: [3, 4]  output silu(x)"],
    build: |_| Ok(Map::new(&DEF, Silu)),
};

pub(super) static LAYER: Def = Def {
    name: "SiLU",
    form: Form::Layer { call: &[INPUT] },
    parameters: &[],
    torch: "torch.nn.SiLU",
    examples: &["input x: [3, 4]  layer act = SiLU()  output act(x)"],
    build: |_| Ok(Map::new(&LAYER, Silu)),
    ..DEF
};

#[derive(Debug)]
struct Silu;

impl Pointwise for Silu {
    const KEEPS: Keeps = Keeps::INPUTS;
    const TAKES: Takes = Takes::Floats;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        x * sigmoid(x)
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, x: T) -> T {
        let s = sigmoid(x);
        grad * s * (T::one() + x * (T::one() - s))
    }
}
