//! What names mean where only constants can be read.

use super::arithmetic::number;
use super::constant::{BEFORE, Constants};
use super::errors::LowerError;
use super::foreign::rewritten;
use super::scope::{Declared, Item, Unit, size};
use crate::diag::{nearest, primary};
use crate::ops::Value;
use crate::shape::Dim;
use crate::span::Span;
use crate::syntax::ast::{Call, Expr, ExprKind};

/// How many names one that isn't known is compared with.
const MAX_COMPARED: usize = 1000;

const VALUE: &str = "arguments and counts are computed before; what is made of arguments may be one: `hidden = 4 * d`";

const ARGUMENT: &str = "make it an argument, whose default may use those to its left: `(d, hidden = 4 * d)`";

/// What a name means where only constants can be read.
pub(super) enum Lookup {
    Value(Value),
    /// It was reported.
    Unknown,
    /// It means something that is known only when the network runs.
    NotConstant(&'static str),
    /// A value that isn't bound yet.
    Later,
    Missing,
}

impl<'s> Constants<'s, '_> {
    pub(super) fn lookup(&self, name: &str) -> Lookup {
        let constant = |value: &Option<Value>| value.clone().map_or(Lookup::Unknown, Lookup::Value);
        if let Some(scope) = self.scope {
            match scope.bound(name) {
                None => {}
                Some(Item::Unknown | Item::Unit(Unit::Broken)) => return Lookup::Unknown,
                Some(Item::Unit(_)) => return Lookup::NotConstant("the layer"),
                Some(item) => return constant_item(item).map_or(Lookup::NotConstant("the value"), Lookup::Value),
            }
            if let Some(value) = scope.fixed.arguments.get(name) {
                return constant(value);
            }
            if let Some(symbol) = scope.symbols.get(name) {
                return Lookup::Value(Value::Int(Dim::symbol(symbol.clone())));
            }
            if scope.is_broken(name) {
                return Lookup::Unknown;
            }
            if let Some((declared, _)) = scope.fixed.declared.get(name)
                && *declared != Declared::Block
            {
                return Lookup::NotConstant(declared.describe());
            }
        }
        if let Some((value, _)) = self.file.consts.get(name) {
            return constant(value);
        }
        match self.scope {
            Some(scope) if scope.fixed.later.contains_key(name) => Lookup::Later,
            _ => number(name).map_or(Lookup::Missing, Lookup::Value),
        }
    }

    /// The file that a name stands for, unless something of the body has the name.
    pub(super) fn module(&self, expr: &Expr) -> Option<Option<usize>> {
        let ExprKind::Name(name) = &expr.kind else { return None };
        let hidden = self.scope.is_some_and(|scope| {
            scope.bound(name).is_some() || scope.fixed.declared.contains_key(name) || scope.symbols.contains_key(name)
        });
        self.file.modules.get(name).filter(|_| !hidden).map(|(file, _)| *file)
    }

    pub(super) fn module_constant(&mut self, module: &Expr, name: &str, span: Span) -> Option<Value> {
        let file = self.files.file(self.module(module)??)?;
        if let Some((value, _)) = file.consts.get(name) {
            return value.clone();
        }
        let help = nearest(name, file.consts.keys().map(String::as_str)).map(|near| format!("`{near}` is near to it"));
        let labels = vec![primary(span, "the file has no such const")];
        self.found.push(LowerError::UnknownName { what: "the const", name: name.to_owned(), labels, help });
        None
    }

    /// The length of a list of values, or of an array of layers, which are no constants themselves.
    pub(super) fn length(&self, call: &Call) -> Option<usize> {
        let [argument] = call.arguments.as_slice() else { return None };
        let ExprKind::Name(name) = &argument.value.kind else { return None };
        let scope = self.scope?;
        match (scope.bound(name), scope.unit(name)) {
            (Some(Item::List(items)), _) => Some(items.len()),
            (_, Some(Unit::Many(many))) => Some(many.parts.len()),
            _ => None,
        }
    }

    pub(super) fn name(&mut self, name: &str, span: Span) -> Option<Value> {
        match self.lookup(name) {
            Lookup::Value(value) => {
                self.copied = self.copied.saturating_add(size(&value));
                Some(value)
            }
            Lookup::Unknown => None,
            Lookup::NotConstant(what) => {
                let message = format!("{what} `{name}` is known only when the network runs");
                self.fail(message, span, Some(if what == "the value" { VALUE } else { BEFORE }.to_owned()))
            }
            Lookup::Later => {
                let message =
                    format!("the value `{name}` isn't known yet: declarations are read first, then values in order");
                self.fail(message, span, Some(ARGUMENT.to_owned()))
            }
            Lookup::Missing => {
                let known = self.scope.into_iter().flat_map(|scope| scope.fixed.arguments.keys());
                // Of a file with very many, some are enough.
                let known = known.chain(self.file.consts.keys()).take(MAX_COMPARED).map(String::as_str);
                let help =
                    rewritten(name).or_else(|| nearest(name, known).map(|near| format!("`{near}` is near to it")));
                self.found.push(LowerError::UnknownName {
                    what: "the name",
                    name: name.to_owned(),
                    labels: vec![primary(span, "neither an argument nor a const")],
                    help,
                });
                None
            }
        }
    }

    /// The items of a list that has a name, where they stand.
    pub(super) fn named(&self, expr: &Expr) -> Option<&'s [Value]> {
        let ExprKind::Name(name) = &expr.kind else { return None };
        let argument = match self.scope {
            Some(scope) => match scope.bound(name) {
                Some(Item::Const(value)) => Some(value),
                Some(_) => return None,
                None => match scope.fixed.arguments.get(name) {
                    Some(argument) => argument.as_ref(),
                    None if scope.symbols.contains_key(name) || scope.is_broken(name) => return None,
                    None => self.file.consts.get(name)?.0.as_ref(),
                },
            },
            None => self.file.consts.get(name)?.0.as_ref(),
        };
        if let Some(Value::List(items)) = argument { Some(items) } else { None }
    }
}

/// The constant that an item is.
fn constant_item(item: &Item) -> Option<Value> {
    match item {
        Item::Const(value) => Some(value.clone()),
        Item::List(items) => items.iter().map(constant_item).collect::<Option<_>>().map(Value::List),
        _ => None,
    }
}
