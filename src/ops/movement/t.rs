//! `t`: a matrix with its axes exchanged.

use super::moves::{Move, Moved, Movement};
use crate::ops::contract::{Def, Form, Parameter};
use crate::ops::shape_rules::{any_operand, axes};
use crate::ops::{Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Facts, TensorType};
use crate::tensor::nest::dense_steps;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "t",
    form: Form::Function,
    summary: "Exchanges the axes of a matrix, and leaves a vector or scalar as it is.",
    formula: "yᵢⱼ = xⱼᵢ",
    parameters: &[Parameter::operand("input", "`[m, n]`, `[n]` or `[]`")],
    torch: "torch.t",
    onnx: "Transpose",
    examples: &[
        "input x: [2, 3]  output t(x)",
        "input x: [3]  output t(x)",
        "input x: []  output t(x)",
        "input x: bool[1, 3]  output t(x)",
    ],
    build: |_| Ok(Arc::new(Moved(T))),
};

#[derive(Debug)]
struct T;

impl Movement for T {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = any_operand(&DEF, inputs, 0)?;
        let rank = input.shape.rank();
        if rank > 2 {
            let message = format!("`t` wants at most 2 axes, and gets {}", input.shape);
            return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                .cause(Cause::Operand(0), format!("this has {}", axes(rank)))
                .help("`transpose(x, -2, -1)` exchanges the last two axes"));
        }
        let mut output = input.clone();
        output.shape.reverse();
        Ok(vec![output])
    }

    fn moves(&self, inputs: &[&[usize]], results: &[&[usize]], visit: &mut dyn FnMut(&Move)) {
        let ([input], [result]) = (inputs, results) else { return };
        let mut steps = dense_steps(input);
        steps.reverse();
        visit(&Move::gather(0, &steps, result));
    }
}
