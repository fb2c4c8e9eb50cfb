//! Expressions that are computed before anything runs: arithmetic on integers (exact, with symbols), floats, bools and
//! lists, a few functions, and initializers.

use super::arguments::{bind, missing};
use super::arithmetic::{are_finite, bools, equality, float, floats, function, integers, unset};
use super::body::Lowering;
use super::errors::LowerError;
use super::files::{FileScope, Files};
use super::lookup::Lookup;
use super::scope::{Scope, size};
use crate::diag::{Diagnostics, nearest, primary};
use crate::ops::init::INITIALIZERS;
use crate::ops::{Attributes, Value};
use crate::shape::Dim;
use crate::span::Span;
use crate::syntax::ast::{Argument, Binary, Call, Expr, ExprKind, Subscript, Unary};

/// Functions of constants.
pub(super) const FUNCTIONS: &[&str] = &["abs", "len", "max", "min", "sqrt"];

/// The largest number of items in a list, in all depths.
pub(super) const MAX_ITEMS: usize = 100_000;

/// The same of all lists that the consts of a program make and copy.
const MAX_COPIED: usize = 1_000_000;

pub(super) const BEFORE: &str = "arguments and counts are computed before";
pub(super) struct Constants<'s, 'f> {
    pub(super) scope: Option<&'s Scope>,
    pub(super) file: &'s FileScope<'f>,
    pub(super) files: &'s Files<'f>,
    pub(super) found: Vec<LowerError>,
    /// How many items the lists have that were made and copied.
    pub(super) copied: usize,
}

/// A constant of a file, which sees those above it. `copied` counts the items of all.
pub(super) fn file_constant(
    file: &FileScope,
    files: &Files,
    expr: &Expr,
    copied: &mut usize,
    diagnostics: &mut Diagnostics,
) -> Option<Value> {
    let mut constants = Constants { scope: None, file, files, found: Vec::new(), copied: *copied };
    let mut value = constants.value(expr);
    *copied = constants.copied;
    if *copied > MAX_COPIED && value.as_ref().is_some_and(|value| size(value) > 0) {
        let message = format!("the lists of all consts have more than {MAX_COPIED} items");
        value = constants.fail(message, expr.span, None);
    }
    constants.found.into_iter().for_each(|error| diagnostics.push(error));
    value
}

impl Lowering<'_> {
    /// The value of an expression over arguments, consts and symbols. What is wrong is reported.
    pub(super) fn constant(&mut self, expr: &Expr) -> Option<Value> {
        self.evaluate(|constants| constants.value(expr))
    }

    /// The same without a report.
    pub(super) fn quiet_constant(&self, expr: &Expr) -> Option<Value> {
        let mut constants = self.constants();
        let value = constants.value(expr);
        self.copies(constants.copied);
        value
    }

    /// Nothing in an expression has to be computed when the network runs.
    pub(super) fn is_known(&self, expr: &Expr) -> bool {
        self.constants().is_known(expr)
    }

    /// `left operator right` of two constants.
    pub(super) fn fold(&mut self, operator: Binary, left: &Value, right: &Value, span: Span) -> Option<Value> {
        self.evaluate(|constants| constants.binary(operator, left, right, span))
    }

    fn constants(&self) -> Constants<'_, '_> {
        Constants { scope: Some(&self.scope), file: self.file(), files: self.files, found: Vec::new(), copied: 0 }
    }

    fn evaluate(&mut self, run: impl FnOnce(&mut Constants) -> Option<Value>) -> Option<Value> {
        let mut constants = self.constants();
        let value = run(&mut constants);
        let (found, copied) = (constants.found, constants.copied);
        self.copies(copied);
        found.into_iter().for_each(|error| self.report(error));
        value
    }
}

impl Constants<'_, '_> {
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
                let list = items.into_iter().collect::<Option<_>>().map(Value::List)?;
                self.bounded(list, expr.span)
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
            ExprKind::Field(base, name) if self.module(base).is_some() => {
                self.module_constant(base, &name.text, expr.span)
            }
            ExprKind::Field(..) | ExprKind::Pipeline(..) => {
                let message = "this is known only when the network runs".to_owned();
                self.fail(message, expr.span, Some(BEFORE.to_owned()))
            }
        }
    }

    fn is_known(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Bool(_) | ExprKind::Str(_) | ExprKind::None => true,
            ExprKind::Name(name) => {
                !matches!(self.lookup(name), Lookup::NotConstant(_) | Lookup::Later | Lookup::Missing)
            }
            ExprKind::List(items) => items.iter().all(|item| self.is_known(item)),
            ExprKind::Unary(_, operand) => self.is_known(operand),
            ExprKind::Binary(_, pair) => self.is_known(&pair.0) && self.is_known(&pair.1),
            ExprKind::Conditional(parts) => {
                self.is_known(&parts.condition) && self.is_known(&parts.then) && self.is_known(&parts.otherwise)
            }
            ExprKind::Index(base, subscripts) => {
                self.is_known(base)
                    && subscripts.iter().all(|subscript| matches!(subscript, Subscript::At(at) if self.is_known(at)))
            }
            ExprKind::Field(base, _) => self.module(base).is_some(),
            ExprKind::Call(call) => {
                matches!(&call.callee.kind, ExprKind::Name(name) if FUNCTIONS.contains(&name.as_str()))
                    && (self.length(call).is_some() || call.arguments.iter().all(|item| self.is_known(&item.value)))
            }
            ExprKind::Pipeline(..) => false,
        }
    }

    fn call(&mut self, call: &Call, span: Span) -> Option<Value> {
        let ExprKind::Name(name) = &call.callee.kind else {
            return self.fail("this is known only when the network runs".to_owned(), span, None);
        };
        if let Some(def) = INITIALIZERS.iter().find(|def| def.name == name) {
            return self.initializer(def, call, span);
        }
        if let (Some(length), "len") = (self.length(call), name.as_str()) {
            return Some(Value::Int(Dim::from(length)));
        }
        if FUNCTIONS.contains(&name.as_str()) {
            let values: Vec<Option<Value>> = call.arguments.iter().map(|item| self.value(&item.value)).collect();
            let values: Vec<Value> = values.into_iter().collect::<Option<_>>()?;
            return if let Some(value) = function(name, &values) {
                Some(value)
            } else if let Some(error) = values.iter().find_map(|value| unset(name, value, span)) {
                self.found.push(error);
                None
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
        let bound = bind(def.name, def.parameters, &call.arguments, 0, &mut self.found)?;
        let mut given: Vec<(&str, Value)> = Vec::new();
        let mut complete = true;
        for (index, argument) in bound {
            let Some(parameter) = def.parameters.get(index) else { continue };
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
                self.found.push(missing(def.name, name, span, None));
                None
            }
            Ok(attributes) => match (def.build)(&attributes) {
                Ok(init) => Some(Value::Init(init)),
                Err(error) => {
                    let place = call
                        .arguments
                        .iter()
                        .find(|argument| argument.name.as_ref().is_some_and(|name| name.text == error.attribute));
                    self.found.push(LowerError::ArgumentValue {
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
        super::arguments::cast(owner, parameter, &value, argument.value.span, &mut self.found)
    }

    fn index(&mut self, base: &Expr, subscripts: &[Subscript], span: Span) -> Option<Value> {
        let copy;
        let items = match self.named(base) {
            Some(items) => items,
            None => match self.value(base)? {
                Value::List(items) => {
                    copy = items;
                    &copy
                }
                other => return self.fail(format!("{} can't be indexed", other.describe()), base.span, None),
            },
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

    /// A list, unless it is too long.
    fn bounded(&mut self, list: Value, span: Span) -> Option<Value> {
        let items = size(&list);
        self.copied = self.copied.saturating_add(items);
        if items > MAX_ITEMS {
            self.fail(format!("this list has more than {MAX_ITEMS} items"), span, None)
        } else {
            Some(list)
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
                return self.bounded(Value::List(a.iter().chain(b).cloned().collect()), span);
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
            Some(Value::Float(number)) if !number.is_finite() && are_finite(left, right) => {
                self.fail(format!("this is {number}, which is no number to compute with"), span, None)
            }
            Some(value) => Some(value),
            None => {
                let (a, b) = (left.describe(), right.describe());
                let symbolic = |value: &Value| matches!(value, Value::Int(dim) if dim.as_const().is_none());
                if symbolic(left) || symbolic(right) {
                    let unknown = if symbolic(left) { left } else { right };
                    if let Some(error) = unset(operator.symbol(), unknown, span) {
                        self.found.push(error);
                        return None;
                    }
                    let message = format!("`{}` needs numbers, and `{unknown}` has no value", operator.symbol());
                    return self.fail(message, span, Some(format!("set it: `--set {unknown}=…`")));
                }
                self.fail(format!("`{}` can't be applied to {a} and {b}", operator.symbol()), span, None)
            }
        }
    }

    pub(super) fn fail(&mut self, message: String, span: Span, help: Option<String>) -> Option<Value> {
        self.found.push(LowerError::Constant { message, labels: vec![primary(span, "here")], help });
        None
    }
}
