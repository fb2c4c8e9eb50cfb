//! `gelu` and `GELU`: the Gaussian error linear unit, <https://arxiv.org/abs/1606.08415>.

use crate::ops::contract::{Def, Form, Keeps, Literal, Op, Parameter, Type};
use crate::ops::pointwise::{INPUT, Map, Pointwise, Takes};
use crate::ops::{AttributeError, Attributes};
use crate::tensor::Real;
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_PI, PI};
use std::sync::Arc;

const APPROXIMATE: Parameter = Parameter::attribute(
    "approximate",
    Type::Word(&["none", "tanh"]),
    Literal::Str("none"),
    "Whether the approximation is used.",
);

pub(super) static DEF: Def = Def {
    name: "gelu",
    form: Form::Function,
    summary: "Multiplies every element by the probability that a standard normal variable is below it.",
    formula: "y = x Φ(x); approximately y = x/2 (1 + tanh(√(2/π) (x + 0.044715 x³)))",
    parameters: &[INPUT, APPROXIMATE],
    torch: "torch.nn.functional.gelu",
    onnx: "Gelu",
    examples: &["input x: [3, 4]  output gelu(x)", "input x: [3, 4]  output gelu(x, approximate=\"tanh\")"],
    build: |attributes| build(&DEF, attributes),
};

pub(super) static LAYER: Def = Def {
    name: "GELU",
    form: Form::Layer { call: &[INPUT] },
    parameters: &[APPROXIMATE],
    torch: "torch.nn.GELU",
    examples: &[
        "input x: [3, 4]  layer act = GELU()  output act(x)",
        "input x: [3, 4]  layer act = GELU(approximate=\"tanh\")  output act(x)",
    ],
    build: |attributes| build(&LAYER, attributes),
    ..DEF
};

fn build(def: &'static Def, attributes: &Attributes) -> Result<Arc<dyn Op>, AttributeError> {
    let approximate = attributes.word("approximate")? == "tanh";
    Ok(if approximate { Map::new(def, Approximate) } else { Map::new(def, Gelu) })
}

#[derive(Debug)]
struct Gelu;

impl Pointwise for Gelu {
    const KEEPS: Keeps = Keeps::INPUTS;
    const TAKES: Takes = Takes::Floats;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        x * cumulative(x)
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, x: T) -> T {
        let density = T::from_f64(1.0 / (2.0 * PI).sqrt()) * (T::from_f64(-0.5) * x * x).exp();
        grad * (cumulative(x) + x * density)
    }
}

/// Φ, the distribution function of the standard normal distribution.
#[inline(always)]
fn cumulative<T: Real>(x: T) -> T {
    let half = T::from_f64(0.5);
    half * (T::one() + (x * T::from_f64(FRAC_1_SQRT_2)).erf())
}

#[derive(Debug)]
struct Approximate;

const CUBIC: f64 = 0.044_715;

impl Pointwise for Approximate {
    const KEEPS: Keeps = Keeps::INPUTS;
    const TAKES: Takes = Takes::Floats;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        T::from_f64(0.5) * x * (T::one() + inner(x).tanh())
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, x: T) -> T {
        let tanh = inner(x).tanh();
        let slope = T::from_f64(FRAC_2_PI.sqrt()) * (T::one() + T::from_f64(3.0 * CUBIC) * x * x);
        grad * T::from_f64(0.5) * (T::one() + tanh + x * (T::one() - tanh * tanh) * slope)
    }
}

/// √(2/π) (x + 0.044715 x³)
#[inline(always)]
fn inner<T: Real>(x: T) -> T {
    T::from_f64(FRAC_2_PI.sqrt()) * (x + T::from_f64(CUBIC) * x * x * x)
}
