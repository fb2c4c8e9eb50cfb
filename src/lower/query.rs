//! Assertions: constants, sizes, and questions about sharing, which are answered later.

use super::body::Lowering;
use super::errors::LowerError;
use super::reference::Place;
use super::scope::{Item, Unit};
use crate::diag::primary;
use crate::ir::{self, Assert, AssertPlace, Path, Query};
use crate::ops::Value;
use crate::span::Span;
use crate::syntax::ast::{self, Binary, Call, Expr, ExprKind, Unary};

impl Lowering<'_> {
    pub(super) fn assert(&mut self, assert: &ast::Assert) {
        let mut paths = Vec::new();
        let mut condition = self.query(&assert.condition, &mut paths);
        if let Err(message) = is_condition(&condition) {
            condition = self.assert_form(message, assert.condition.span, None);
        }
        self.model.asserts.push(Assert { condition });
        let frame = self.scope.frame;
        self.places.asserts.push(AssertPlace { condition: assert.condition.span, paths, frame });
    }

    fn query(&mut self, expr: &Expr, paths: &mut Vec<(Path, Span)>) -> Query {
        match &expr.kind {
            // In a block, of this instance.
            ExprKind::Name(name) if name == "params" && self.known(name).is_none() => Query::Params(self.own_path()),
            ExprKind::Name(name) if name == "params_trainable" && self.known(name).is_none() => {
                Query::ParamsTrainable(self.own_path())
            }
            ExprKind::Call(call) => self.query_call(call, expr, paths),
            ExprKind::Unary(Unary::Not, operand) => match self.query(operand, paths) {
                Query::Shared(names) => Query::NotShared(names),
                Query::Unknown => Query::Unknown,
                query => Query::Not(Box::new(query)),
            },
            ExprKind::Unary(Unary::Negate, operand) => match self.query(operand, paths) {
                Query::Value(_) => self.constant_query(expr),
                query => Query::Negate(Box::new(query)),
            },
            ExprKind::Binary(operator, pair) => {
                let (left, right) = (self.query(&pair.0, paths), self.query(&pair.1, paths));
                let Some(operator) = binary(*operator) else {
                    let help = Some("integers are divided with `//`".to_owned());
                    return self.assert_form("`/` has no place in an assertion", expr.span, help);
                };
                Query::Binary(operator, Box::new((left, right)))
            }
            ExprKind::List(items) => Query::List(items.iter().map(|item| self.query(item, paths)).collect()),
            _ => self.constant_query(expr),
        }
    }

    fn constant_query(&mut self, expr: &Expr) -> Query {
        self.constant(expr).map_or(Query::Unknown, Query::Value)
    }

    fn query_call(&mut self, call: &Call, expr: &Expr, paths: &mut Vec<(Path, Span)>) -> Query {
        let ExprKind::Name(name) = &call.callee.kind else {
            return self.assert_form("this can't be asked", call.callee.span, None);
        };
        let arguments: Vec<&Expr> = call.arguments.iter().map(|argument| &argument.value).collect();
        match (name.as_str(), arguments.as_slice()) {
            ("shared", [_, _, ..]) => {
                let names: Vec<Option<Path>> =
                    arguments.iter().map(|argument| self.query_path(argument, paths)).collect();
                names.into_iter().collect::<Option<_>>().map_or(Query::Unknown, Query::Shared)
            }
            ("shared", _) => self.assert_form("`shared` takes two or more layers, params or slots", expr.span, None),
            ("uses", [path]) => self.query_path(path, paths).map_or(Query::Unknown, Query::Uses),
            ("params", [path]) => self.query_path(path, paths).map_or(Query::Unknown, |path| Query::Params(Some(path))),
            ("params_trainable", [path]) => {
                self.query_path(path, paths).map_or(Query::Unknown, |path| Query::ParamsTrainable(Some(path)))
            }
            ("uses" | "params" | "params_trainable", _) => {
                self.assert_form(format!("`{name}` takes one layer, param or slot"), expr.span, None)
            }
            ("shape", [operand]) => self.query_shape(operand, paths),
            ("shape", _) => self.assert_form("`shape` takes one value", expr.span, None),
            _ => self.constant_query(expr),
        }
    }

    fn query_shape(&mut self, operand: &Expr, paths: &mut Vec<(Path, Span)>) -> Query {
        match self.expr(operand) {
            Item::Value(value) => Query::Shape(value),
            Item::Storage(reference) if reference.view.is_whole() => {
                paths.push((reference.path.clone(), operand.span));
                Query::ShapeOf(reference.path)
            }
            Item::Unknown => Query::Unknown,
            _ => self.assert_form("`shape` takes a value, param or slot", operand.span, None),
        }
    }

    fn own_path(&self) -> Option<Path> {
        (!self.scope.fixed.is_model).then(|| self.scope.fixed.path.clone())
    }

    fn query_path(&mut self, expr: &Expr, paths: &mut Vec<(Path, Span)>) -> Option<Path> {
        let path = match self.place(expr)? {
            Place::Storage(reference) if reference.view.is_whole() => reference.path,
            Place::Storage(_) => {
                self.assert_form("sharing is asked of whole params, slots and layers", expr.span, None);
                return None;
            }
            Place::Unit(Unit::Many(many)) if many.scope.is_none() => {
                let help = format!("ask of the array, `{0}`, or of each element, `{0}[0]`", self.seen_here(&many.path));
                self.assert_form("this is asked of whole arrays and of their elements", expr.span, Some(help));
                return None;
            }
            Place::Unit(Unit::Function(_)) => {
                self.assert_form("a function has no weights", expr.span, None);
                return None;
            }
            Place::Unit(unit) => self.unit_path(&unit),
        };
        paths.push((path.clone(), expr.span));
        Some(path)
    }

    fn assert_form(&mut self, message: impl Into<String>, span: Span, help: Option<String>) -> Query {
        let help = help.or_else(|| {
            Some(
                "for example `assert shared(a.weight, b.weight)`, `assert uses(a) == 2`, `assert params == 100`".into(),
            )
        });
        let labels = vec![primary(span, "here")];
        self.report(LowerError::AssertForm { message: message.into(), labels, help });
        Query::Unknown
    }
}

/// What kind of thing a part of an assertion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Condition,
    Number,
    Other,
    /// It was reported.
    Unknown,
}

fn is_condition(query: &Query) -> Result<(), String> {
    match kind(query)? {
        Kind::Condition | Kind::Unknown => Ok(()),
        Kind::Number => Err("an assertion is a condition, and this is a number".to_owned()),
        Kind::Other => Err("an assertion is a condition, and this is a value".to_owned()),
    }
}

fn kind(query: &Query) -> Result<Kind, String> {
    let number = |query: &Query, symbol: &str| match kind(query)? {
        Kind::Number | Kind::Unknown => Ok(Kind::Number),
        _ => Err(format!("`{symbol}` wants numbers on both sides")),
    };
    let condition = |query: &Query, symbol: &str| match kind(query)? {
        Kind::Condition | Kind::Unknown => Ok(Kind::Condition),
        _ => Err(format!("`{symbol}` wants conditions")),
    };
    match query {
        Query::Value(Value::Bool(_)) | Query::Shared(_) | Query::NotShared(_) => Ok(Kind::Condition),
        Query::Value(Value::Int(_) | Value::Float(_))
        | Query::Params(_)
        | Query::ParamsTrainable(_)
        | Query::Uses(_) => Ok(Kind::Number),
        Query::Value(_) | Query::Shape(_) | Query::ShapeOf(_) => Ok(Kind::Other),
        Query::List(items) => items.iter().try_for_each(|item| kind(item).map(|_| ())).map(|()| Kind::Other),
        Query::Not(inner) => condition(inner, "not"),
        Query::Negate(inner) => number(inner, "-"),
        Query::Binary(operator, pair) => {
            let symbol = operator.symbol();
            match operator {
                ir::Binary::And | ir::Binary::Or => condition(&pair.0, symbol).and(condition(&pair.1, symbol)),
                ir::Binary::Equal | ir::Binary::NotEqual => match (kind(&pair.0)?, kind(&pair.1)?) {
                    (a, b) if a == b || a == Kind::Unknown || b == Kind::Unknown => Ok(Kind::Condition),
                    _ => Err(format!("`{symbol}` compares things of one kind")),
                },
                ir::Binary::Less | ir::Binary::LessEqual | ir::Binary::Greater | ir::Binary::GreaterEqual => {
                    number(&pair.0, symbol).and(number(&pair.1, symbol)).map(|_| Kind::Condition)
                }
                _ => number(&pair.0, symbol).and(number(&pair.1, symbol)),
            }
        }
        Query::Unknown => Ok(Kind::Unknown),
    }
}

fn binary(operator: Binary) -> Option<ir::Binary> {
    Some(match operator {
        Binary::And => ir::Binary::And,
        Binary::Or => ir::Binary::Or,
        Binary::Equal => ir::Binary::Equal,
        Binary::NotEqual => ir::Binary::NotEqual,
        Binary::Less => ir::Binary::Less,
        Binary::LessEqual => ir::Binary::LessEqual,
        Binary::Greater => ir::Binary::Greater,
        Binary::GreaterEqual => ir::Binary::GreaterEqual,
        Binary::Add => ir::Binary::Add,
        Binary::Subtract => ir::Binary::Subtract,
        Binary::Multiply => ir::Binary::Multiply,
        Binary::FloorDivide => ir::Binary::FloorDivide,
        Binary::Modulo => ir::Binary::Modulo,
        Binary::Power => ir::Binary::Power,
        Binary::Divide => return None,
    })
}
