//! `sigmoid` and `Sigmoid`: the logistic function.

use crate::ops::contract::{Def, Form, Keeps};
use crate::ops::pointwise::{ANY_NUMBER, Map, Pointwise, Takes};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "sigmoid",
    form: Form::Function,
    summary: "Applies the logistic function to every element.",
    formula: "y = 1 / (1 + e^-x)",
    parameters: &[ANY_NUMBER],
    torch: "torch.sigmoid",
    onnx: "Sigmoid",
    examples: &["input x: [3, 4]  output sigmoid(x)", "input x: int[3]  output sigmoid(x)"],
    build: |_| Ok(Map::new(&DEF, Sigmoid)),
};

pub(super) static LAYER: Def = Def {
    name: "Sigmoid",
    form: Form::Layer { call: &[ANY_NUMBER] },
    parameters: &[],
    torch: "torch.nn.Sigmoid",
    examples: &["input x: [3, 4]  layer act = Sigmoid()  output act(x)"],
    build: |_| Ok(Map::new(&LAYER, Sigmoid)),
    ..DEF
};

#[derive(Debug)]
struct Sigmoid;

impl Pointwise for Sigmoid {
    const KEEPS: Keeps = Keeps::OUTPUTS;
    const TAKES: Takes = Takes::Numbers;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        sigmoid(x)
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, y: T) -> T {
        grad * y * (T::one() - y)
    }
}

#[inline(always)]
pub(in crate::ops) fn sigmoid<T: Real>(x: T) -> T {
    T::one() / (T::one() + (-x).exp())
}
