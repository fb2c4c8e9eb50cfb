//! `selu` and `SELU`: the scaled exponential linear unit, <https://arxiv.org/abs/1706.02515>.

use crate::ops::contract::{Def, Form, Keeps};
use crate::ops::pointwise::{INPUT, Map, Pointwise, Takes};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "selu",
    form: Form::Function,
    summary: "Applies an exponential linear unit that keeps mean 0 and variance 1.",
    formula: "y = λ x for x > 0, else λ α (e^x - 1), α = 1.6732632423543772, λ = 1.0507009873554805",
    parameters: &[INPUT],
    torch: "torch.nn.functional.selu",
    onnx: "Selu",
    examples: &["input x: [3, 4]  output selu(x)"],
    build: |_| Ok(Map::new(&DEF, Selu)),
};

pub(super) static LAYER: Def = Def {
    name: "SELU",
    form: Form::Layer { call: &[INPUT] },
    parameters: &[],
    torch: "torch.nn.SELU",
    examples: &["input x: [3, 4]  layer act = SELU()  output act(x)"],
    build: |_| Ok(Map::new(&LAYER, Selu)),
    ..DEF
};

#[derive(Debug)]
struct Selu;

impl Pointwise for Selu {
    const KEEPS: Keeps = Keeps::INPUTS;
    const TAKES: Takes = Takes::Floats;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        let scale = T::from_f64(SCALE);
        if x <= T::zero() { scale * T::from_f64(ALPHA) * x.exp_m1() } else { scale * x }
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, x: T) -> T {
        let scale = grad * T::from_f64(SCALE);
        if x <= T::zero() { scale * T::from_f64(ALPHA) * x.exp() } else { scale }
    }
}

const ALPHA: f64 = 1.673_263_242_354_377_2;
const SCALE: f64 = 1.050_700_987_355_480_5;
