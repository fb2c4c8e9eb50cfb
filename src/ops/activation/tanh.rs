//! `tanh` and `Tanh`: the hyperbolic tangent.

use crate::ops::contract::{Def, Form, Keeps};
use crate::ops::pointwise::{ANY_NUMBER, Map, Pointwise, Takes};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "tanh",
    form: Form::Function,
    summary: "Applies the hyperbolic tangent to every element.",
    formula: "y = (e^x - e^-x) / (e^x + e^-x)",
    parameters: &[ANY_NUMBER],
    torch: "torch.tanh",
    onnx: "Tanh",
    examples: &["input x: [3, 4]  output tanh(x)", "input x: int[3]  output tanh(x)"],
    build: |_| Ok(Map::new(&DEF, Tanh)),
};

pub(super) static LAYER: Def = Def {
    name: "Tanh",
    form: Form::Layer { call: &[ANY_NUMBER] },
    parameters: &[],
    torch: "torch.nn.Tanh",
    examples: &["input x: [3, 4]  layer act = Tanh()  output act(x)"],
    build: |_| Ok(Map::new(&LAYER, Tanh)),
    ..DEF
};

#[derive(Debug)]
struct Tanh;

impl Pointwise for Tanh {
    const KEEPS: Keeps = Keeps::OUTPUTS;
    const TAKES: Takes = Takes::Numbers;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        x.tanh()
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, y: T) -> T {
        grad * (T::one() - y * y)
    }
}
