//! Arguments in parentheses against the parameters that are wanted.

use super::body::Lowering;
use super::errors::LowerError;
use super::foreign;
use crate::diag::{nearest, primary};
use crate::ops::{Literal, Parameter, ParameterKind, Type, Value};
use crate::shape::{Dim, SymbolKind};
use crate::span::Span;
use crate::syntax::ast::{self, Argument, Binary, Expr, ExprKind};
use smallvec::SmallVec;

/// What arguments can be bound to.
pub(super) trait Names {
    fn name(&self, index: usize) -> Option<&str>;

    /// It takes all positional arguments that follow.
    fn is_list(&self, index: usize) -> bool;

    fn all(&self) -> Vec<&str> {
        (0..).map_while(|index| self.name(index)).collect()
    }
}

impl Names for [Parameter] {
    fn name(&self, index: usize) -> Option<&str> {
        self.get(index).map(|parameter| parameter.name)
    }

    fn is_list(&self, index: usize) -> bool {
        self.get(index).is_some_and(Parameter::is_list)
    }
}

impl Names for [&ast::Name] {
    fn name(&self, index: usize) -> Option<&str> {
        self.get(index).map(|name| name.text.as_str())
    }

    fn is_list(&self, _: usize) -> bool {
        false
    }
}

fn is_literal(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Bool(_) | ExprKind::Str(_) | ExprKind::None => true,
        ExprKind::Unary(_, operand) => is_literal(operand),
        _ => false,
    }
}

/// Arguments, each with the index of the name that it is for.
type Bound<'a> = SmallVec<[(usize, &'a Argument); 4]>;

/// The index of the name that each argument is for, in the order of the arguments. The first `taken` names have got
/// theirs already, from the left side of a pipeline.
pub(super) fn bind<'a>(
    owner: &str,
    names: &(impl Names + ?Sized),
    arguments: impl IntoIterator<Item = &'a Argument>,
    taken: usize,
    found: &mut Vec<LowerError>,
) -> Option<Bound<'a>> {
    let mut bound = Bound::new();
    let mut next = taken;
    let (mut complete, mut full) = (true, false);
    for argument in arguments {
        let index = match &argument.name {
            None => {
                // A list of tensors takes all that follow, up to a literal, unless it is written in brackets.
                let begun = names.is_list(next) && bound.iter().any(|(index, _)| *index == next);
                next += usize::from(begun && is_literal(&argument.value));
                let index = next;
                next += usize::from(!names.is_list(index) || matches!(argument.value.kind, ExprKind::List(_)));
                Some(index)
            }
            Some(name) => (0..).map_while(|index| names.name(index)).position(|known| known == name.text),
        };
        let Some((index, name)) = index.and_then(|index| Some((index, names.name(index)?))) else {
            // Of several that are too many the first is enough.
            if argument.name.is_some() || !std::mem::replace(&mut full, true) {
                found.push(unknown(owner, &names.all(), argument, taken));
            }
            complete = false;
            continue;
        };
        let listed = argument.name.is_none() && names.is_list(index);
        if !listed && (index < taken || bound.iter().any(|(other, _)| *other == index)) {
            found.push(LowerError::ArgumentTwice {
                name: name.to_owned(),
                labels: vec![primary(argument.span, format!("`{name}` has a value already"))],
            });
            complete = false;
            continue;
        }
        bound.push((index, argument));
    }
    complete.then_some(bound)
}

fn unknown(owner: &str, names: &[&str], argument: &Argument, taken: usize) -> LowerError {
    let list = || match names {
        [] => format!("`{owner}` takes none"),
        names => format!("`{owner}` takes {}", names.join(", ")),
    };
    if let Some(name) = &argument.name {
        LowerError::ArgumentUnknown {
            message: format!("`{owner}` has no argument `{}`", name.text),
            labels: vec![primary(name.span, "this one")],
            help: Some(
                foreign::argument(&name.text, names)
                    .or_else(|| {
                        nearest(&name.text, names.iter().copied()).map(|near| format!("`{near}` is near to it"))
                    })
                    .map_or_else(list, |remedy| format!("{remedy}; {}", list())),
            ),
        }
    } else {
        let after = if taken > 0 { ", the first of them from the left of `->`" } else { "" };
        LowerError::ArgumentUnknown {
            message: format!(
                "`{owner}` takes {} argument{}{after}",
                names.len(),
                if names.len() == 1 { "" } else { "s" }
            ),
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
    found: &mut Vec<LowerError>,
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
    found.push(LowerError::ArgumentType {
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

impl Lowering<'_> {
    /// The value of an argument for an attribute of a layer or function.
    pub(super) fn attribute(&mut self, owner: &str, parameter: &Parameter, argument: &Expr) -> Option<Value> {
        let value = self.constant(argument)?;
        let mut found = Vec::new();
        let value = cast(owner, parameter, &value, argument.span, &mut found);
        self.report_all(found);
        value
    }

    /// A dimension of a declared shape. Symbols of inputs are refused where `what`, a param or layer, needs it earlier.
    pub(super) fn dimension(&mut self, expr: &Expr, what: Option<&'static str>) -> Option<Dim> {
        let value = self.constant(expr)?;
        let Value::Int(dim) = &value else {
            let divides = matches!(&expr.kind, ExprKind::Binary(Binary::Divide, _));
            self.report(LowerError::Dimension {
                message: format!("a dimension is an integer, and this is {}", value.describe()),
                labels: vec![primary(expr.span, format!("its value is {value}"))],
                help: divides.then(|| "integers are divided with `//`".to_owned()),
            });
            return None;
        };
        if dim.as_const().is_some_and(|size| size < 0) {
            self.report(LowerError::Dimension {
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
        let Some(symbol) = dim.symbols().into_iter().find(|symbol| symbol.kind != SymbolKind::Argument) else {
            return Some(());
        };
        let place = self.places.symbols.get(symbol.id as usize).copied().unwrap_or(span);
        self.report(LowerError::InputSymbol {
            name: symbol.name.to_string(),
            what,
            labels: vec![
                primary(span, format!("the {what} needs it here")),
                crate::diag::label(place, "an input introduces it here"),
            ],
            help: Some(self.make_argument(&symbol.name)),
        });
        None
    }
}
