//! `glu` and `GLU`: the gated linear unit, <https://arxiv.org/abs/1612.08083>.

use super::sigmoid::sigmoid;
use crate::ops::axis::{axis, axis_of};
use crate::ops::contract::{
    Backward, DataError, Def, Form, Forward, Grads, Keeps, Kernel, Literal, Op, Parameter, Type,
};
use crate::ops::pointwise::INPUT;
use crate::ops::shape_rules::{float_input, numel};
use crate::ops::{Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Facts, TensorType};
use crate::tensor::Real;
use crate::tensor::simd::give;
use std::sync::Arc;

const DIM: Parameter = Parameter::attribute("dim", Type::Int, Literal::Int(-1), "The axis that is halved.");

pub(super) static DEF: Def = Def {
    name: "glu",
    form: Form::Function,
    summary: "Multiplies the first half along an axis by the sigmoid of the second.",
    formula: "y = a σ(b), [..., 2 n, ...] -> [..., n, ...], a and b the two halves, σ(b) = 1 / (1 + e^-b)",
    parameters: &[INPUT, DIM],
    torch: "torch.nn.functional.glu",
    onnx: "",
    examples: &[
        "input x: [3, 4]  output glu(x)",
        "input x: [2, 6, 4]  output glu(x, dim=1)",
        "input x: [4, 3]  output glu(x, 0)",
    ],
    build: |attributes| Ok(Arc::new(Glu { def: &DEF, dim: attributes.int("dim")? })),
};

pub(super) static LAYER: Def = Def {
    name: "GLU",
    form: Form::Layer { call: &[INPUT] },
    parameters: &[DIM],
    torch: "torch.nn.GLU",
    examples: &[
        "input x: [3, 4]  layer act = GLU()  output act(x)",
        "input x: [2, 6, 4]  layer act = GLU(dim=1)  output act(x)",
    ],
    build: |attributes| Ok(Arc::new(Glu { def: &LAYER, dim: attributes.int("dim")? })),
    ..DEF
};

#[derive(Debug)]
struct Glu {
    def: &'static Def,
    dim: i64,
}

impl Op for Glu {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = float_input(self.def, inputs)?;
        let axis = axis_of(self.def, "dim", self.dim, 0, input)?;
        let two = Dim::from(2i64);
        let mut output = input.clone();
        let Some(size) = output.shape.get_mut(axis) else { return Ok(vec![output]) };
        if !facts.divides(&two, size) {
            let message = format!("`{}` halves axis {axis} of {}, and {size} is odd", self.def.name, input.shape);
            return Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
                .cause(Cause::Axis { operand: 0, axis }, format!("axis {axis} is {size}"))
                .cause(Cause::Attribute("dim"), format!("`dim` is {}", self.dim)));
        }
        *size = size.exact_div(&two).unwrap_or_else(|| size.floor_div(&two));
        Ok(vec![output])
    }

    fn keeps(&self) -> Keeps {
        Keeps::INPUTS
    }

    fn writes(&self) -> Grads {
        Grads::INPUTS
    }

    /// A product, and a negative, an exponential, a sum and a quotient for the sigmoid.
    fn flops(&self, _: &[TensorType], outputs: &[TensorType]) -> Dim {
        numel(outputs).mul(&Dim::from(5i64))
    }
}

impl Glu {
    /// How many elements of each half stand together, of an input with this shape.
    fn run(&self, shape: &[usize]) -> usize {
        let axis = axis(self.dim, shape.len()).unwrap_or(0);
        shape.iter().skip(axis).product::<usize>() / 2
    }
}

impl<T: Real> Kernel<T> for Glu {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        let run = self.run(x.shape);
        if run == 0 {
            return Ok(());
        }
        for (y, x) in y.floats().chunks_exact_mut(run).zip(x.floats().chunks_exact(2 * run)) {
            let (a, b) = x.split_at(run);
            y.iter_mut().zip(a.iter().zip(b)).for_each(|(y, (&a, &b))| *y = a * sigmoid(b));
        }
        Ok(())
    }

    /// da = g σ(b), db = g a σ(b) (1 - σ(b))
    fn backward(&self, cx: Backward<T>) {
        let is_fresh = cx.fresh.has_input(0);
        let ([x], [grad], [Some(out)]) = (cx.inputs, cx.grad_outputs, cx.grad_inputs) else { return };
        let (run, x, grad) = (self.run(x.shape), x.floats(), grad.floats());
        match (run, is_fresh) {
            (0, _) => {}
            (_, true) => backward::<T, true>(run, x, grad, out),
            (_, false) => backward::<T, false>(run, x, grad, out),
        }
    }
}

/// da += g σ(b), db += g a σ(b) (1 - σ(b)), or those where they are `FRESH`, for runs of a and b of this length.
fn backward<T: Real, const FRESH: bool>(run: usize, x: &[T], grad: &[T], out: &mut [T]) {
    let parts = x.chunks_exact(2 * run).zip(grad.chunks_exact(run));
    for (out, (x, grad)) in out.chunks_exact_mut(2 * run).zip(parts) {
        let ((a, b), (grad_a, grad_b)) = (x.split_at(run), out.split_at_mut(run));
        let elements = a.iter().zip(b).zip(grad);
        for ((grad_a, grad_b), ((&a, &b), &grad)) in grad_a.iter_mut().zip(grad_b).zip(elements) {
            let gate = sigmoid(b);
            give::<T, FRESH>(grad_a, grad * gate);
            give::<T, FRESH>(grad_b, grad * a * gate * (T::one() - gate));
        }
    }
}
