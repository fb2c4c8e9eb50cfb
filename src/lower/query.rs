//! Assertions: constants, sizes, and questions about sharing, which are answered later.

use super::body::Body;
use super::errors::LowerError;
use super::scope::{Declared, Item};
use crate::diag::primary;
use crate::ir::{self, Assert, AssertPlace, Path, Query};
use crate::span::Span;
use crate::syntax::ast::{self, Binary, Call, Expr, ExprKind, Unary};

impl Body<'_> {
    pub(super) fn assert(&mut self, assert: &ast::Assert) {
        let mut paths = Vec::new();
        let condition = self.query(&assert.condition, &mut paths);
        self.model.asserts.push(Assert { condition });
        self.places.asserts.push(AssertPlace { condition: assert.condition.span, paths });
    }

    fn query(&mut self, expr: &Expr, paths: &mut Vec<Span>) -> Query {
        match &expr.kind {
            ExprKind::Name(name) if !self.scope.values.contains_key(name) && name == "params" => Query::Params(None),
            ExprKind::Name(name) if !self.scope.values.contains_key(name) && name == "params_trainable" => {
                Query::ParamsTrainable
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

    fn query_call(&mut self, call: &Call, expr: &Expr, paths: &mut Vec<Span>) -> Query {
        let ExprKind::Name(name) = &call.callee.kind else {
            return self.assert_form("this can't be asked", call.callee.span, None);
        };
        let arguments: Vec<&Expr> = call.arguments.iter().map(|argument| &argument.value).collect();
        match (name.as_str(), arguments.as_slice()) {
            ("shared", [_, _, ..]) => {
                let names: Vec<Option<Path>> = arguments.iter().map(|argument| self.query_path(argument)).collect();
                paths.extend(arguments.iter().map(|argument| argument.span));
                names.into_iter().collect::<Option<_>>().map_or(Query::Unknown, Query::Shared)
            }
            ("shared", _) => self.assert_form("`shared` takes two or more layers, params or slots", expr.span, None),
            ("uses", [path]) => self.query_path(path).map_or(Query::Unknown, Query::Uses),
            ("params", [path]) => self.query_path(path).map_or(Query::Unknown, |path| Query::Params(Some(path))),
            ("uses" | "params", _) => {
                self.assert_form(format!("`{name}` takes one layer, param or slot"), expr.span, None)
            }
            ("shape", [operand]) => self.query_shape(operand),
            ("shape", _) => self.assert_form("`shape` takes one value", expr.span, None),
            _ => self.constant_query(expr),
        }
    }

    fn query_shape(&mut self, operand: &Expr) -> Query {
        match self.expr(operand) {
            Item::Value(value) => Query::Shape(value),
            Item::Storage(reference) if reference.view.is_whole() => Query::ShapeOf(reference.path),
            Item::Unknown => Query::Unknown,
            _ => self.assert_form("`shape` takes a value, param or slot", operand.span, None),
        }
    }

    fn query_path(&mut self, expr: &Expr) -> Option<Path> {
        let reference = self.reference(expr)?;
        if !reference.view.is_whole() {
            self.assert_form("sharing is asked of whole params, slots and layers", expr.span, None);
            return None;
        }
        let root = root(expr);
        match self.scope.declared.get(root) {
            Some((Declared::Param | Declared::Buffer | Declared::Layer, _)) => Some(reference.path),
            _ if self.scope.broken.contains_key(root) => None,
            Some(_) => {
                self.assert_form("sharing is asked of params, slots and layers", expr.span, None);
                None
            }
            None => {
                self.unknown_name("the layer or param", root, expr.span);
                None
            }
        }
    }

    fn assert_form(&mut self, message: impl Into<String>, span: Span, help: Option<String>) -> Query {
        let help = help.or_else(|| {
            Some(
                "for example `assert shared(a.weight, b.weight)`, `assert uses(a) == 2`, `assert params == 100`".into(),
            )
        });
        let labels = vec![primary(span, "here")];
        self.diagnostics.push(LowerError::AssertForm { message: message.into(), labels, help });
        Query::Unknown
    }
}

fn root(expr: &Expr) -> &str {
    match &expr.kind {
        ExprKind::Name(name) => name,
        ExprKind::Field(base, _) | ExprKind::Index(base, _) => root(base),
        _ => "",
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
