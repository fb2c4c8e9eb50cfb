//! `hardsigmoid` and `Hardsigmoid`: a sigmoid of three straight lines.

use crate::ops::contract::{Def, Form, Keeps};
use crate::ops::pointwise::{INPUT, Map, Pointwise, Takes};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "hardsigmoid",
    form: Form::Function,
    summary: "Maps -3 and less to 0, 3 and more to 1, and the numbers between by a straight line.",
    formula: "y = min(max(x + 3, 0), 6) / 6",
    parameters: &[INPUT],
    torch: "torch.nn.functional.hardsigmoid",
    onnx: "HardSigmoid",
    examples: &["input x: [3, 4]  output hardsigmoid(4.0 * x)"],
    build: |_| Ok(Map::new(&DEF, Hardsigmoid)),
};

pub(super) static LAYER: Def = Def {
    name: "Hardsigmoid",
    form: Form::Layer { call: &[INPUT] },
    parameters: &[],
    torch: "torch.nn.Hardsigmoid",
    examples: &["input x: [3, 4]  layer act = Hardsigmoid()  output act(4.0 * x)"],
    build: |_| Ok(Map::new(&LAYER, Hardsigmoid)),
    ..DEF
};

#[derive(Debug)]
struct Hardsigmoid;

impl Pointwise for Hardsigmoid {
    const KEEPS: Keeps = Keeps::INPUTS;
    const TAKES: Takes = Takes::Floats;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        let three = T::from_f64(3.0);
        (x + three).maximum(T::zero()).minimum(three + three) / (three + three)
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, x: T) -> T {
        let three = T::from_f64(3.0);
        if x <= -three || x >= three { T::zero() } else { grad / (three + three) }
    }
}
