//! Expressions that are computed before anything runs: arithmetic on integers (exact, with symbols), floats, bools and
//! lists, a few functions, and initializers.

use super::arguments::{bind, missing};
use super::body::Body;
use super::errors::LowerError;
use super::scope::{FileScope, Scope};
use crate::diag::{Diagnostics, nearest, primary};
use crate::ops::init::INITIALIZERS;
use crate::ops::{Attributes, Value};
use crate::shape::Dim;
use crate::span::Span;
use crate::syntax::ast::{Argument, Binary, Call, Expr, ExprKind, Subscript, Unary};

/// Functions of constants.
pub(super) const FUNCTIONS: &[&str] = &["abs", "len", "max", "min", "sqrt"];

/// What a name means where only constants can be read.
pub(super) enum Lookup {
    Value(Value),
    /// It was reported.
    Unknown,
    /// It means something that is known only when the network runs.
    NotConstant(&'static str),
    Missing,
}

pub(super) struct Constants<'a> {
    scope: Option<&'a Scope>,
    file: &'a FileScope,
    diagnostics: &'a mut Diagnostics,
}

/// A constant of a file, which sees those above it.
pub(super) fn file_constant(file: &FileScope, expr: &Expr, diagnostics: &mut Diagnostics) -> Option<Value> {
    Constants { scope: None, file, diagnostics }.value(expr)
}

impl Body<'_> {
    /// The value of an expression over arguments, consts and symbols. What is wrong is reported.
    pub(super) fn constant(&mut self, expr: &Expr) -> Option<Value> {
        Constants { scope: Some(&self.scope), file: self.file, diagnostics: &mut self.diagnostics }.value(expr)
    }

    /// `left operator right` of two constants.
    pub(super) fn fold(&mut self, operator: Binary, left: &Value, right: &Value, span: Span) -> Option<Value> {
        let mut constants = Constants { scope: Some(&self.scope), file: self.file, diagnostics: &mut self.diagnostics };
        constants.binary(operator, left, right, span)
    }
}

impl Constants<'_> {
    fn value(&mut self, expr: &Expr) -> Option<Value> {
        match &expr.kind {
            ExprKind::Int(value) => Some(Value::Int(Dim::from(*value))),
            ExprKind::Float(value) => Some(Value::Float(*value)),
            ExprKind::Bool(value) => Some(Value::Bool(*value)),
            ExprKind::Str(text) => Some(Value::Str(text.as_str().into())),
            ExprKind::None => Some(Value::None),
            ExprKind::Name(name) => self.name(name, expr.span),
            ExprKind::List(items) => {
                // Every item is looked at, so that all mistakes are found in one run.
                let items: Vec<Option<Value>> = items.iter().map(|item| self.value(item)).collect();
                items.into_iter().collect::<Option<_>>().map(Value::List)
            }
            ExprKind::Call(call) => self.call(call, expr.span),
            ExprKind::Index(base, subscripts) => self.index(base, subscripts, expr.span),
            ExprKind::Unary(operator, operand) => {
                let value = self.value(operand)?;
                self.unary(*operator, &value, expr.span)
            }
            ExprKind::Binary(operator, pair) => {
                let (left, right) = (self.value(&pair.0), self.value(&pair.1));
                self.binary(*operator, &left?, &right?, expr.span)
            }
            ExprKind::Conditional(parts) => match self.value(&parts.condition)? {
                Value::Bool(true) => self.value(&parts.then),
                Value::Bool(false) => self.value(&parts.otherwise),
                other => self.fail(format!("a condition is a bool, and this is {}", other.describe()), expr.span, None),
            },
            ExprKind::Field(..) | ExprKind::Pipeline(..) => {
                let message = "this is known only when the network runs".to_owned();
                self.fail(message, expr.span, Some("arguments and counts are computed before".to_owned()))
            }
        }
    }

    fn lookup(&self, name: &str) -> Lookup {
        let constant = |value: &Option<Value>| value.clone().map_or(Lookup::Unknown, Lookup::Value);
        if let Some(scope) = self.scope {
            if let Some(value) = scope.arguments.get(name) {
                return constant(value);
            }
            if let Some(symbol) = scope.symbols.get(name) {
                return Lookup::Value(Value::Int(Dim::symbol(symbol.clone())));
            }
            if scope.broken.contains_key(name) {
                return Lookup::Unknown;
            }
            if let Some((declared, _)) = scope.declared.get(name) {
                return Lookup::NotConstant(declared.describe());
            }
        }
        if let Some((value, _)) = self.file.consts.get(name) {
            return constant(value);
        }
        match self.scope {
            Some(scope) if scope.later.contains_key(name) => Lookup::NotConstant("the value"),
            _ => Lookup::Missing,
        }
    }

    fn name(&mut self, name: &str, span: Span) -> Option<Value> {
        match self.lookup(name) {
            Lookup::Value(value) => Some(value),
            Lookup::Unknown => None,
            Lookup::NotConstant(what) => {
                let message = format!("{what} `{name}` is known only when the network runs");
                self.fail(message, span, Some("arguments and counts are computed before".to_owned()))
            }
            Lookup::Missing => {
                let known = self.scope.into_iter().flat_map(|scope| scope.arguments.keys());
                let known = known.chain(self.file.consts.keys()).map(String::as_str);
                let help = self.diagnostics.nearest(name, known).map(|near| format!("`{near}` is near to it"));
                self.diagnostics.push(LowerError::UnknownName {
                    what: "the name",
                    name: name.to_owned(),
                    labels: vec![primary(span, "neither an argument nor a const")],
                    help,
                });
                None
            }
        }
    }

    fn call(&mut self, call: &Call, span: Span) -> Option<Value> {
        let ExprKind::Name(name) = &call.callee.kind else {
            return self.fail("this is known only when the network runs".to_owned(), span, None);
        };
        if let Some(def) = INITIALIZERS.iter().find(|def| def.name == name) {
            return self.initializer(def, call, span);
        }
        if FUNCTIONS.contains(&name.as_str()) {
            let values: Vec<Option<Value>> = call.arguments.iter().map(|item| self.value(&item.value)).collect();
            let values: Vec<Value> = values.into_iter().collect::<Option<_>>()?;
            return if let Some(value) = function(name, &values) {
                Some(value)
            } else {
                let found: Vec<&str> = values.iter().map(Value::describe).collect();
                self.fail(format!("`{name}` can't take {}", found.join(" and ")), span, None)
            };
        }
        let known = FUNCTIONS.iter().copied().chain(INITIALIZERS.iter().map(|def| def.name));
        let help = nearest(name, known).map(|near| format!("`{near}` is near to it"));
        self.fail(format!("`{name}` can't be called before the network runs"), call.callee.span, help)
    }

    fn initializer(&mut self, def: &crate::ops::init::InitDef, call: &Call, span: Span) -> Option<Value> {
        let bound = bind(def.name, def.parameters, &call.arguments, 0, self.diagnostics)?;
        let mut given: Vec<(&str, Value)> = Vec::new();
        let mut complete = true;
        for (parameter, argument) in bound {
            match self.attribute(def.name, parameter, argument) {
                Some(value) => given.push((parameter.name, value)),
                None => complete = false,
            }
        }
        if !complete {
            return None;
        }
        let find = |name: &str| given.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
        match Attributes::complete(def.parameters, find) {
            Err(name) => {
                self.diagnostics.push(missing(def.name, name, span, None));
                None
            }
            Ok(attributes) => match (def.build)(&attributes) {
                Ok(init) => Some(Value::Init(init)),
                Err(error) => {
                    let place = call
                        .arguments
                        .iter()
                        .find(|argument| argument.name.as_ref().is_some_and(|name| name.text == error.attribute));
                    self.diagnostics.push(LowerError::ArgumentValue {
                        message: error.message,
                        labels: vec![primary(place.map_or(span, |argument| argument.span), "this")],
                        help: error.help,
                    });
                    None
                }
            },
        }
    }

    /// The value of an argument for a parameter that is an attribute.
    fn attribute(&mut self, owner: &str, parameter: &crate::ops::Parameter, argument: &Argument) -> Option<Value> {
        let value = self.value(&argument.value)?;
        super::arguments::cast(owner, parameter, &value, argument.value.span, self.diagnostics)
    }

    fn index(&mut self, base: &Expr, subscripts: &[Subscript], span: Span) -> Option<Value> {
        let items = match self.value(base)? {
            Value::List(items) => items,
            other => return self.fail(format!("{} can't be indexed", other.describe()), base.span, None),
        };
        let [Subscript::At(index)] = subscripts else {
            return self.fail("a list is indexed with one integer".to_owned(), span, None);
        };
        let Some(index) = self.value(index)?.as_int() else {
            return self.fail("a list is indexed with an integer that is known".to_owned(), span, None);
        };
        let length = items.len() as i64;
        let at = if index < 0 { index + length } else { index };
        match usize::try_from(at).ok().and_then(|at| items.get(at)) {
            Some(item) => Some(item.clone()),
            None => self.fail(format!("there is no item {index} in a list of {length}"), span, None),
        }
    }

    fn unary(&mut self, operator: Unary, value: &Value, span: Span) -> Option<Value> {
        match (operator, value) {
            (Unary::Negate, Value::Int(dim)) => Some(Value::Int(dim.neg())),
            (Unary::Negate, Value::Float(number)) => Some(Value::Float(-number)),
            (Unary::Not, Value::Bool(value)) => Some(Value::Bool(!value)),
            _ => self.fail(format!("`{}` can't be applied to {}", operator.symbol(), value.describe()), span, None),
        }
    }

    fn binary(&mut self, operator: Binary, left: &Value, right: &Value, span: Span) -> Option<Value> {
        let result = match (left, right) {
            (Value::Int(a), Value::Int(b)) => integers(operator, a, b),
            (Value::Bool(a), Value::Bool(b)) => bools(operator, *a, *b),
            (Value::Str(a), Value::Str(b)) => equality(operator, a == b),
            (Value::None, Value::None) => equality(operator, true),
            (Value::None, _) | (_, Value::None) => equality(operator, false),
            (Value::List(a), Value::List(b)) if operator == Binary::Add => {
                Some(Value::List(a.iter().chain(b).cloned().collect()))
            }
            (Value::List(a), Value::List(b)) => equality(operator, a == b),
            _ => match (float(left), float(right)) {
                (Some(a), Some(b)) => floats(operator, a, b),
                _ => None,
            },
        };
        match result {
            Some(Value::Int(dim)) if dim.is_invalid() => {
                let message = match (operator, right) {
                    (Binary::FloorDivide | Binary::Modulo, Value::Int(divisor)) if *divisor == Dim::ZERO => {
                        "this divides by zero".to_owned()
                    }
                    _ => "this number is too large".to_owned(),
                };
                self.fail(message, span, Some("integers have 64 bits".to_owned()))
            }
            Some(Value::Float(number)) if !number.is_finite() => {
                self.fail(format!("this is {number}, which is no number to compute with"), span, None)
            }
            Some(value) => Some(value),
            None => {
                let (a, b) = (left.describe(), right.describe());
                let symbolic = |value: &Value| matches!(value, Value::Int(dim) if dim.as_const().is_none());
                if symbolic(left) || symbolic(right) {
                    let unknown = if symbolic(left) { left } else { right };
                    let message = format!("`{}` needs numbers, and `{unknown}` has no value", operator.symbol());
                    return self.fail(message, span, Some(format!("set it: `--set {unknown}=…`")));
                }
                self.fail(format!("`{}` can't be applied to {a} and {b}", operator.symbol()), span, None)
            }
        }
    }

    fn fail(&mut self, message: String, span: Span, help: Option<String>) -> Option<Value> {
        self.diagnostics.push(LowerError::Constant { message, labels: vec![primary(span, "here")], help });
        None
    }
}

fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Float(number) => Some(*number),
        Value::Int(dim) => dim.as_const().map(|value| value as f64),
        _ => None,
    }
}

fn equality(operator: Binary, equal: bool) -> Option<Value> {
    match operator {
        Binary::Equal => Some(Value::Bool(equal)),
        Binary::NotEqual => Some(Value::Bool(!equal)),
        _ => None,
    }
}

fn bools(operator: Binary, a: bool, b: bool) -> Option<Value> {
    match operator {
        Binary::And => Some(Value::Bool(a && b)),
        Binary::Or => Some(Value::Bool(a || b)),
        _ => equality(operator, a == b),
    }
}

fn integers(operator: Binary, a: &Dim, b: &Dim) -> Option<Value> {
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

fn floats(operator: Binary, a: f64, b: f64) -> Option<Value> {
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

fn function(name: &str, values: &[Value]) -> Option<Value> {
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

fn extreme(name: &str, items: &[Value]) -> Option<Value> {
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
