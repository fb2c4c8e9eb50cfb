//! Arithmetic of constants: exact on integers, which may hang on symbols, and as in Python on floats.

use super::errors::LowerError;
use crate::diag::primary;
use crate::ops::Value;
use crate::shape::{Dim, SymbolKind};
use crate::span::Span;
use crate::syntax::ast::Binary;

pub(super) fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Float(number) => Some(*number),
        Value::Int(dim) => dim.as_const().map(|value| value as f64),
        _ => None,
    }
}

/// The number that a name stands for unless something else has it.
pub(super) fn number(name: &str) -> Option<Value> {
    match name {
        "inf" => Some(Value::Float(f64::INFINITY)),
        "nan" => Some(Value::Float(f64::NAN)),
        _ => None,
    }
}

/// Neither of two values is infinite or NaN.
pub(super) fn are_finite(a: &Value, b: &Value) -> bool {
    [a, b].into_iter().filter_map(float).all(f64::is_finite)
}

pub(super) fn equality(operator: Binary, equal: bool) -> Option<Value> {
    match operator {
        Binary::Equal => Some(Value::Bool(equal)),
        Binary::NotEqual => Some(Value::Bool(!equal)),
        _ => None,
    }
}

pub(super) fn bools(operator: Binary, a: bool, b: bool) -> Option<Value> {
    match operator {
        Binary::And => Some(Value::Bool(a && b)),
        Binary::Or => Some(Value::Bool(a || b)),
        _ => equality(operator, a == b),
    }
}

pub(super) fn integers(operator: Binary, a: &Dim, b: &Dim) -> Option<Value> {
    let order = |test: fn(i64, i64) -> bool| Some(Value::Bool(test(a.as_const()?, b.as_const()?)));
    let dim = match operator {
        Binary::Add => a.add(b),
        Binary::Subtract => a.sub(b),
        Binary::Multiply => a.mul(b),
        Binary::FloorDivide => a.floor_div(b),
        Binary::Modulo => a.modulo(b),
        Binary::Power => match b.as_const() {
            Some(exponent) if exponent >= 0 => a.pow(u32::try_from(exponent).unwrap_or(u32::MAX)),
            _ => return floats(operator, a.as_const()? as f64, b.as_const()? as f64),
        },
        Binary::Divide => return floats(operator, a.as_const()? as f64, b.as_const()? as f64),
        Binary::Equal if a == b => return Some(Value::Bool(true)),
        Binary::NotEqual if a == b => return Some(Value::Bool(false)),
        Binary::Equal => return order(|a, b| a == b),
        Binary::NotEqual => return order(|a, b| a != b),
        Binary::Less => return order(|a, b| a < b),
        Binary::LessEqual => return order(|a, b| a <= b),
        Binary::Greater => return order(|a, b| a > b),
        Binary::GreaterEqual => return order(|a, b| a >= b),
        Binary::And | Binary::Or => return None,
    };
    Some(Value::Int(dim))
}

pub(super) fn floats(operator: Binary, a: f64, b: f64) -> Option<Value> {
    Some(match operator {
        Binary::Add => Value::Float(a + b),
        Binary::Subtract => Value::Float(a - b),
        Binary::Multiply => Value::Float(a * b),
        Binary::Divide => Value::Float(a / b),
        Binary::FloorDivide => Value::Float((a / b).floor()),
        Binary::Modulo => Value::Float(a - b * (a / b).floor()),
        Binary::Power => Value::Float(a.powf(b)),
        Binary::Equal => Value::Bool(a == b),
        Binary::NotEqual => Value::Bool(a != b),
        Binary::Less => Value::Bool(a < b),
        Binary::LessEqual => Value::Bool(a <= b),
        Binary::Greater => Value::Bool(a > b),
        Binary::GreaterEqual => Value::Bool(a >= b),
        Binary::And | Binary::Or => return None,
    })
}

pub(super) fn function(name: &str, values: &[Value]) -> Option<Value> {
    match (name, values) {
        ("len", [Value::List(items)]) => Some(Value::Int(Dim::from(items.len()))),
        ("sqrt", [value]) => float(value).filter(|number| *number >= 0.0).map(|number| Value::Float(number.sqrt())),
        ("abs", [Value::Float(number)]) => Some(Value::Float(number.abs())),
        ("abs", [Value::Int(dim)]) => dim.as_const()?.checked_abs().map(|value| Value::Int(Dim::from(value))),
        ("max" | "min", [Value::List(items)]) => extreme(name, items),
        ("max" | "min", items) => extreme(name, items),
        _ => None,
    }
}

pub(super) fn extreme(name: &str, items: &[Value]) -> Option<Value> {
    let mut items = items.iter();
    let mut best = items.next()?.clone();
    float(&best)?;
    for item in items {
        let greater = float(item)? > float(&best)?;
        if float(item)? != float(&best)? && greater == (name == "max") {
            best = item.clone();
        }
    }
    Some(best)
}

/// The report that an operand is an argument without a value; `None` if it is none.
pub(super) fn unset(operator: &str, operand: &Value, span: Span) -> Option<LowerError> {
    let Value::Int(dim) = operand else { return None };
    let symbol = dim.symbols().into_iter().find(|symbol| symbol.kind == SymbolKind::Argument)?;
    Some(LowerError::UnsetArgument {
        name: symbol.name.to_string(),
        labels: vec![primary(span, format!("`{operator}` needs numbers"))],
        help: Some(format!("set it with `--set {0}=…`, or give it a default: `{0} = 3`", symbol.name)),
    })
}
