//! What an assertion asks. It is answered when everything else is known.

use super::model::ValueId;
use super::path::Path;
use crate::ops;
use std::fmt;

/// `assert condition`
#[derive(Clone, Debug, PartialEq)]
pub struct Assert {
    pub condition: Query,
}

/// A condition, or a part of one.
#[derive(Clone, Debug, PartialEq)]
pub enum Query {
    Value(ops::Value),
    List(Vec<Self>),
    /// `params`, `params(path)`
    Params(Option<Path>),
    /// `params_trainable`, of the model or of a block.
    ParamsTrainable(Option<Path>),
    /// `uses(path)`
    Uses(Path),
    /// `shape(x)` of a value.
    Shape(ValueId),
    /// `shape(p)` of a param, buffer or slot.
    ShapeOf(Path),
    /// `shared(a, b, …)`: every pair has an element in common.
    Shared(Vec<Path>),
    /// `not shared(a, b, …)`: no pair has.
    NotShared(Vec<Path>),
    Not(Box<Self>),
    Negate(Box<Self>),
    Binary(Binary, Box<(Self, Self)>),
    /// It was reported; nothing is said of it.
    Unknown,
}

/// As written in a file, with parentheses where an operator is nested in another.
impl fmt::Display for Query {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(value) => write!(out, "{value}"),
            Self::List(items) => write!(out, "[{}]", list(items)),
            Self::Params(None) => out.write_str("params"),
            Self::Params(Some(path)) => write!(out, "params({path})"),
            Self::ParamsTrainable(None) => out.write_str("params_trainable"),
            Self::ParamsTrainable(Some(path)) => write!(out, "params_trainable({path})"),
            Self::Uses(path) => write!(out, "uses({path})"),
            Self::Shape(value) => write!(out, "shape(%{})", value.index()),
            Self::ShapeOf(path) => write!(out, "shape({path})"),
            Self::Shared(paths) => write!(out, "shared({})", list(paths)),
            Self::NotShared(paths) => write!(out, "not shared({})", list(paths)),
            Self::Not(inner) => write!(out, "not {}", Nested(inner)),
            Self::Negate(inner) => write!(out, "-{}", Nested(inner)),
            Self::Binary(op, sides) => write!(out, "{} {} {}", Nested(&sides.0), op.symbol(), Nested(&sides.1)),
            Self::Unknown => out.write_str("?"),
        }
    }
}

fn list<T: fmt::Display>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

struct Nested<'q>(&'q Query);

impl fmt::Display for Nested<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Query::Binary(..) | Query::Not(_) | Query::NotShared(_) | Query::Negate(_) => write!(out, "({})", self.0),
            simple => write!(out, "{simple}"),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binary {
    And,
    Or,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Add,
    Subtract,
    Multiply,
    FloorDivide,
    Modulo,
    Power,
}

impl Binary {
    /// As written in a file.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::And => "and",
            Self::Or => "or",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::FloorDivide => "//",
            Self::Modulo => "%",
            Self::Power => "**",
        }
    }
}
