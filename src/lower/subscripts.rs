//! Indices and slices of values: of tensors, and of lists, whose items are known before the network runs.

use super::body::Lowering;
use super::calls::Gathered;
use super::errors::LowerError;
use super::reference::Place;
use super::scope::{Item, Unit};
use crate::diag::primary;
use crate::ops::{self, Value};
use crate::span::Span;
use crate::syntax::ast::{Expr, ExprKind, Subscript};

impl Lowering<'_> {
    pub(super) fn index(&mut self, base: &Expr, subscripts: &[Subscript], span: Span) -> Item {
        if self.leads_to_layers(base) {
            return match self.place(base) {
                Some(Place::Unit(Unit::Many(many))) => {
                    self.elements(&many, subscripts, span).map_or(Item::Unknown, Item::Unit)
                }
                Some(Place::Storage(reference)) => self.sliced(&Item::Storage(reference), base.span, subscripts, span),
                Some(Place::Unit(_)) => {
                    let whole = Expr { kind: ExprKind::Index(Box::new(base.clone()), subscripts.to_vec()), span };
                    self.place(&whole);
                    Item::Unknown
                }
                None => Item::Unknown,
            };
        }
        if let (ExprKind::Name(name), [Subscript::At(index)]) = (&base.kind, subscripts)
            && let Some(length) = self.named_list(name).map(<[Item]>::len)
        {
            let Some(value) = self.constant(index) else { return Item::Unknown };
            let at = value.as_int().and_then(|at| wrap(length, at));
            let item = at.and_then(|at| self.named_list(name)?.get(at)).cloned();
            return item.unwrap_or_else(|| self.no_item(length, span));
        }
        let item = self.expr(base);
        let items = match &item {
            Item::Unknown => return Item::Unknown,
            Item::List(items) => items.clone(),
            Item::Results(values) => values.iter().map(|value| Item::Value(*value)).collect(),
            Item::Const(Value::List(items)) => items.iter().cloned().map(Item::Const).collect(),
            Item::Const(_) | Item::Value(_) | Item::Storage(_) | Item::Unit(_) => {
                return self.sliced(&item, base.span, subscripts, span);
            }
        };
        let length = items.len();
        match subscripts {
            [Subscript::At(index)] => {
                let Some(value) = self.constant(index) else { return Item::Unknown };
                let at = value.as_int().and_then(|at| wrap(length, at));
                if let Some(item) = at.and_then(|at| items.get(at)) {
                    return item.clone();
                }
            }
            [Subscript::Range(start, end)] => {
                let mut bound = |expr: &Option<Expr>, default: usize| match expr {
                    None => Some(default),
                    Some(expr) => self.constant(expr)?.as_int().and_then(|at| wrap(length, at)),
                };
                let (from, to) = (bound(start, 0), bound(end, length));
                if let Some(part) = from.zip(to).and_then(|(from, to)| items.get(from..to)) {
                    return Item::List(part.to_vec());
                }
            }
            _ => {}
        }
        self.no_item(length, span)
    }

    /// The items of a list of values that has a name, where they stand.
    fn named_list(&self, name: &str) -> Option<&[Item]> {
        if let Some(Item::List(items)) = self.scope.bound(name) { Some(items) } else { None }
    }

    fn no_item(&mut self, length: usize, span: Span) -> Item {
        self.report(LowerError::Constant {
            message: format!("one of the {length} items is picked with an integer below {length}"),
            labels: vec![primary(span, "here")],
            help: None,
        });
        Item::Unknown
    }

    /// A part of a tensor.
    fn sliced(&mut self, item: &Item, place: Span, subscripts: &[Subscript], span: Span) -> Item {
        let def = ops::subscript();
        let taken: Vec<Option<Value>> = subscripts.iter().map(|subscript| self.subscript(subscript)).collect();
        let operand = self.operand(item, place);
        let (Some(taken), Some(operand)) = (taken.into_iter().collect::<Option<Vec<_>>>(), operand) else {
            return Item::Unknown;
        };
        let mut gathered = Gathered::default();
        for parameter in def.parameters {
            if parameter.is_attribute() {
                gathered.given.push((parameter.name, Value::List(taken.clone())));
                gathered.attribute_places.push((parameter.name, span));
            } else {
                gathered.push(parameter.name, Some(operand), place);
            }
        }
        self.apply(def, gathered, None, span)
    }

    /// A subscript as the attribute of an operator; `None` if it was reported.
    fn subscript(&mut self, subscript: &Subscript) -> Option<Value> {
        match subscript {
            Subscript::At(index) => self.whole_number(index),
            Subscript::Range(start, end) => {
                let mut bound = |expr: &Option<Expr>| match expr {
                    None => Some(Value::None),
                    Some(expr) => self.whole_number(expr),
                };
                let (start, end) = (bound(start), bound(end));
                Some(Value::List(vec![start?, end?]))
            }
            Subscript::Ellipsis(_) => Some(Value::Str("...".into())),
            Subscript::Every(span) => {
                let help = Some("a whole axis is `:`, and `*` stands in ties only");
                self.not_a_value("`*` is no subscript of a tensor".to_owned(), *span, help)
            }
        }
    }

    fn whole_number(&mut self, expr: &Expr) -> Option<Value> {
        let value = self.constant(expr)?;
        if matches!(value, Value::Int(_)) {
            return Some(value);
        }
        self.report(LowerError::Constant {
            message: format!("a subscript is an integer, and this is {}", value.describe()),
            labels: vec![primary(expr.span, "here")],
            help: None,
        });
        None
    }
}

/// An index counted from the end if it is negative.
fn wrap(length: usize, index: i64) -> Option<usize> {
    let at = if index < 0 { index.checked_add(i64::try_from(length).ok()?)? } else { index };
    usize::try_from(at).ok()
}
