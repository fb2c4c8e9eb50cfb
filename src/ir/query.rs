//! What an assertion asks. It is answered when everything else is known.

use super::model::ValueId;
use super::path::Path;
use crate::ops;

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
