//! `hardswish` and `Hardswish`: `silu` of straight lines and a parabola, <https://arxiv.org/abs/1905.02244>.

use crate::ops::contract::{Def, Form, Keeps};
use crate::ops::pointwise::{INPUT, Map, Pointwise, Takes};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "hardswish",
    form: Form::Function,
    summary: "Multiplies every element by its hardsigmoid.",
    formula: "y = x min(max(x + 3, 0), 6) / 6",
    parameters: &[INPUT],
    torch: "torch.nn.functional.hardswish",
    onnx: "HardSwish",
    examples: &["input x: [3, 4]  output hardswish(4.0 * x)"],
    build: |_| Ok(Map::new(&DEF, Hardswish)),
};

pub(super) static LAYER: Def = Def {
    name: "Hardswish",
    form: Form::Layer { call: &[INPUT] },
    parameters: &[],
    torch: "torch.nn.Hardswish",
    examples: &["input x: [3, 4]  layer act = Hardswish()  output act(4.0 * x)"],
    build: |_| Ok(Map::new(&LAYER, Hardswish)),
    ..DEF
};

#[derive(Debug)]
struct Hardswish;

impl Pointwise for Hardswish {
    const KEEPS: Keeps = Keeps::INPUTS;
    const TAKES: Takes = Takes::Floats;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        let three = T::from_f64(3.0);
        x * (x + three).maximum(T::zero()).minimum(three + three) / (three + three)
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, x: T) -> T {
        let three = T::from_f64(3.0);
        if x <= -three {
            T::zero()
        } else if x < three {
            grad * (x / three + T::from_f64(0.5))
        } else {
            grad
        }
    }
}
