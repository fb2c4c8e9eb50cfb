//! `relu` and `ReLU`: the rectified linear unit.

use crate::ops::contract::{Def, Form, Keeps};
use crate::ops::pointwise::{FLOAT_OR_INT, Map, Pointwise, Takes};
use crate::tensor::Real;

pub(super) static DEF: Def = Def {
    name: "relu",
    form: Form::Function,
    summary: "Replaces every negative element by 0.",
    formula: "y = max(x, 0)",
    parameters: &[FLOAT_OR_INT],
    torch: "torch.nn.functional.relu",
    onnx: "Relu",
    examples: &["input x: [3, 4]  output relu(x)", "input x: int[3]  output relu(x)"],
    build: |_| Ok(Map::new(&DEF, Relu)),
};

pub(super) static LAYER: Def = Def {
    name: "ReLU",
    form: Form::Layer { call: &[FLOAT_OR_INT] },
    parameters: &[],
    torch: "torch.nn.ReLU",
    examples: &["input x: [3, 4]  layer act = ReLU()  output act(x)"],
    build: |_| Ok(Map::new(&LAYER, Relu)),
    ..DEF
};

#[derive(Debug)]
struct Relu;

impl Pointwise for Relu {
    const KEEPS: Keeps = Keeps::OUTPUTS;
    const TAKES: Takes = Takes::Ints;

    #[inline(always)]
    fn value<T: Real>(&self, x: T) -> T {
        x.maximum(T::zero())
    }

    #[inline(always)]
    fn grad<T: Real>(&self, grad: T, y: T) -> T {
        if y <= T::zero() { T::zero() } else { grad }
    }

    fn int(&self, x: i64) -> i64 {
        x.max(0)
    }
}
