//! Values known before anything runs: what arguments, constants and attributes hold.

use super::contract::{Def, Literal, ParameterKind, Type};
use super::{AttributeError, Init};
use crate::shape::Dim;
use std::fmt;
use std::sync::Arc;

/// A value known before anything runs. An integer may hang on symbols.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    None,
    Bool(bool),
    Int(Dim),
    Float(f64),
    Str(Arc<str>),
    List(Vec<Self>),
    Init(Init),
}

impl Value {
    /// As in a sentence: `found a list`.
    #[must_use]
    pub const fn describe(&self) -> &'static str {
        match self {
            Self::None => "`none`",
            Self::Bool(_) => "a bool",
            Self::Int(_) => "an integer",
            Self::Float(_) => "a float",
            Self::Str(_) => "a string",
            Self::List(_) => "a list",
            Self::Init(_) => "an initializer",
        }
    }

    /// The integer, if it is one that hangs on no symbol.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        if let Self::Int(dim) = self { dim.as_const() } else { None }
    }

    /// The value with every integer in it replaced.
    #[must_use]
    pub fn map(&self, change: &impl Fn(&Dim) -> Dim) -> Self {
        match self {
            Self::Int(dim) => Self::Int(change(dim)),
            Self::List(items) => Self::List(items.iter().map(|item| item.map(change)).collect()),
            other => other.clone(),
        }
    }

    /// An integer in it hangs on a symbol.
    #[must_use]
    pub fn is_symbolic(&self) -> bool {
        match self {
            Self::Int(dim) => dim.as_const().is_none(),
            Self::List(items) => items.iter().any(Self::is_symbolic),
            _ => false,
        }
    }

    /// The value as this type wants it: an integer where a float is wanted becomes one, a single integer where a list
    /// is wanted becomes a list of one. `None` if it isn't of the type.
    #[must_use]
    pub fn cast(&self, ty: Type) -> Option<Self> {
        match (ty, self) {
            (Type::Size, Self::Int(_))
            | (Type::Bool, Self::Bool(_))
            | (Type::Float, Self::Float(_))
            | (Type::Number, Self::Int(_) | Self::Float(_) | Self::Bool(_))
            | (Type::Str, Self::Str(_)) => Some(self.clone()),
            (Type::Int, Self::Int(dim)) => dim.as_const().map(|_| self.clone()),
            (Type::Float, Self::Int(dim)) => dim.as_const().map(|value| Self::Float(value as f64)),
            (Type::Sizes | Type::Ints, Self::Int(_)) => Self::List(vec![self.clone()]).cast(ty),
            (Type::Sizes | Type::Ints, Self::List(items)) => {
                let element = if ty == Type::Sizes { Type::Size } else { Type::Int };
                items.iter().map(|item| item.cast(element)).collect::<Option<Vec<_>>>().map(Self::List)
            }
            (Type::Word(words), Self::Str(text)) => words.contains(&&**text).then(|| self.clone()),
            (Type::Subscripts, Self::List(items)) => {
                let ellipses = items.iter().filter(|item| matches!(item, Self::Str(_))).count();
                (ellipses <= 1 && items.iter().all(Self::is_subscript)).then(|| self.clone())
            }
            (Type::List(element), Self::List(items)) => {
                items.iter().map(|item| item.cast(*element)).collect::<Option<Vec<_>>>().map(Self::List)
            }
            (Type::Optional(_), Self::None) => Some(Self::None),
            (Type::Optional(other), _) => self.cast(*other),
            (Type::OneOf(types), _) => types.iter().find_map(|ty| self.cast(*ty)),
            _ => None,
        }
    }

    fn is_subscript(&self) -> bool {
        match self {
            Self::Int(_) => true,
            Self::Str(text) => &**text == "...",
            Self::List(ends) => ends.len() == 2 && ends.iter().all(|end| matches!(end, Self::Int(_) | Self::None)),
            _ => false,
        }
    }
}

impl From<Literal> for Value {
    fn from(literal: Literal) -> Self {
        match literal {
            Literal::None => Self::None,
            Literal::Bool(value) => Self::Bool(value),
            Literal::Int(value) => Self::Int(Dim::from(value)),
            Literal::Float(value) => Self::Float(value),
            Literal::Str(value) => Self::Str(value.into()),
            Literal::List(items) => Self::List(items.iter().copied().map(Self::from).collect()),
        }
    }
}

/// Written as in a file.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Float(value) => f.write_str(&number(*value)),
            Self::Str(value) => write!(f, "{value:?}"),
            Self::List(items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{item}")?;
                }
                f.write_str("]")
            }
            Self::Init(init) => write!(f, "{init}"),
        }
    }
}

/// A float in the shortest form that reads back the same, `1e-5` rather than `0.00001`.
#[must_use]
pub(super) fn number(value: f64) -> String {
    let plain = format!("{value}");
    let short = format!("{value:e}");
    if short.len() < plain.len() { short } else { plain }
}

/// The attributes of an operator by name, in the order of its parameters, defaults included; and, for functions and calls
/// of layers, what else is known of the call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attributes {
    /// So few that looking one up needs no table.
    values: Vec<(&'static str, Value)>,
    /// The names of the operands that are there, in their order; an operand that is a list has its name once an item.
    operands: Vec<&'static str>,
    /// How many names the results get, if the call says so.
    results: Option<usize>,
}

impl Attributes {
    /// The attributes of `def`: those `given`, which are of their types, and the defaults of the others. The name of
    /// the first that is missing otherwise.
    pub fn complete(
        parameters: &'static [super::Parameter],
        mut given: impl FnMut(&'static str) -> Option<Value>,
    ) -> Result<Self, &'static str> {
        let mut all = Vec::with_capacity(parameters.len());
        for parameter in parameters {
            let ParameterKind::Attribute { ty, default } = parameter.kind else { continue };
            let standard = || default.map(|literal| Value::from(literal).cast_or_none(ty));
            let value = given(parameter.name).or_else(standard).ok_or(parameter.name)?;
            all.push((parameter.name, value));
        }
        Ok(Self { values: all, ..Self::default() })
    }

    /// These attributes in a call with these operands, whose results get as many names.
    #[must_use]
    pub fn at_call(self, operands: Vec<&'static str>, results: Option<usize>) -> Self {
        Self { operands, results, ..self }
    }

    /// The index among the inputs of the operand of this name; `None` if it was left out.
    #[must_use]
    pub fn operand(&self, name: &str) -> Option<usize> {
        self.operands.iter().position(|other| *other == name)
    }

    /// How many names the results get, `a, b = split(x, 2)`; `None` where the call doesn't say.
    #[must_use]
    pub fn results(&self) -> Option<usize> {
        self.results
    }

    /// The attributes with every integer replaced.
    #[must_use]
    pub fn map(&self, change: &impl Fn(&Dim) -> Dim) -> Self {
        let values = self.values.iter().map(|(name, value)| (*name, value.map(change))).collect();
        Self { values, ..self.clone() }
    }

    /// Some integer hangs on a symbol.
    #[must_use]
    pub fn is_symbolic(&self) -> bool {
        self.values.iter().any(|(_, value)| value.is_symbolic())
    }

    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.values.iter().map(|(name, value)| (*name, value))
    }

    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// An integer that may hang on symbols.
    pub fn size(&self, name: &'static str) -> Result<Dim, AttributeError> {
        self.optional_size(name)?.ok_or_else(|| missing(name))
    }

    pub fn optional_size(&self, name: &'static str) -> Result<Option<Dim>, AttributeError> {
        match self.get(name) {
            Some(Value::Int(dim)) => Ok(Some(dim.clone())),
            Some(Value::None) => Ok(None),
            _ => Err(missing(name)),
        }
    }

    pub fn sizes(&self, name: &'static str) -> Result<Vec<Dim>, AttributeError> {
        let Some(Value::List(items)) = self.get(name) else { return Err(missing(name)) };
        let size = |item: &Value| if let Value::Int(dim) = item { Some(dim.clone()) } else { None };
        items.iter().map(size).collect::<Option<_>>().ok_or_else(|| missing(name))
    }

    pub fn int(&self, name: &'static str) -> Result<i64, AttributeError> {
        self.optional_int(name)?.ok_or_else(|| missing(name))
    }

    pub fn optional_int(&self, name: &'static str) -> Result<Option<i64>, AttributeError> {
        match self.get(name) {
            Some(Value::None) => Ok(None),
            Some(value) => value.as_int().map(Some).ok_or_else(|| missing(name)),
            None => Err(missing(name)),
        }
    }

    pub fn ints(&self, name: &'static str) -> Result<Vec<i64>, AttributeError> {
        self.optional_ints(name)?.ok_or_else(|| missing(name))
    }

    /// `None` where the attribute is `none`.
    pub fn optional_ints(&self, name: &'static str) -> Result<Option<Vec<i64>>, AttributeError> {
        match self.get(name) {
            Some(Value::None) => Ok(None),
            Some(Value::List(items)) => {
                items.iter().map(Value::as_int).collect::<Option<_>>().map(Some).ok_or_else(|| missing(name))
            }
            _ => Err(missing(name)),
        }
    }

    pub fn float(&self, name: &'static str) -> Result<f64, AttributeError> {
        if let Some(Value::Float(value)) = self.get(name) { Ok(*value) } else { Err(missing(name)) }
    }

    pub fn optional_float(&self, name: &'static str) -> Result<Option<f64>, AttributeError> {
        match self.get(name) {
            Some(Value::None) => Ok(None),
            Some(Value::Float(value)) => Ok(Some(*value)),
            _ => Err(missing(name)),
        }
    }

    /// A list of floats; `None` where an item is `none`.
    pub fn optional_floats(&self, name: &'static str) -> Result<Vec<Option<f64>>, AttributeError> {
        let Some(Value::List(items)) = self.get(name) else { return Err(missing(name)) };
        let float = |item: &Value| match item {
            Value::Float(value) => Some(Some(*value)),
            Value::None => Some(None),
            _ => None,
        };
        items.iter().map(float).collect::<Option<_>>().ok_or_else(|| missing(name))
    }

    pub fn bool(&self, name: &'static str) -> Result<bool, AttributeError> {
        if let Some(Value::Bool(value)) = self.get(name) { Ok(*value) } else { Err(missing(name)) }
    }

    pub fn word(&self, name: &'static str) -> Result<&str, AttributeError> {
        if let Some(Value::Str(value)) = self.get(name) { Ok(value) } else { Err(missing(name)) }
    }
}

impl Value {
    fn cast_or_none(self, ty: Type) -> Self {
        self.cast(ty).unwrap_or(Self::None)
    }
}

impl Def {
    /// The attribute of this name, if it has one.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<Type> {
        self.parameters.iter().find_map(|parameter| match parameter.kind {
            ParameterKind::Attribute { ty, .. } if parameter.name == name => Some(ty),
            _ => None,
        })
    }
}

fn missing(name: &'static str) -> AttributeError {
    AttributeError::new(name, format!("`{name}` must be given"))
}
