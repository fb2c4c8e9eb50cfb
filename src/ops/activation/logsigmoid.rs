//! `logsigmoid` and `LogSigmoid`: the logarithm of the logistic function.

use super::sigmoid::sigmoid;
use crate::ops::contract::{Def, Form, Keeps};
use crate::ops::pointwise::{INPUT, Map, Pointwise, Takes};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "logsigmoid",
    form: Form::Function,
    summary: "Gives the logarithm of the sigmoid of every element, without overflow.",
    formula: "y = ln(1 / (1 + e^-x))",
    parameters: &[INPUT],
    torch: "torch.nn.functional.logsigmoid",
    onnx: "",
    examples: &["input x: [3, 4]  output logsigmoid(x)"],
    build: |_| Ok(Map::new(&DEF, LogSigmoid)),
};

pub(super) static LAYER: Def = Def {
    name: "LogSigmoid",
    form: Form::Layer { call: &[INPUT] },
    parameters: &[],
    torch: "torch.nn.LogSigmoid",
    examples: &["input x: [3, 4]  layer act = LogSigmoid()  output act(x)"],
    build: |_| Ok(Map::new(&LAYER, LogSigmoid)),
    ..DEF
};

#[derive(Debug)]
struct LogSigmoid;

impl Pointwise for LogSigmoid {
    const KEEPS: Keeps = Keeps::INPUTS;
    const TAKES: Takes = Takes::Floats;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        x.minimum(T::zero()) - (-x.abs()).exp().ln_1p()
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, x: T) -> T {
        grad * sigmoid(-x)
    }
}
