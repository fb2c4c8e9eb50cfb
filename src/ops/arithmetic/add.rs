//! `+` and `add`: the sum of two tensors.

use super::binary::{ALPHA, Binary, Elementwise, INPUT, Ints, OTHER};
use crate::ops::contract::{Def, Form, Keeps, Op};
use crate::tensor::Real;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "+",
    form: Form::Infix,
    summary: "Adds two tensors element by element; they broadcast.",
    formula: "y = a + b",
    parameters: &[INPUT, OTHER],
    torch: "torch.add",
    onnx: "Add",
    examples: &[
        "input a: [2, 3]  input b: [2, 3]  output a + b",
        "input a: [2, 3, 4]  input b: [3, 1]  output a + b",
        "input a: [4]  input b: [2, 3, 4]  output a + b",
        "input a: [2, 3]  output a + 2",
        "input a: int[3]  input b: [2, 3]  output a + b",
        "input a: int[3]  input b: int[3]  output a + b",
    ],
    build: |_| Ok(Elementwise::new(&DEF, Add)),
};

pub(super) static FUNCTION: Def = Def {
    name: "add",
    form: Form::Function,
    formula: "y = a + α b, α = alpha",
    parameters: &[INPUT, OTHER, ALPHA],
    examples: &[
        "input a: [2, 3]  input b: [3]  output add(a, b)",
        "input a: [2, 3, 4]  input b: [3, 1]  output add(a, b, alpha=-0.5)",
        "input a: int[3]  input b: int[3]  output add(a, b, alpha=2)",
    ],
    build: |attributes| Ok(sum(&FUNCTION, attributes.float("alpha")?)),
    ..DEF
};

/// a + `factor` · b
pub(super) fn sum(def: &'static Def, factor: f64) -> Arc<dyn Op> {
    if factor == 1.0 { Elementwise::new(def, Add) } else { Elementwise::new(def, AddScaled { factor }) }
}

#[derive(Debug)]
struct Add;

impl Binary for Add {
    const KEEPS: Keeps = Keeps::NOTHING;
    const SUMS: [bool; 2] = [true; 2];

    fn ints(&self) -> Ints {
        Ints::Int
    }

    #[inline(always)]
    fn float<T: Real>(&self, a: T, b: T) -> T {
        a + b
    }

    fn int(&self, a: i64, b: i64) -> i64 {
        a.wrapping_add(b)
    }

    #[inline(always)]
    fn grad_input<T: Real>(&self, grad: T, _: T, _: T) -> T {
        grad
    }

    #[inline(always)]
    fn grad_other<T: Real>(&self, grad: T, _: T, _: T) -> T {
        grad
    }
}

#[derive(Debug)]
struct AddScaled {
    factor: f64,
}

impl Binary for AddScaled {
    const KEEPS: Keeps = Keeps::NOTHING;

    fn ints(&self) -> Ints {
        if self.factor.fract() == 0.0 { Ints::Int } else { Ints::Float }
    }

    #[inline(always)]
    fn float<T: Real>(&self, a: T, b: T) -> T {
        a + T::from_f64(self.factor) * b
    }

    fn int(&self, a: i64, b: i64) -> i64 {
        a.wrapping_add(b.wrapping_mul(self.factor as i64))
    }

    #[inline(always)]
    fn grad_input<T: Real>(&self, grad: T, _: T, _: T) -> T {
        grad
    }

    #[inline(always)]
    fn grad_other<T: Real>(&self, grad: T, _: T, _: T) -> T {
        grad * T::from_f64(self.factor)
    }
}
