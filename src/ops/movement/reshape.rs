//! `reshape`: the same elements, in the same order, in another shape.

use super::reshaping::{Reshaped, Reshaping};
use crate::ops::contract::{Def, Form, Op, Parameter, Type};
use crate::ops::shape_rules::any_operand;
use crate::ops::{AttributeError, Attributes, Cause, ShapeError, ShapeErrorKind};
use crate::shape::{Dim, Facts, Shape, TensorType};
use std::sync::Arc;

pub(super) static DEF: Def = Def {
    name: "reshape",
    form: Form::Function,
    summary: "Gives the same elements, in the same order, another shape.",
    formula: "y[j] = x[i] where i and j have the same place in row-major order",
    parameters: &[Parameter::operand("input", "Any shape."), SHAPE],
    torch: "torch.reshape",
    onnx: "Reshape",
    examples: &[
        "input x: [2, 6]  output reshape(x, [3, 4])",
        "input x: [2, 3, 4]  output reshape(x, [2, -1])",
        "input x: [1]  output reshape(x, [])",
        "input x: int[4]  output reshape(x, [2, 2])",
    ],
    build: |attributes| build(&DEF, attributes),
};

pub(super) const SHAPE: Parameter =
    Parameter::required("shape", Type::Sizes, "The new shape; one size may be -1, which follows from the others.");

/// This operator under the name of `def`, which has the parameter `SHAPE`.
pub(super) fn build(def: &'static Def, attributes: &Attributes) -> Result<Arc<dyn Op>, AttributeError> {
    Ok(Arc::new(Reshaped(Reshape::new(def, attributes.sizes("shape")?)?)))
}

#[derive(Debug)]
struct Reshape {
    def: &'static Def,
    shape: Vec<Dim>,
    /// Which of them is -1.
    unknown: Option<usize>,
}

impl Reshape {
    fn new(def: &'static Def, shape: Vec<Dim>) -> Result<Self, AttributeError> {
        let mut unknown = None;
        for (axis, size) in shape.iter().enumerate() {
            match size.as_const() {
                Some(-1) if unknown.is_some() => {
                    return Err(AttributeError::new("shape", "only one size of `shape` can be -1"));
                }
                Some(-1) => unknown = Some(axis),
                Some(size) if size < 0 => {
                    let message = format!("a size of `shape` must be at least 0, or -1, and is {size}");
                    return Err(AttributeError::new("shape", message));
                }
                _ => {}
            }
        }
        Ok(Self { def, shape, unknown })
    }

    /// The product of the sizes that are known.
    fn known(&self) -> Dim {
        let sizes = self.shape.iter().enumerate().filter(|(axis, _)| Some(*axis) != self.unknown);
        sizes.fold(Dim::ONE, |product, (_, size)| product.mul(size))
    }

    /// The size that -1 stands for.
    fn quotient(&self, facts: &mut Facts, input: &TensorType) -> Result<Dim, ShapeError> {
        let (total, known) = (input.shape.numel(), self.known());
        if known == Dim::ZERO {
            let (name, written) = (self.def.name, self.written());
            let message = format!("`{name}` can't tell what -1 stands for in {written}: any size would do");
            return Err(ShapeError::new(ShapeErrorKind::Reshape, message)
                .cause(Cause::Attribute("shape"), "the other sizes have the product 0"));
        }
        if let Some(quotient) = total.exact_div(&known) {
            return Ok(quotient);
        }
        let (reduced, reduced_known) = (facts.reduce(&total), facts.reduce(&known));
        if !facts.divides(&known, &total) {
            return Err(self.error(facts, input, &format!("{known} doesn't divide {total}")));
        }
        Ok(reduced.floor_div(&reduced_known))
    }

    fn written(&self) -> Shape {
        Shape::from(self.shape.as_slice())
    }

    fn error(&self, facts: &Facts, input: &TensorType, why: &str) -> ShapeError {
        let total = input.shape.numel();
        let (name, from, to) = (self.def.name, &input.shape, self.written());
        let message = format!("`{name}` of {from} to {to} would change the number of elements");
        let mut error = ShapeError::new(ShapeErrorKind::Reshape, format!("{message}: {why}"))
            .cause(Cause::Attribute("shape"), format!("its product is {}", self.known()))
            .cause(Cause::Operand(0), format!("{} has {total} elements", input.shape));
        error.help = self.remedy(facts, &total);
        error
    }

    /// One size replaced by what the others leave.
    fn remedy(&self, facts: &Facts, total: &Dim) -> Option<String> {
        (0..self.shape.len()).rev().find_map(|axis| {
            let others = Self { def: self.def, shape: self.shape.clone(), unknown: Some(axis) };
            if self.unknown.is_some_and(|unknown| unknown != axis) {
                return None;
            }
            let size = facts.reduce(total).exact_div(&facts.reduce(&others.known()))?;
            let mut shape = self.written();
            *shape.get_mut(axis)? = size;
            Some(format!("{shape} has as many elements"))
        })
    }
}

impl Reshaping for Reshape {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn shape(&self, facts: &mut Facts, inputs: &[TensorType]) -> Result<Shape, ShapeError> {
        let input = any_operand(self.def, inputs, 0)?;
        let mut shape = self.written();
        if let Some(axis) = self.unknown {
            let size = self.quotient(facts, input)?;
            if let Some(unknown) = shape.get_mut(axis) {
                *unknown = size;
            }
        } else {
            let (total, wanted) = (input.shape.numel(), self.known());
            if !facts.equal(&wanted, &total) {
                return Err(self.error(facts, input, &format!("{total} is not {wanted}")));
            }
        }
        Ok(shape)
    }
}
