//! `arange`: numbers at a distance from one another.

use super::filling::{as_float, element};
use super::series::{Made, Series};
use crate::ops::contract::{Def, Form, Literal, Parameter, Type};
use crate::ops::{AttributeError, Attributes, Cause, Op, ShapeError, ShapeErrorKind, Value};
use crate::shape::{Dim, Element, Facts, TensorType};
use std::sync::Arc;

const NUMBER: Type = Type::OneOf(&[Type::Size, Type::Float]);

pub(super) static DEF: Def = Def {
    name: "arange",
    form: Form::Function,
    summary: "Makes the numbers from `start` up to `end`, which isn't one of them; `arange(end)` begins at 0.",
    formula: "yᵢ = start + i step, i < ⌈(end - start) / step⌉",
    parameters: &[
        Parameter::attribute("start", NUMBER, Literal::None, "The first number, else 0; alone it is the end."),
        Parameter::attribute("end", NUMBER, Literal::None, "Where the numbers end."),
        Parameter::attribute("step", NUMBER, Literal::Int(1), "The distance; it may be negative."),
        Parameter::attribute(
            "dtype",
            Type::Word(&["float", "int"]),
            Literal::None,
            "What the elements are; without it ints if the numbers given are ints, else floats.",
        ),
    ],
    torch: "torch.arange",
    onnx: "Range",
    examples: &[
        "output arange(5)",
        "output arange(2, 7, 2)",
        "output arange(start=3, end=-3, step=-2)",
        "output arange(0, 1, 0.25)",
        "output arange(end=3, dtype=\"float\")",
        "input x: [3]  output arange(3) * x",
    ],
    build: |attributes| Arange::new(attributes).map(|op| Arc::new(Made(op)) as Arc<dyn Op>),
};

#[derive(Debug)]
struct Arange {
    start: Value,
    end: Value,
    step: Value,
    element: Element,
}

impl Arange {
    fn new(attributes: &Attributes) -> Result<Self, AttributeError> {
        let get = |name: &str| attributes.get(name).filter(|value| **value != Value::None).cloned();
        let zero = Value::Int(Dim::ZERO);
        let (start, end) = match (get("start"), get("end")) {
            (start, Some(end)) => (start.unwrap_or(zero), end),
            (Some(end), None) => (zero, end),
            (None, None) => return Err(AttributeError::new("end", "`arange` needs an end, `arange(10)`")),
        };
        let step = get("step").unwrap_or(Value::Int(Dim::ONE));
        let is_int = |value: &Value| matches!(value, Value::Int(_));
        let ints = is_int(&start) && is_int(&end) && is_int(&step);
        let wrong = |value: &Value| matches!(value, Value::Float(value) if !value.is_finite());
        if wrong(&start) || wrong(&end) || wrong(&step) {
            return Err(AttributeError::new("end", "the numbers of `arange` must be finite"));
        }
        if step.as_int() == Some(0) || matches!(step, Value::Float(0.0)) {
            return Err(AttributeError::new("step", "`step` can't be 0"));
        }
        let symbolic = [&start, &end, &step].into_iter().any(Value::is_symbolic);
        if symbolic && !ints {
            let message = "`arange` takes symbols beside ints only: how many floats there are isn't known before";
            return Err(AttributeError::new("end", message));
        }
        let own = if ints { Element::Int } else { Element::Float };
        Ok(Self { start, end, step, element: element(attributes, "dtype")?.unwrap_or(own) })
    }

    /// How many numbers there are; ints may hang on symbols.
    fn count(&self, facts: &mut Facts) -> Option<Dim> {
        if let (Value::Int(start), Value::Int(end), Value::Int(step)) = (&self.start, &self.end, &self.step) {
            let downwards = step.as_const().is_some_and(|step| step < 0);
            let (low, high, step) = if downwards { (end, start, step.neg()) } else { (start, end, step.clone()) };
            if !facts.at_most(&Dim::ONE, &step) || !facts.at_most(low, high) {
                return None;
            }
            let (low, high, step) = (facts.reduce(low), facts.reduce(high), facts.reduce(&step));
            return Some(high.sub(&low).add(&step).sub(&Dim::ONE).floor_div(&step));
        }
        let [start, end, step] = self.numbers();
        let count = ((end - start) / step).ceil();
        // Far above what memory holds, and still exact.
        (0.0..=1e15).contains(&count).then(|| Dim::from(count as i64))
    }

    fn numbers(&self) -> [f64; 3] {
        [&self.start, &self.end, &self.step].map(as_float)
    }
}

impl Series for Arange {
    fn def(&self) -> &'static Def {
        &DEF
    }

    fn result(&self, facts: &mut Facts) -> Result<TensorType, ShapeError> {
        if let Some(count) = self.count(facts) {
            return Ok(TensorType::new(self.element, [count]));
        }
        let [start, end, step] = [&self.start, &self.end, &self.step].map(ToString::to_string);
        let message = format!("`arange` from {start} doesn't come to {end} in steps of {step}");
        Err(ShapeError::new(ShapeErrorKind::Range, message)
            .cause(Cause::Attribute("step"), format!("the step is {step}"))
            .cause(Cause::Attribute("end"), format!("the end is {end}")))
    }

    fn float(&self, shape: &[usize], at: usize) -> f64 {
        if let (Value::Int(_), Value::Int(_), Value::Int(_)) = (&self.start, &self.end, &self.step) {
            return self.int(shape, at) as f64;
        }
        let [start, _, step] = self.numbers();
        start + at as f64 * step
    }

    fn int(&self, _: &[usize], at: usize) -> i64 {
        let ints = self.start.as_int().zip(self.step.as_int());
        if let Some((start, step)) = ints {
            return start.wrapping_add(step.wrapping_mul(at as i64));
        }
        let [start, _, step] = self.numbers();
        (start + at as f64 * step) as i64
    }
}
