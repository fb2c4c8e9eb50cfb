//! `elu` and `ELU`: the exponential linear unit, <https://arxiv.org/abs/1511.07289>.

use crate::ops::contract::{Def, Form, Keeps, Literal, Op, Parameter, Type};
use crate::ops::pointwise::{INPUT, Map, Pointwise, Takes};
use crate::ops::{AttributeError, Attributes};
use crate::tensor::Real;
use std::sync::Arc;

const ALPHA: Parameter = Parameter::attribute(
    "alpha",
    Type::Float,
    Literal::Float(1.0),
    "What negative elements tend to, with the other sign.",
);

pub(super) static DEF: Def = Def {
    name: "elu",
    form: Form::Function,
    summary: "Replaces every negative element by an exponential that tends to `-alpha`.",
    formula: "y = x for x > 0, else α (e^x - 1), α = alpha",
    parameters: &[INPUT, ALPHA],
    torch: "torch.nn.functional.elu",
    onnx: "Elu",
    examples: &["input x: [3, 4]  output elu(x)", "input x: [3, 4]  output elu(x, alpha=0.3)"],
    build: |attributes| build(&DEF, attributes),
};

pub(super) static LAYER: Def = Def {
    name: "ELU",
    form: Form::Layer { call: &[INPUT] },
    parameters: &[ALPHA],
    torch: "torch.nn.ELU",
    examples: &[
        "input x: [3, 4]  layer act = ELU()  output act(x)",
        "input x: [3, 4]  layer act = ELU(0.3)  output act(x)",
    ],
    build: |attributes| build(&LAYER, attributes),
    ..DEF
};

fn build(def: &'static Def, attributes: &Attributes) -> Result<Arc<dyn Op>, AttributeError> {
    Ok(Map::new(def, Elu { alpha: attributes.float("alpha")? }))
}

#[derive(Debug)]
struct Elu {
    alpha: f64,
}

impl Pointwise for Elu {
    const KEEPS: Keeps = Keeps::INPUTS;
    const TAKES: Takes = Takes::Floats;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        if x <= T::zero() { T::from_f64(self.alpha) * x.exp_m1() } else { x }
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, x: T) -> T {
        if x <= T::zero() { grad * T::from_f64(self.alpha) * x.exp() } else { grad }
    }
}
