//! `Unflatten` and `unflatten`: one axis becomes several.

use super::reshaping::{Reshaped, Reshaping};
use crate::ops::axis::axis_of;
use crate::ops::contract::{Def, Form, Op, Parameter, Type};
use crate::ops::shape_rules::any_operand;
use crate::ops::{AttributeError, Attributes, Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Facts, Shape, TensorType};
use std::sync::Arc;

const INPUT: Parameter = Parameter::operand("input", "Any shape with the axis `dim`.");
const DIM: Parameter = Parameter::required("dim", Type::Int, "The axis that is divided.");
const SIZES: &str = "What it becomes; one size may be -1, which follows from the others.";

pub(super) static DEF: Def = Def {
    name: "Unflatten",
    form: Form::Layer { call: &[INPUT] },
    summary: "Makes several axes of one.",
    formula: "[..., a · … · z, ...] -> [..., a, …, z, ...]",
    parameters: &[DIM, Parameter::required("unflattened_size", Type::Sizes, SIZES)],
    torch: "torch.nn.Unflatten",
    onnx: "Reshape",
    examples: &[
        "input x: [2, 6]  layer f = Unflatten(1, [2, 3])  output f(x)",
        "input x: [2, 12, 2]  layer f = Unflatten(-2, [3, -1, 2])  output f(x)",
    ],
    build: |attributes| Unflatten::build(&DEF, "unflattened_size", attributes),
};

pub(super) static FUNCTION: Def = Def {
    name: "unflatten",
    form: Form::Function,
    parameters: &[INPUT, DIM, Parameter::required("sizes", Type::Sizes, SIZES)],
    torch: "torch.unflatten",
    examples: &["input x: [6, 2]  output unflatten(x, 0, [3, 2])", "input x: int[4]  output unflatten(x, 0, [2, -1])"],
    build: |attributes| Unflatten::build(&FUNCTION, "sizes", attributes),
    ..DEF
};

#[derive(Debug)]
struct Unflatten {
    def: &'static Def,
    dim: i64,
    sizes: Vec<Dim>,
    /// Which of them is -1.
    unknown: Option<usize>,
    /// The attribute that holds them.
    name: &'static str,
}

impl Unflatten {
    fn build(def: &'static Def, name: &'static str, attributes: &Attributes) -> Result<Arc<dyn Op>, AttributeError> {
        let (dim, sizes) = (attributes.int("dim")?, attributes.sizes(name)?);
        if sizes.is_empty() {
            return Err(AttributeError::new(name, format!("`{name}` must name at least one size")));
        }
        let is_unknown = |size: &Dim| size.as_const() == Some(-1);
        let unknown = sizes.iter().position(is_unknown);
        if sizes.iter().filter(|size| is_unknown(size)).count() > 1 {
            return Err(AttributeError::new(name, format!("only one size of `{name}` can be -1")));
        }
        if let Some(size) = sizes.iter().filter_map(Dim::as_const).find(|size| *size < -1) {
            let message = format!("a size of `{name}` must be at least 0, or -1, and is {size}");
            return Err(AttributeError::new(name, message));
        }
        Ok(Arc::new(Reshaped(Self { def, dim, sizes, unknown, name })))
    }

    /// The product of the sizes but for this one.
    fn product_without(&self, left_out: Option<usize>) -> Dim {
        let sizes = self.sizes.iter().enumerate().filter(|(index, _)| Some(*index) != left_out);
        sizes.fold(Dim::ONE, |product, (_, size)| product.mul(size))
    }

    /// The sizes with that which -1 stands for, if they have this product.
    fn divide(&self, facts: &mut Facts, size: &Dim) -> Option<Vec<Dim>> {
        let known = self.product_without(self.unknown);
        let Some(unknown) = self.unknown else { return facts.equal(&known, size).then(|| self.sizes.clone()) };
        if known == Dim::ZERO || !facts.divides(&known, size) {
            return None;
        }
        let quotient = size.exact_div(&known).unwrap_or_else(|| size.floor_div(&known));
        let mut sizes = self.sizes.clone();
        *sizes.get_mut(unknown)? = quotient;
        Some(sizes)
    }

    fn error(&self, facts: &Facts, input: &TensorType, axis: usize) -> ShapeError {
        let size = input.shape.get(axis).cloned().unwrap_or(Dim::ONE);
        let (name, written) = (self.def.name, Shape::from(self.sizes.as_slice()));
        let product = self.product_without(self.unknown);
        if self.unknown.is_some() && product == Dim::ZERO {
            let message = format!("`{name}` can't tell what -1 stands for in {written}: any size would do");
            return ShapeError::new(ShapeErrorKind::Reshape, message)
                .cause(Cause::Attribute(self.name), "the other sizes have the product 0");
        }
        let message = format!("`{name}` of {size} to {written} would change the number of elements");
        let mut error = ShapeError::new(ShapeErrorKind::Reshape, message)
            .cause(Cause::Attribute(self.name), format!("its product is {product}"))
            .cause(Cause::Axis { operand: 0, axis }, format!("axis {axis} of {} is {size}", input.shape));
        let candidates =
            (0..self.sizes.len()).rev().filter(|index| self.unknown.is_none_or(|unknown| unknown == *index));
        error.help = candidates.into_iter().find_map(|index| {
            let rest = facts.reduce(&size).exact_div(&facts.reduce(&self.product_without(Some(index))))?;
            let mut sizes = written.clone();
            *sizes.get_mut(index)? = rest;
            Some(format!("{sizes} has as many elements"))
        });
        error
    }
}

impl Reshaping for Unflatten {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn shape(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Shape, ShapeError> {
        let input = any_operand(self.def, inputs, 0)?;
        let axis = axis_of(self.def, "dim", self.dim, 0, input)?;
        let size = input.shape.get(axis).cloned().unwrap_or(Dim::ONE);
        let Some(sizes) = self.divide(facts, &size) else { return Err(self.error(facts, input, axis)) };
        let (before, after) = input.shape.split_at_checked(axis).unwrap_or_default();
        let after = after.iter().skip(1).cloned();
        Ok(before.iter().cloned().chain(sizes).chain(after).collect())
    }
}
