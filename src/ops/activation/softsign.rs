//! `softsign` and `Softsign`: a bounded function with slow tails.

use crate::ops::contract::{Def, Form, Keeps};
use crate::ops::pointwise::{ANY_NUMBER, Map, Pointwise, Takes};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "softsign",
    form: Form::Function,
    summary: "Divides every element by 1 and its absolute value.",
    formula: "y = x / (1 + |x|)",
    parameters: &[ANY_NUMBER],
    torch: "torch.nn.functional.softsign",
    onnx: "Softsign",
    examples: &["input x: [3, 4]  output softsign(x)", "input x: int[3]  output softsign(x)"],
    build: |_| Ok(Map::new(&DEF, Softsign)),
};

pub(super) static LAYER: Def = Def {
    name: "Softsign",
    form: Form::Layer { call: &[ANY_NUMBER] },
    parameters: &[],
    torch: "torch.nn.Softsign",
    examples: &["input x: [3, 4]  layer act = Softsign()  output act(x)"],
    build: |_| Ok(Map::new(&LAYER, Softsign)),
    ..DEF
};

#[derive(Debug)]
struct Softsign;

impl Pointwise for Softsign {
    const KEEPS: Keeps = Keeps::INPUTS;
    const TAKES: Takes = Takes::Numbers;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        x / (T::one() + x.abs())
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, x: T) -> T {
        let below = T::one() + x.abs();
        grad / (below * below)
    }
}
