//! `-` and `neg`: the negative.

use crate::ops::contract::{Backward, DataError, Def, Form, Forward, Keeps, Kernel, Op, Parameter};
use crate::ops::shape_rules::{any_operand, named};
use crate::ops::{Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Element, Facts, TensorType};
use crate::tensor::{Real, Slice, SliceMut};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "-",
    form: Form::Prefix,
    summary: "Changes the sign of every element.",
    formula: "y = -x",
    parameters: &[Parameter::operand("input", "Any shape, float or int.")],
    torch: "torch.neg",
    onnx: "Neg",
    examples: &["input x: [2, 3]  output -x", "input x: int[3]  output -x"],
    build: |_| Ok(Arc::new(Neg(&DEF))),
};

pub(super) static FUNCTION: Def = Def {
    name: "neg",
    form: Form::Function,
    examples: &["input x: [2, 3]  output neg(x)", "input x: int[3]  output neg(x)"],
    build: |_| Ok(Arc::new(Neg(&FUNCTION))),
    ..DEF
};

#[derive(Debug)]
struct Neg(&'static Def);

impl Op for Neg {
    fn def(&self) -> &'static Def {
        self.0
    }

    fn infer(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = any_operand(self.0, inputs, 0)?;
        if input.element == Element::Bool {
            let message =
                format!("`{}` wants a float or int tensor, and gets {} tensor", self.0.name, named(input.element));
            return Err(ShapeError::new(ShapeErrorKind::Element, message)
                .cause(Cause::Operand(0), format!("this is {input}"))
                .help("`not x` is the other truth value"));
        }
        Ok(vec![input.clone()])
    }

    fn keeps(&self) -> Keeps {
        Keeps::NOTHING
    }
}

impl<T: Real> Kernel<T> for Neg {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        match (x.data, &mut y.data) {
            (Slice::Float(x), SliceMut::Float(y)) => y.iter_mut().zip(x).for_each(|(y, &x)| *y = -x),
            (Slice::Int(x), SliceMut::Int(y)) => y.iter_mut().zip(x).for_each(|(y, x)| *y = x.wrapping_neg()),
            _ => {}
        }
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        if let ([grad], [Some(out)]) = (cx.grad_outputs, cx.grad_inputs) {
            out.iter_mut().zip(grad.floats()).for_each(|(out, &grad)| *out -= grad);
        }
    }
}
