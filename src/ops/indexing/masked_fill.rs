//! `masked_fill`: one value where a mask is true.

use crate::ops::contract::{Backward, DataError, Def, Form, Forward, Grads, Keeps, Kernel, Op, Parameter};
use crate::ops::shape_rules::{any_operand, as_element, axes, broadcast, broadcast_error, operand_of};
use crate::ops::{Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Element, Facts, TensorType};
use crate::tensor::reduce::{self, add_sums};
use crate::tensor::zip::{self, Read, zip};
use crate::tensor::{Real, Slice, SliceMut};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "masked_fill",
    form: Form::Function,
    summary: "Replaces elements by one value where a mask is true; input and mask broadcast.",
    formula: "y = value where mask, else x",
    parameters: &[
        Parameter::operand("input", "Any shape."),
        Parameter::operand("mask", "`bool`, a shape that broadcasts with the input's."),
        Parameter::operand("value", "A number, or a scalar of the input's type, `[]`"),
    ],
    torch: "torch.masked_fill",
    onnx: "Where",
    examples: &[
        "input x: [2, 3]  input m: bool[2, 3]  output masked_fill(x, m, -10)",
        "input x: [2, 3]  input m: bool[3]  input v: []  output masked_fill(x, m, v)",
        "input x: [3]  input m: bool[2, 1]  output masked_fill(x, mask=m, value=0)",
        "input x: int[3]  input m: bool[3]  output masked_fill(x, m, 2)",
    ],
    build: |_| Ok(Arc::new(MaskedFill)),
};

#[derive(Debug)]
struct MaskedFill;

impl Op for MaskedFill {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let (input, mask) = (any_operand(&DEF, inputs, 0)?, operand_of(&DEF, inputs, 1, Element::Bool)?);
        let value = as_element(&DEF, inputs, 2, input)?;
        if value.shape.rank() > 0 {
            let message = format!("`masked_fill` wants a single value, and gets {value}");
            return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                .cause(Cause::Operand(2), format!("this has {}", axes(value.shape.rank())))
                .help("`where` picks between two tensors"));
        }
        match broadcast(facts, &input.shape, &mask.shape) {
            Ok(shape) => Ok(vec![TensorType::new(input.element, shape)]),
            Err(back) => Err(broadcast_error(facts, &DEF, [input, mask], back)),
        }
    }

    fn keeps(&self) -> Keeps {
        Keeps::input(1)
    }

    fn writes(&self) -> Grads {
        Grads::input(0)
    }

    fn flops(&self, _: &[TensorType], _: &[TensorType]) -> Dim {
        Dim::ZERO
    }
}

impl<T: Real> Kernel<T> for MaskedFill {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x, mask, value], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        let nest = zip::broadcast(x.shape, mask.shape, y.shape);
        let mask = mask.bools();
        match (x.data, &mut y.data) {
            (Slice::Float(x), SliceMut::Float(y)) => {
                let value: T = value.data.at(0);
                zip(&nest, (x, mask, ()), y, |y, x: T, masked, ()| *y = if masked { value } else { x });
            }
            (Slice::Int(x), SliceMut::Int(y)) => {
                let value: i64 = value.data.at(0);
                zip(&nest, (x, mask, ()), y, |y, x: i64, masked, ()| *y = if masked { value } else { x });
            }
            (Slice::Bool(x), SliceMut::Bool(y)) => {
                let value = value.bools().first().copied().unwrap_or_default();
                zip(&nest, (x, mask, ()), y, |y, x: bool, masked, ()| *y = if masked { value } else { x });
            }
            _ => {}
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let ([x, mask, _], [grad], [grad_x, _, grad_value]) = (cx.inputs, cx.grad_outputs, cx.grad_inputs) else {
            return;
        };
        let nest = zip::broadcast(x.shape, mask.shape, grad.shape);
        let (mask, grad) = (mask.bools(), grad.floats());
        if let Some(out) = grad_x {
            let (_, repeated) = nest.split(0);
            let (is_fresh, once) = (cx.fresh.has_input(0), repeated.is_single() && !grad.is_empty());
            let kept = |masked: bool, grad: T| if masked { T::zero() } else { grad };
            if is_fresh && !once {
                out.fill(T::zero());
            }
            if once && is_fresh {
                zip(&nest, ((), mask, grad), out, |out: &mut T, (), masked, grad: T| *out = kept(masked, grad));
            } else if once {
                zip(&nest, ((), mask, grad), out, |out: &mut T, (), masked, grad: T| *out += kept(masked, grad));
            } else {
                let kept = |[_, j, k]: [usize; 3]| if mask.at(j) { T::zero() } else { grad.at(k) };
                add_sums(&nest, 0, 1.0, kept, out);
            }
        }
        if let Some(out) = grad_value {
            let mut sum = 0.0;
            nest.for_each_run(|[_, j, k], length, [_, step, _]| {
                let masked = |at: usize| if mask.at(j + at * step) { grad.at(k + at).to_f64() } else { 0.0 };
                sum += reduce::sum(length, masked);
            });
            out.iter_mut().for_each(|out| *out += T::from_f64(sum));
        }
    }
}
