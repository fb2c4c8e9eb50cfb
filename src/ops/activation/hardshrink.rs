//! `hardshrink` and `Hardshrink`: nothing near 0, all else as it was.

use crate::ops::contract::{Def, Form, Keeps, Literal, Op, Parameter, Type};
use crate::ops::pointwise::{INPUT, Map, Pointwise, Takes};
use crate::ops::{AttributeError, Attributes};
use crate::tensor::Real;
use std::sync::Arc;

const LAMBD: Parameter =
    Parameter::attribute("lambd", Type::Float, Literal::Float(0.5), "How far from 0 elements vanish.");

pub(super) static DEF: Def = Def {
    name: "hardshrink",
    form: Form::Function,
    summary: "Replaces the elements from `-lambd` to `lambd` by 0.",
    formula: "y = 0 for -λ ≤ x ≤ λ, else x, λ = lambd",
    parameters: &[INPUT, LAMBD],
    torch: "torch.nn.functional.hardshrink",
    onnx: "Shrink",
    examples: &["input x: [3, 4]  output hardshrink(x)", "input x: [3, 4]  output hardshrink(x, 1.0)"],
    build: |attributes| build(&DEF, attributes),
};

pub(super) static LAYER: Def = Def {
    name: "Hardshrink",
    form: Form::Layer { call: &[INPUT] },
    parameters: &[LAMBD],
    torch: "torch.nn.Hardshrink",
    examples: &[
        "input x: [3, 4]  layer act = Hardshrink()  output act(x)",
        "input x: [3, 4]  layer act = Hardshrink(lambd=1.0)  output act(x)",
    ],
    build: |attributes| build(&LAYER, attributes),
    ..DEF
};

fn build(def: &'static Def, attributes: &Attributes) -> Result<Arc<dyn Op>, AttributeError> {
    Ok(Map::new(def, Hardshrink { lambd: attributes.float("lambd")? }))
}

#[derive(Debug)]
struct Hardshrink {
    lambd: f64,
}

impl Pointwise for Hardshrink {
    const KEEPS: Keeps = Keeps::INPUTS;
    const TAKES: Takes = Takes::Floats;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        if self.within(x) { T::zero() } else { x }
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, x: T) -> T {
        if self.within(x) { T::zero() } else { grad }
    }
}

impl Hardshrink {
    fn within<T: Real>(&self, x: T) -> bool {
        let lambd = T::from_f64(self.lambd);
        -lambd <= x && x <= lambd
    }
}
