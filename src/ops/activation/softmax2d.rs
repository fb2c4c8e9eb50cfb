//! `Softmax2d`: the softmax over the channels of an image.

use super::lanewise::AlongAxis;
use super::softmax::Softmax;
use crate::ops::contract::{Backward, DataError, Def, Form, Forward, Grads, Keeps, Kernel, Op, Parameter};
use crate::ops::shape_rules::{axes, float_input};
use crate::ops::{Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Facts, TensorType};
use crate::tensor::Real;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "Softmax2d",
    form: Form::Layer { call: &[Parameter::operand("input", "`[N, C, H, W]` or `[C, H, W]`")] },
    summary: "Makes the channels at each place of an image positive numbers with the sum 1.",
    formula: "yᵢ = e^xᵢ / Σⱼ e^xⱼ over the channels C of [N, C, H, W] or [C, H, W]",
    parameters: &[],
    torch: "torch.nn.Softmax2d",
    onnx: "Softmax",
    examples: &[
        "input x: [2, 3, 2, 2]  layer act = Softmax2d()  output act(x)",
        "input x: [3, 2, 2]  layer act = Softmax2d()  output act(x)",
    ],
    build: |_| Ok(Arc::new(Softmax2d(AlongAxis::new(&DEF, -3)))),
};

#[derive(Debug)]
struct Softmax2d(AlongAxis<Softmax>);

impl Op for Softmax2d {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = float_input(&DEF, inputs)?;
        if ![3, 4].contains(&input.shape.rank()) {
            let message = format!("`Softmax2d` wants [N, C, H, W] or [C, H, W], and gets {}", input.shape);
            return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                .cause(Cause::Operand(0), format!("this has {}", axes(input.shape.rank())))
                .help("`Softmax(dim)` takes any shape"));
        }
        self.0.infer(facts, inputs)
    }

    fn keeps(&self) -> Keeps {
        self.0.keeps()
    }

    fn writes(&self) -> Grads {
        self.0.writes()
    }

    fn flops(&self, inputs: &[TensorType], outputs: &[TensorType]) -> Dim {
        self.0.flops(inputs, outputs)
    }
}

impl<T: Real> Kernel<T> for Softmax2d {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        self.0.forward(cx)
    }

    fn backward(&self, cx: Backward<T>) {
        Kernel::<T>::backward(&self.0, cx);
    }
}
