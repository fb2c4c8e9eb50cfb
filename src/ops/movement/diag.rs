//! `diag`: a matrix with a vector on a diagonal, or the diagonal of a matrix.

use super::diagonal::length;
use super::moves::{Move, Moved, Movement};
use crate::ops::contract::{Def, Form, Literal, Parameter, Type};
use crate::ops::shape_rules::{any_operand, axes};
use crate::ops::{Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Facts, TensorType};
use crate::tensor::nest::{Nest, dense_steps};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "diag",
    form: Form::Function,
    summary: "Makes a matrix of a vector, which becomes its diagonal, and takes the diagonal of a matrix.",
    formula: "[n]: y[i, i + k] = x[i], else 0; [m, n]: y[i] = x[i, i + k], where k = diagonal",
    parameters: &[
        Parameter::operand("input", "`[n]` or `[m, n]`"),
        Parameter::attribute("diagonal", Type::Int, Literal::Int(0), "How far it is above the main diagonal."),
    ],
    torch: "torch.diag",
    onnx: "",
    examples: &[
        "input x: [3]  output diag(x)",
        "input x: [2]  output diag(x, -1)",
        "input x: [3, 4]  output diag(x)",
        "input x: [3, 4]  output diag(x, diagonal=2)",
        "input x: int[2]  output diag(x, 1)",
    ],
    build: |attributes| Ok(Arc::new(Moved(Diag { diagonal: attributes.int("diagonal")? }))),
};

#[derive(Debug)]
struct Diag {
    diagonal: i64,
}

impl Movement for Diag {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = any_operand(&DEF, inputs, 0)?;
        match &*input.shape {
            [size] => {
                let away = Dim::from(self.diagonal);
                let size = if self.diagonal < 0 { size.sub(&away) } else { size.add(&away) };
                Ok(vec![TensorType::new(input.element, [size.clone(), size])])
            }
            [rows, columns] => {
                Ok(vec![TensorType::new(input.element, [length(facts, [rows, columns], self.diagonal)])])
            }
            shape => {
                let message = format!("`diag` wants 1 or 2 axes, and gets {}", input.shape);
                Err(ShapeError::new(ShapeErrorKind::Rank, message)
                    .cause(Cause::Operand(0), format!("this has {}", axes(shape.len())))
                    .help("`diagonal` takes the diagonals of many matrices"))
            }
        }
    }

    fn leaves_zeros(&self) -> bool {
        true
    }

    fn moves(&self, inputs: &[&[usize]], results: &[&[usize]], visit: &mut dyn FnMut(&Move)) {
        let ([input], [result]) = (inputs, results) else { return };
        // Where the diagonal begins in a matrix, and the step along it.
        let begin = |steps: &[usize]| {
            let side = steps.get(usize::from(self.diagonal >= 0)).copied().unwrap_or(0);
            (side.saturating_mul(self.diagonal.unsigned_abs() as usize), steps.iter().sum::<usize>())
        };
        if input.len() == 2 {
            let (from, step) = begin(&dense_steps(input));
            visit(&Move::gather(from, &[step], result));
        } else {
            let (to, step) = begin(&dense_steps(result));
            visit(&Move { operand: 0, result: 0, from: 0, to, nest: Nest::new(input, [&[1], &[step]]) });
        }
    }
}
