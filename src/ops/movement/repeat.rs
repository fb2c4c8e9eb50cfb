//! `repeat`: the tensor several times along each axis.

use super::moves::{Move, Moved, Movement};
use crate::ops::contract::{Def, Form, Op, Parameter, Type};
use crate::ops::shape_rules::{any_operand, axes, sizes};
use crate::ops::{AttributeError, Attributes, Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Facts, Shape, TensorType};
use crate::tensor::nest::{Steps, dense_steps};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "repeat",
    form: Form::Function,
    summary: "Lays the tensor several times along each axis; new axes come in front.",
    formula: "y[..., i, ...] = x[..., i mod n, ...]",
    parameters: &[
        Parameter::operand("input", "Any shape."),
        Parameter::required("repeats", Type::Sizes, "How many times along each axis; new ones come first."),
    ],
    torch: "torch.Tensor.repeat",
    onnx: "Tile",
    examples: &[
        "input x: [2, 3]  output repeat(x, [2, 1])",
        "input x: [2]  output repeat(x, [3, 2])",
        "input x: [2, 1, 3]  output repeat(x, repeats=[1, 4, 2])",
        "input x: []  output repeat(x, 3)",
        "input x: bool[2]  output repeat(x, 2)",
    ],
    build: |attributes| {
        Ok(Arc::new(Moved(Repeat { def: &DEF, attribute: "repeats", repeats: sizes(attributes, "repeats")? })))
    },
};

/// This operator under the name of `def`: missing repeats are ones.
pub(super) fn tile(def: &'static Def, attributes: &Attributes) -> Result<Arc<dyn Op>, AttributeError> {
    Ok(Arc::new(Moved(Repeat { def, attribute: "dims", repeats: sizes(attributes, "dims")? })))
}

#[derive(Debug)]
struct Repeat {
    def: &'static Def,
    attribute: &'static str,
    repeats: Vec<Dim>,
}

impl Movement for Repeat {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn infer(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = any_operand(self.def, inputs, 0)?;
        let (rank, n) = (input.shape.rank(), self.repeats.len());
        if n < rank && *self.def == DEF {
            let message = format!("`repeat` wants a number for each axis of {}, and gets {n}", input.shape);
            return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                .cause(Cause::Attribute(self.attribute), format!("this is for {}", axes(n)))
                .cause(Cause::Operand(0), format!("this has {}", axes(rank)))
                .help("`tile` takes ones for those that are missing in front"));
        }
        let at = |dims: &[Dim], axis: usize| {
            (axis + dims.len()).checked_sub(rank.max(n)).and_then(|axis| dims.get(axis).cloned()).unwrap_or(Dim::ONE)
        };
        let shape: Shape = (0..rank.max(n)).map(|axis| at(&input.shape, axis).mul(&at(&self.repeats, axis))).collect();
        Ok(vec![TensorType::new(input.element, shape)])
    }

    fn moves(&self, inputs: &[&[usize]], results: &[&[usize]], visit: &mut dyn FnMut(&Move)) {
        let ([input], [result]) = (inputs, results) else { return };
        // Each axis of the result is two: which time it is, and where in the input.
        let new = result.len() - input.len().min(result.len());
        let (mut shape, mut steps) = (Steps::new(), Steps::new());
        let inner = dense_steps(input);
        for (axis, &size) in result.iter().enumerate() {
            let at =
                |list: &[usize], other| axis.checked_sub(new).and_then(|axis| list.get(axis).copied()).unwrap_or(other);
            let length = at(input, 1);
            shape.extend([size.checked_div(length).unwrap_or(0), length]);
            steps.extend([0, at(&inner, 0)]);
        }
        visit(&Move::gather(0, &steps, &shape));
    }
}
