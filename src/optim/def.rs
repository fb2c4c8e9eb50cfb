//! What an optimizer or a schedule says of itself, and how one is made of a name and arguments.

use crate::diag::nearest;
use crate::ops::{AttributeError, Attributes, Literal, Parameter, ParameterKind, Type, Value};
use std::fmt;
use thiserror::Error;

/// All that is known of an optimizer or a schedule before it has arguments.
pub struct Def<P: ?Sized> {
    /// PyTorch's name, or the short one.
    pub name: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// As in the paper or in PyTorch's reference.
    pub formula: &'static str,
    /// In PyTorch's order.
    pub parameters: &'static [Parameter],
    /// What it is in PyTorch; empty if it isn't there.
    pub torch: &'static str,
    /// Where it comes from; may be empty.
    pub paper: &'static str,
    /// An instance with these attributes, every one of which is there and of its type.
    pub build: fn(&Attributes) -> Result<Box<P>, AttributeError>,
}

impl<P: ?Sized> fmt::Debug for Def<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Why a name and arguments make no optimizer or schedule. It knows no places in the source.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct SetupError {
    pub kind: SetupErrorKind,
    /// What was found and what was expected, in one sentence.
    pub message: String,
    pub help: Option<String>,
}

/// What is wrong, and the page of the error index that explains it. Arguments are told by their number among those that
/// were given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetupErrorKind {
    /// No optimizer or schedule has this name.
    UnknownName,
    UnknownArgument(usize),
    ArgumentTwice(usize),
    ArgumentType(usize),
    ArgumentMissing,
    /// A value that can't be; `None` if it is a default that doesn't go with what was given.
    ArgumentValue(Option<usize>),
}

/// An argument in the parentheses: its name, if it has one, and its value.
pub type Argument<'a> = (Option<&'a str>, Value);

/// What stands under a name in a registry, with these arguments.
pub(super) fn build<P: ?Sized>(
    registry: &[&'static Def<P>],
    what: &str,
    name: &str,
    given: &[Argument],
) -> Result<Box<P>, SetupError> {
    let Some(def) = registry.iter().find(|def| def.name == name) else {
        let names: Vec<&str> = registry.iter().map(|def| def.name).collect();
        let near = nearest(name, names.iter().copied());
        let list = || format!("there are {}", names.join(", "));
        return Err(SetupError {
            kind: SetupErrorKind::UnknownName,
            message: format!("there is no {what} `{name}`"),
            help: Some(near.map_or_else(list, |near| format!("`{near}` is near to it"))),
        });
    };
    let bound = bind(def.name, def.parameters, given)?;
    let value = |name| bound.iter().find(|(parameter, ..)| *parameter == name).map(|(.., value)| value.clone());
    let attributes = Attributes::complete(def.parameters, value).map_err(|missing| SetupError {
        kind: SetupErrorKind::ArgumentMissing,
        message: format!("`{name}` needs `{missing}`"),
        help: def.parameters.iter().find(|one| one.name == missing).map(|one| format!("`{missing}`: {}", one.doc)),
    })?;
    (def.build)(&attributes).map_err(|error| {
        let index = bound.iter().find(|(parameter, ..)| *parameter == error.attribute).map(|(_, index, _)| *index);
        SetupError { kind: SetupErrorKind::ArgumentValue(index), message: error.message, help: error.help }
    })
}

type Bound = (&'static str, usize, Value);

/// The parameter of each argument, the argument's number, and its value in the parameter's type.
fn bind(owner: &str, parameters: &'static [Parameter], given: &[Argument]) -> Result<Vec<Bound>, SetupError> {
    let mut bound: Vec<Bound> = Vec::new();
    for (index, (name, value)) in given.iter().enumerate() {
        let parameter = match name {
            Some(name) => parameters.iter().find(|parameter| parameter.name == *name),
            None => parameters.get(index),
        };
        let Some(parameter) = parameter else { return Err(unknown(owner, parameters, *name, index)) };
        if bound.iter().any(|(other, ..)| *other == parameter.name) {
            return Err(SetupError {
                kind: SetupErrorKind::ArgumentTwice(index),
                message: format!("`{}` is given twice", parameter.name),
                help: None,
            });
        }
        let ParameterKind::Attribute { ty, default } = parameter.kind else { continue };
        let none = *value == Value::None && default == Some(Literal::None);
        let cast = if none { Some(Value::None) } else { value.cast(ty) };
        let Some(cast) = cast else {
            return Err(SetupError {
                kind: SetupErrorKind::ArgumentType(index),
                message: format!(
                    "`{}` of `{owner}` wants {}, and gets {}",
                    parameter.name,
                    ty.describe(),
                    value.describe()
                ),
                help: None,
            });
        };
        bound.push((parameter.name, index, cast));
    }
    Ok(bound)
}

fn unknown(owner: &str, parameters: &'static [Parameter], name: Option<&str>, index: usize) -> SetupError {
    let names: Vec<&str> = parameters.iter().map(|parameter| parameter.name).collect();
    let list = if names.is_empty() {
        format!("`{owner}` takes none")
    } else {
        format!("`{owner}` takes {}", names.join(", "))
    };
    let (message, help) = match name {
        Some(name) => {
            let near = nearest(name, names.iter().copied());
            let help = near.map_or_else(|| list.clone(), |near| format!("`{near}` is near to it; {list}"));
            (format!("`{owner}` has no argument `{name}`"), help)
        }
        None => (format!("`{owner}` takes {} arguments", names.len()), list),
    };
    SetupError { kind: SetupErrorKind::UnknownArgument(index), message, help: Some(help) }
}

pub(super) const fn float(name: &'static str, default: f64, doc: &'static str) -> Parameter {
    Parameter::attribute(name, Type::Float, Literal::Float(default), doc)
}

pub(super) const fn int(name: &'static str, default: i64, doc: &'static str) -> Parameter {
    Parameter::attribute(name, Type::Int, Literal::Int(default), doc)
}

pub(super) const fn flag(name: &'static str, default: bool, doc: &'static str) -> Parameter {
    Parameter::attribute(name, Type::Bool, Literal::Bool(default), doc)
}

pub(super) const fn betas(default: &'static [Literal]) -> Parameter {
    let doc = "How much of the running averages of the gradient and of its square stays in a step.";
    Parameter::attribute("betas", Type::List(&Type::Float), Literal::List(default), doc)
}

pub(super) const BETAS: Parameter = betas(&[Literal::Float(0.9), Literal::Float(0.999)]);
pub(super) const EPS: Parameter = float("eps", 1e-8, "What is added to the denominator.");
pub(super) const WEIGHT_DECAY: Parameter =
    float("weight_decay", 0.0, "How much of the weights is added to their gradients.");
pub(super) const DECOUPLED: Parameter =
    flag("decoupled_weight_decay", false, "Whether the decay shrinks the weights themselves, as in `AdamW`.");
pub(super) const MAXIMIZE: Parameter = flag("maximize", false, "Whether the loss is made large.");

/// A number of at least 0.
pub(super) fn not_negative(attributes: &Attributes, name: &'static str) -> Result<f64, AttributeError> {
    within(attributes, name, 0.0, f64::MAX, "at least 0")
}

/// A number from `low` to `high`; `words` say so.
pub(super) fn within(
    attributes: &Attributes,
    name: &'static str,
    low: f64,
    high: f64,
    words: &str,
) -> Result<f64, AttributeError> {
    let value = attributes.float(name)?;
    if value >= low && value <= high { Ok(value) } else { Err(must_be(name, words, &Value::Float(value))) }
}

/// A count of at least `least`.
pub(super) fn count(attributes: &Attributes, name: &'static str, least: u64) -> Result<u64, AttributeError> {
    let value = attributes.int(name)?;
    let found = u64::try_from(value).ok().filter(|value| *value >= least);
    found.ok_or_else(|| must_be(name, &format!("at least {least}"), &Value::from(Literal::Int(value))))
}

/// Two numbers from 0 up to 1, 1 excluded.
pub(super) fn two_betas(attributes: &Attributes) -> Result<[f64; 2], AttributeError> {
    let found = attributes.optional_floats("betas")?;
    if let [Some(first), Some(second)] = found.as_slice()
        && [first, second].iter().all(|beta| (0.0..1.0).contains(*beta))
    {
        return Ok([*first, *second]);
    }
    let found = attributes.get("betas").cloned().unwrap_or(Value::None);
    Err(must_be("betas", "two numbers of at least 0 and below 1", &found))
}

pub(super) fn must_be(name: &'static str, words: &str, found: &Value) -> AttributeError {
    AttributeError::new(name, format!("`{name}` must be {words}, and is {found}"))
}
