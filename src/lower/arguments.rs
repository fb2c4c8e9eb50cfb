//! Arguments in parentheses against the parameters that are wanted.

use super::body::Body;
use super::errors::LowerError;
use crate::diag::{Diagnostics, nearest, primary};
use crate::ops::{Literal, Parameter, ParameterKind, Type, Value};
use crate::shape::{Dim, SymbolKind};
use crate::span::Span;
use crate::syntax::ast::{Argument, Binary, Expr, ExprKind};

/// Which argument each parameter gets, in the order of the arguments. The first `taken` parameters have got theirs
/// already, from the left side of a pipeline.
pub(super) fn bind<'a>(
    owner: &str,
    parameters: &'static [Parameter],
    arguments: impl IntoIterator<Item = &'a Argument>,
    taken: usize,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<(&'static Parameter, &'a Argument)>> {
    let mut bound: Vec<(&'static Parameter, &'a Argument)> = Vec::new();
    let mut next = taken;
    let mut complete = true;
    for argument in arguments {
        let parameter = match &argument.name {
            None => {
                let parameter = parameters.get(next);
                // A list of tensors takes all that follow.
                next += usize::from(!parameter.is_some_and(Parameter::is_list));
                parameter
            }
            Some(name) => parameters.iter().find(|parameter| parameter.name == name.text),
        };
        let Some(parameter) = parameter else {
            diagnostics.push(unknown(owner, parameters, argument, taken));
            complete = false;
            continue;
        };
        if argument.name.is_none() && parameter.is_list() {
            bound.push((parameter, argument));
            continue;
        }
        let before = parameters.iter().take(taken).any(|other| other.name == parameter.name);
        if before || bound.iter().any(|(other, _)| other.name == parameter.name) {
            diagnostics.push(LowerError::ArgumentTwice {
                name: parameter.name.to_owned(),
                labels: vec![primary(argument.span, format!("`{}` has a value already", parameter.name))],
            });
            complete = false;
            continue;
        }
        bound.push((parameter, argument));
    }
    complete.then_some(bound)
}

fn unknown(owner: &str, parameters: &[Parameter], argument: &Argument, taken: usize) -> LowerError {
    let names: Vec<&str> = parameters.iter().map(|parameter| parameter.name).collect();
    let list = || match names.as_slice() {
        [] => format!("`{owner}` takes none"),
        names => format!("`{owner}` takes {}", names.join(", ")),
    };
    if let Some(name) = &argument.name {
        LowerError::ArgumentUnknown {
            message: format!("`{owner}` has no argument `{}`", name.text),
            labels: vec![primary(name.span, "this one")],
            help: Some(
                nearest(&name.text, names.iter().copied())
                    .map_or_else(list, |near| format!("`{near}` is near to it; {}", list())),
            ),
        }
    } else {
        let after = if taken > 0 { ", the first of them from the left of `->`" } else { "" };
        LowerError::ArgumentUnknown {
            message: format!("`{owner}` takes {} arguments{after}", names.len()),
            labels: vec![primary(argument.span, "one too many")],
            help: Some(list()),
        }
    }
}

/// The value as the parameter's type wants it.
pub(super) fn cast(
    owner: &str,
    parameter: &Parameter,
    value: &Value,
    span: Span,
    diagnostics: &mut Diagnostics,
) -> Option<Value> {
    let ParameterKind::Attribute { ty, default } = parameter.kind else { return Some(value.clone()) };
    if *value == Value::None && default == Some(Literal::None) {
        return Some(Value::None);
    }
    if let Some(value) = value.cast(ty) {
        return Some(value);
    }
    let name = parameter.name;
    let help = match (ty, value) {
        (Type::Size | Type::Sizes | Type::Int | Type::Ints, Value::Float(number)) if number.fract() == 0.0 => {
            Some("integers are divided with `//`".to_owned())
        }
        (Type::Int | Type::Ints | Type::Float, Value::Int(dim)) if dim.as_const().is_none() => {
            Some(format!("it must be known before: set it with `--set {dim}=…`"))
        }
        _ => None,
    };
    diagnostics.push(LowerError::ArgumentType {
        message: format!("`{name}` of `{owner}` wants {}, and gets {}", ty.describe(), value.describe()),
        labels: vec![primary(span, format!("this is {value}"))],
        help,
    });
    None
}

/// The report that a parameter without a default got nothing.
pub(super) fn missing(owner: &str, parameter: &str, span: Span, doc: Option<&str>) -> LowerError {
    LowerError::ArgumentMissing {
        message: format!("`{owner}` needs `{parameter}`"),
        labels: vec![primary(span, format!("`{parameter}` is missing"))],
        help: doc.map(|doc| format!("`{parameter}`: {doc}")),
    }
}

impl Body<'_> {
    /// The value of an argument for an attribute of a layer or function.
    pub(super) fn attribute(&mut self, owner: &str, parameter: &Parameter, argument: &Expr) -> Option<Value> {
        let value = self.constant(argument)?;
        cast(owner, parameter, &value, argument.span, &mut self.diagnostics)
    }

    /// A dimension of a declared shape. Symbols of inputs are refused where `what`, a param or layer, needs it earlier.
    pub(super) fn dimension(&mut self, expr: &Expr, what: Option<&'static str>) -> Option<Dim> {
        let value = self.constant(expr)?;
        let Value::Int(dim) = &value else {
            let divides = matches!(&expr.kind, ExprKind::Binary(Binary::Divide, _));
            self.diagnostics.push(LowerError::Dimension {
                message: format!("a dimension is an integer, and this is {}", value.describe()),
                labels: vec![primary(expr.span, format!("its value is {value}"))],
                help: divides.then(|| "integers are divided with `//`".to_owned()),
            });
            return None;
        };
        if dim.as_const().is_some_and(|size| size < 0) {
            self.diagnostics.push(LowerError::Dimension {
                message: format!("a dimension can't be negative, and this is {dim}"),
                labels: vec![primary(expr.span, "here")],
                help: None,
            });
            return None;
        }
        if let Some(what) = what {
            self.refuse_input_symbols(dim, what, expr.span)?;
        }
        Some(dim.clone())
    }

    /// `None`, and a report, if the size of something that is there before the data hangs on the data.
    pub(super) fn refuse_input_symbols(&mut self, dim: &Dim, what: &'static str, span: Span) -> Option<()> {
        let Some(symbol) = dim.symbols().into_iter().find(|symbol| symbol.kind == SymbolKind::Input) else {
            return Some(());
        };
        let place = self.places.symbols.get(symbol.id as usize).copied().unwrap_or(span);
        self.diagnostics.push(LowerError::InputSymbol {
            name: symbol.name.to_string(),
            what,
            labels: vec![
                primary(span, format!("the {what} needs it here")),
                crate::diag::label(place, "an input introduces it here"),
            ],
            help: Some(format!("make it an argument of the model: `model {}({})`", self.model.name, symbol.name)),
        });
        None
    }
}
