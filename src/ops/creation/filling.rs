//! Operators that make a tensor of nothing: of one number, or drawn at random. The size stands in their parentheses, or is
//! that of an operand, whose elements nobody reads.

use crate::ops::contract::{
    Backward, DataError, Def, Forward, HangsOn, Keeps, Kernel, Literal, Op, Parameter, ParameterKind, Type,
};
use crate::ops::shape_rules::{any_operand, operand_of, sizes};
use crate::ops::{AttributeError, Attributes, ShapeError, Value};
use crate::shape::{Dim, Element, Facts, Shape, TensorType};
use crate::tensor::{Real, SliceMut};
use std::sync::Arc;

pub(super) const SIZE: Parameter = Parameter::required("size", Type::Sizes, "The shape; a single size makes a vector.");
pub(super) const LIKE: Parameter = Parameter::operand("input", "Any shape; only its shape and element type are read.");

const WORDS: Type = Type::Word(&["float", "int", "bool"]);

/// The element type, floats unless said.
pub(super) const DTYPE: Parameter =
    Parameter::attribute("dtype", WORDS, Literal::Str("float"), "What the elements are.");
pub(super) const DTYPE_OF_NUMBER: Parameter =
    Parameter::attribute("dtype", WORDS, Literal::None, "What the elements are; without it what the number is.");
pub(super) const DTYPE_LIKE: Parameter =
    Parameter::attribute("dtype", WORDS, Literal::None, "What the elements are; without it the same as the input's.");

/// The element type that a word names; `None` for `none`.
pub(in crate::ops) fn element(attributes: &Attributes, name: &'static str) -> Result<Option<Element>, AttributeError> {
    Ok(match attributes.get(name) {
        Some(Value::None) => None,
        _ => Some(match attributes.word(name)? {
            "int" => Element::Int,
            "bool" => Element::Bool,
            _ => Element::Float,
        }),
    })
}

#[derive(Clone, Debug)]
pub(super) enum Content {
    /// An integer, a float or a bool.
    Number(Value),
    /// Uniform on [0, 1).
    Uniform,
    Normal,
}

impl Content {
    pub(super) fn int(value: i64) -> Self {
        Self::Number(Value::Int(Dim::from(value)))
    }

    /// The attribute `fill_value`.
    pub(super) fn fill_value(attributes: &Attributes) -> Result<Self, AttributeError> {
        let missing = || AttributeError::new("fill_value", "`fill_value` must be given");
        attributes.get("fill_value").cloned().map(Self::Number).ok_or_else(missing)
    }
}

/// A tensor with the attributes `size` and, if it has it, `dtype`; without a type it has that of its number.
pub(super) fn of_size(
    def: &'static Def,
    content: Content,
    attributes: &Attributes,
) -> Result<Arc<dyn Op>, AttributeError> {
    let said = if has(def, "dtype") { element(attributes, "dtype")? } else { Some(Element::Float) };
    let own = match &content {
        Content::Number(Value::Int(_)) => Element::Int,
        Content::Number(Value::Bool(_)) => Element::Bool,
        _ => Element::Float,
    };
    let size = Some(sizes(attributes, "size")?);
    Ok(Arc::new(Filling { def, size, element: Some(said.unwrap_or(own)), content }))
}

/// A tensor as large as the operand, of its element type unless `dtype` says another.
pub(super) fn like(
    def: &'static Def,
    content: Content,
    attributes: &Attributes,
) -> Result<Arc<dyn Op>, AttributeError> {
    let element = if has(def, "dtype") { element(attributes, "dtype")? } else { None };
    Ok(Arc::new(Filling { def, size: None, element, content }))
}

fn has(def: &Def, name: &str) -> bool {
    def.parameters.iter().any(|one| one.name == name && matches!(one.kind, ParameterKind::Attribute { .. }))
}

#[derive(Debug)]
struct Filling {
    def: &'static Def,
    /// That of the operand if it is `None`.
    size: Option<Vec<Dim>>,
    element: Option<Element>,
    content: Content,
}

impl Op for Filling {
    fn def(&self) -> &'static Def {
        self.def
    }

    fn infer(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        let (shape, own) = match &self.size {
            Some(size) => (Shape::from(size.as_slice()), Element::Float),
            None if matches!(self.content, Content::Number(_)) => {
                let input = any_operand(self.def, inputs, 0)?;
                (input.shape.clone(), input.element)
            }
            None => (operand_of(self.def, inputs, 0, Element::Float)?.shape.clone(), Element::Float),
        };
        Ok(vec![TensorType::new(self.element.unwrap_or(own), shape)])
    }

    fn keeps(&self) -> Keeps {
        Keeps::NOTHING
    }

    fn passes_gradient(&self, _: usize) -> bool {
        false
    }

    fn hangs_on(&self) -> HangsOn {
        if matches!(self.content, Content::Number(_)) { HangsOn::Nothing } else { HangsOn::Random }
    }

    fn flops(&self, _: &[TensorType], _: &[TensorType]) -> Dim {
        Dim::ZERO
    }
}

impl<T: Real> Kernel<T> for Filling {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let [y] = cx.outputs else { return Ok(()) };
        match (&self.content, &mut y.data) {
            (Content::Number(value), SliceMut::Float(y)) => y.fill(T::from_f64(as_float(value))),
            (Content::Number(value), SliceMut::Int(y)) => y.fill(as_int(value)),
            (Content::Number(value), SliceMut::Bool(y)) => y.fill(as_float(value) != 0.0),
            (Content::Uniform, SliceMut::Float(y)) => {
                let mut stream = cx.random.stream();
                for y in y.iter_mut() {
                    // In single precision a number next to 1 would be rounded to it.
                    let drawn = T::from_f64(stream.uniform());
                    *y = if drawn < T::one() { drawn } else { T::zero() };
                }
            }
            (Content::Normal, SliceMut::Float(y)) => {
                let mut stream = cx.random.stream();
                y.iter_mut().for_each(|y| *y = T::from_f64(stream.normal()));
            }
            _ => {}
        }
        Ok(())
    }

    fn backward(&self, _: Backward<T>) {}
}

/// Integers that hang on symbols have numbers when they are run.
pub(super) fn as_float(value: &Value) -> f64 {
    match value {
        Value::Float(value) => *value,
        Value::Bool(value) => f64::from(u8::from(*value)),
        other => other.as_int().unwrap_or(0) as f64,
    }
}

fn as_int(value: &Value) -> i64 {
    value.as_int().unwrap_or_else(|| as_float(value) as i64)
}
