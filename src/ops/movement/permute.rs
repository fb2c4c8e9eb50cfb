//! `permute`: axes in another order.

use super::moves::{Move, Moved, Movement, permuted};
use crate::ops::axis::{axes_in_order, axis};
use crate::ops::contract::{Def, Form, Parameter, Type};
use crate::ops::shape_rules::{any_operand, axes};
use crate::ops::{Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Facts, Shape, TensorType};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "permute",
    form: Form::Function,
    summary: "Brings the axes into another order.",
    formula: "axis i of y is axis dims[i] of x",
    parameters: &[
        Parameter::operand("input", "Any shape."),
        Parameter::required("dims", Type::Ints, "Every axis of the input once."),
    ],
    torch: "torch.permute",
    onnx: "Transpose",
    examples: &[
        "input x: [2, 3, 4]  output permute(x, [2, 0, 1])",
        "input x: [2, 1, 3, 4]  output permute(x, [0, 2, 1, -1])",
        "input x: [2, 3]  output permute(x, dims=[0, 1])",
        "input x: []  output permute(x, [])",
        "input x: int[2, 3]  output permute(x, [1, 0])",
    ],
    build: |attributes| Ok(Arc::new(Moved(Permute { dims: attributes.ints("dims")? }))),
};

#[derive(Debug)]
struct Permute {
    dims: Vec<i64>,
}

impl Movement for Permute {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn infer(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = any_operand(&DEF, inputs, 0)?;
        let order = axes_in_order(&DEF, "dims", &self.dims, input)?;
        let rank = input.shape.rank();
        if order.len() != rank {
            let missing = (0..rank).find(|axis| !order.contains(axis)).unwrap_or(0);
            let message = format!("`permute` wants every axis of {} once, and axis {missing} isn't named", input.shape);
            return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                .cause(Cause::Attribute("dims"), format!("this names {}", axes(order.len())))
                .cause(Cause::Operand(0), format!("this has {}", axes(rank))));
        }
        let shape: Shape = order.iter().filter_map(|axis| input.shape.get(*axis).cloned()).collect();
        Ok(vec![TensorType::new(input.element, shape)])
    }

    fn moves(&self, inputs: &[&[usize]], results: &[&[usize]], visit: &mut dyn FnMut(&Move)) {
        let ([input], [result]) = (inputs, results) else { return };
        let steps = permuted(input, self.dims.iter().filter_map(|dim| axis(*dim, input.len())));
        visit(&Move::gather(0, &steps, result));
    }
}
