//! `expand`: axes of size 1, and new ones in front, are repeated.

use super::moves::{Move, Moved, Movement};
use crate::ops::contract::{Def, Form, Op, Parameter, Type};
use crate::ops::shape_rules::{any_operand, axes, axes_from_the_end};
use crate::ops::{AttributeError, Attributes, Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Facts, Shape, TensorType};
use crate::tensor::nest::broadcast_steps;
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "expand",
    form: Form::Function,
    summary: "Repeats axes of size 1, and new ones in front, up to a shape.",
    formula: "y[..., i, ...] = x[..., 0, ...]",
    parameters: &[Parameter::operand("input", "A shape that broadcasts to `size`."), SIZE],
    torch: "torch.Tensor.expand",
    onnx: "Expand",
    examples: &[
        "input x: [2, 1]  output expand(x, [2, 3])",
        "input x: [3]  output expand(x, [2, -1])",
        "input x: [1, 3, 1]  output expand(x, size=[2, 2, -1, 4])",
        "input x: []  output expand(x, [2])",
        "input x: int[2, 1]  output expand(x, [-1, 2])",
    ],
    build: |attributes| build(&DEF, attributes),
};

pub(super) const SIZE: Parameter = Parameter::required(
    "size",
    Type::Sizes,
    "The shape of the result, aligned at the end; -1 leaves an axis as it is.",
);

/// This operator under the name of `def`, which has the parameter `SIZE`.
pub(super) fn build(def: &'static Def, attributes: &Attributes) -> Result<Arc<dyn Op>, AttributeError> {
    let size = attributes.sizes("size")?;
    if let Some(size) = size.iter().filter_map(Dim::as_const).find(|size| *size < -1) {
        let message = format!("a size of `size` must be at least 0, or -1, and is {size}");
        return Err(AttributeError::new("size", message));
    }
    Ok(Arc::new(Moved(Expand { def, size: Some(size) })))
}

/// Repeats the axes of the first operand up to the shape of the second.
pub(super) fn to_second(def: &'static Def) -> Arc<dyn Op> {
    Arc::new(Moved(Expand { def, size: None }))
}

#[derive(Debug)]
struct Expand {
    def: &'static Def,
    /// That of the second operand if it is `None`.
    size: Option<Vec<Dim>>,
}

impl Expand {
    /// What says how large an axis becomes.
    fn cause(&self, axis: usize) -> Cause {
        if self.size.is_some() { Cause::Attribute("size") } else { Cause::Axis { operand: 1, axis } }
    }
}

impl Movement for Expand {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn infer(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let input = any_operand(self.def, inputs, 0)?;
        let size = match &self.size {
            Some(size) => size,
            None => &*any_operand(self.def, inputs, 1)?.shape,
        };
        let (name, shape, wanted) = (self.def.name, &input.shape, Shape::from(size));
        let Some(new) = size.len().checked_sub(shape.rank()) else {
            let message = format!("`{name}` of {shape} to {wanted} would drop axes");
            let whole = if self.size.is_some() { Cause::Attribute("size") } else { Cause::Operand(1) };
            return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                .cause(whole, format!("this has {}", axes(wanted.rank())))
                .cause(Cause::Operand(0), format!("this has {}", axes(shape.rank()))));
        };
        let mut output = Shape::scalar();
        for (place, size) in size.iter().enumerate() {
            let found = place.checked_sub(new).and_then(|axis| shape.get(axis));
            let keeps = size.as_const() == Some(-1);
            match found {
                None if keeps => {
                    let message = format!("`{name}` of {shape} to {wanted}: -1 stands for an axis that isn't there");
                    return Err(ShapeError::new(ShapeErrorKind::Rank, message)
                        .cause(self.cause(place), format!("axis {place} is a new one, which needs a size"))
                        .cause(Cause::Operand(0), format!("this has {}", axes(shape.rank()))));
                }
                Some(found) if keeps => output.push(found.clone()),
                Some(found) if facts.reduce(found) != Dim::ONE && !facts.equal(size, found) => {
                    let axis = place - new;
                    let back = axes_from_the_end(wanted.rank() - place);
                    let message = format!("`{name}` can't repeat {shape} to {wanted}: {back} are {found} and {size}");
                    return Err(ShapeError::new(ShapeErrorKind::Mismatch, message)
                        .cause(self.cause(place), format!("axis {place} is to be {size}"))
                        .cause(Cause::Axis { operand: 0, axis }, format!("axis {axis} of {shape} is {found}"))
                        .help("only axes of size 1 are repeated; `repeat` and `tile` repeat others"));
                }
                _ => output.push(size.clone()),
            }
        }
        Ok(vec![TensorType::new(input.element, output)])
    }

    fn passes_gradient(&self, operand: usize) -> bool {
        operand == 0
    }

    fn moves(&self, inputs: &[&[usize]], results: &[&[usize]], visit: &mut dyn FnMut(&Move)) {
        let ([input, ..], [result]) = (inputs, results) else { return };
        visit(&Move::gather(0, &broadcast_steps(input, result), result));
    }
}
