//! `tanhshrink` and `Tanhshrink`: what the hyperbolic tangent takes away.

use crate::ops::contract::{Def, Form, Keeps};
use crate::ops::pointwise::{ANY_NUMBER, Map, Pointwise, Takes};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "tanhshrink",
    form: Form::Function,
    summary: "Takes its hyperbolic tangent away from every element.",
    formula: "y = x - tanh(x)",
    parameters: &[ANY_NUMBER],
    torch: "torch.nn.functional.tanhshrink",
    onnx: "",
    examples: &["input x: [3, 4]  output tanhshrink(x)", "input x: int[3]  output tanhshrink(x)"],
    build: |_| Ok(Map::new(&DEF, Tanhshrink)),
};

pub(super) static LAYER: Def = Def {
    name: "Tanhshrink",
    form: Form::Layer { call: &[ANY_NUMBER] },
    parameters: &[],
    torch: "torch.nn.Tanhshrink",
    examples: &["input x: [3, 4]  layer act = Tanhshrink()  output act(x)"],
    build: |_| Ok(Map::new(&LAYER, Tanhshrink)),
    ..DEF
};

#[derive(Debug)]
struct Tanhshrink;

impl Pointwise for Tanhshrink {
    const KEEPS: Keeps = Keeps::INPUTS;
    const TAKES: Takes = Takes::Numbers;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        x - x.tanh()
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, x: T) -> T {
        let tanh = x.tanh();
        grad * tanh * tanh
    }
}
