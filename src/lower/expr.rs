//! Expressions: every operation and call on tensors becomes a call of the model, in order.

use super::arithmetic::number;
use super::body::Lowering;
use super::calls::{CallSite, Gathered};
use super::constant::MAX_ITEMS;
use super::errors::LowerError;
use super::foreign::rewritten;
use super::reference::Place;
use super::scope::{Declared, Item, Unit};
use crate::diag::{label, primary};
use crate::ir::{Reference, ValueId, ValueOf, View, ViewStep};
use crate::ops::{self, Value};
use crate::span::Span;
use crate::syntax::ast::{Binary, Expr, ExprKind};

impl Lowering<'_> {
    pub(super) fn expr(&mut self, expr: &Expr) -> Item {
        self.expr_with(expr, None)
    }

    /// An expression whose results get as many names.
    pub(super) fn expr_with(&mut self, expr: &Expr, results: Option<usize>) -> Item {
        self.in_expression(expr.span, |lowering| lowering.expr_here(expr, results)).unwrap_or(Item::Unknown)
    }

    fn expr_here(&mut self, expr: &Expr, results: Option<usize>) -> Item {
        match &expr.kind {
            ExprKind::Name(name) => self.name(name, expr.span),
            ExprKind::List(items) => {
                let items = items.iter().map(|item| self.expr(item)).collect();
                self.list(items, expr.span)
            }
            ExprKind::Call(call) => {
                self.call(&call.callee, CallSite { arguments: &call.arguments, first: None, span: expr.span, results })
            }
            ExprKind::Pipeline(head, stages) => {
                let head_item = self.expr(head);
                self.stages(head_item, head.span, stages, results)
            }
            ExprKind::Field(base, name) => self.field(base, name, expr.span),
            ExprKind::Index(base, subscripts) => self.index(base, subscripts, expr.span),
            ExprKind::Unary(operator, operand) => {
                let item = self.expr(operand);
                match item {
                    Item::Const(_) => self.folded(expr),
                    item => self.operation(
                        ops::prefix(operator.symbol()),
                        operator.symbol(),
                        &[(item, operand.span)],
                        expr.span,
                    ),
                }
            }
            ExprKind::Binary(operator, pair) => self.binary(*operator, &pair.0, &pair.1, expr.span),
            ExprKind::Conditional(parts) => match self.constant(&parts.condition) {
                Some(Value::Bool(true)) => self.expr(&parts.then),
                Some(Value::Bool(false)) => self.expr(&parts.otherwise),
                Some(other) => {
                    let message = format!("a condition is a bool, and this is {}", other.describe());
                    let labels = vec![primary(parts.condition.span, "here")];
                    self.report(LowerError::Constant { message, labels, help: None });
                    Item::Unknown
                }
                None => Item::Unknown,
            },
            ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Bool(_) | ExprKind::Str(_) | ExprKind::None => {
                self.folded(expr)
            }
        }
    }

    fn folded(&mut self, expr: &Expr) -> Item {
        self.constant(expr).map_or(Item::Unknown, Item::Const)
    }

    fn binary(&mut self, operator: Binary, left: &Expr, right: &Expr, span: Span) -> Item {
        let (a, b) = (self.expr(left), self.expr(right));
        match (a, b) {
            (Item::Const(a), Item::Const(b)) => self.fold(operator, &a, &b, span).map_or(Item::Unknown, Item::Const),
            (Item::Unknown, _) | (_, Item::Unknown) => Item::Unknown,
            (Item::List(a), Item::List(b)) if operator == Binary::Add => self.list([a, b].concat(), span),
            (a, b) => {
                let operands = [(a, left.span), (b, right.span)];
                self.operation(ops::infix(operator.symbol()), operator.symbol(), &operands, span)
            }
        }
    }

    /// A list, unless it is too long.
    fn list(&mut self, items: Vec<Item>, span: Span) -> Item {
        let list = Item::List(items);
        let size = list.size();
        self.copies(size);
        if size <= MAX_ITEMS {
            return list;
        }
        let message = format!("this list has more than {MAX_ITEMS} items");
        self.report(LowerError::Constant { message, labels: vec![primary(span, "here")], help: None });
        Item::Unknown
    }

    /// An arithmetic operation on tensors.
    fn operation(
        &mut self,
        def: Option<&'static ops::Def>,
        symbol: &str,
        operands: &[(Item, Span)],
        span: Span,
    ) -> Item {
        let ids: Vec<Option<ValueId>> = operands.iter().map(|(item, span)| self.operand(item, *span)).collect();
        if ids.contains(&None) {
            return Item::Unknown;
        }
        let Some(def) = def else {
            self.report(LowerError::NotAValue {
                message: format!("`{symbol}` can't be applied to tensors"),
                labels: vec![primary(span, "its operands are known only when the network runs")],
                help: None,
            });
            return Item::Unknown;
        };
        let mut gathered = Gathered::default();
        for ((parameter, id), (_, place)) in def.parameters.iter().zip(ids).zip(operands) {
            gathered.push(parameter.name, id, *place);
        }
        self.apply(def, gathered, None, span)
    }

    /// The value that an item is as an operand; `None`, and a report, if it is none.
    pub(super) fn operand(&mut self, item: &Item, span: Span) -> Option<ValueId> {
        match item {
            Item::Value(value) => Some(*value),
            Item::Storage(reference) => Some(self.value(ValueOf::Storage(reference.clone()), span)),
            Item::Const(value @ (Value::Int(_) | Value::Float(_) | Value::Bool(_))) => {
                Some(self.value(ValueOf::Scalar(value.clone()), span))
            }
            Item::Const(value) => self.not_a_value(format!("{} isn't a tensor", value.describe()), span, None),
            Item::List(_) => {
                let help = "`cat` and `stack` take a list and make a tensor of it";
                self.not_a_value("a list isn't a tensor".to_owned(), span, Some(help))
            }
            Item::Unknown | Item::Unit(Unit::Broken) => None,
            Item::Unit(unit) => {
                let path = self.unit_path(unit);
                let help = format!("call it, `{path}(x)`, or read one of its slots, `{path}.weight`");
                let labels = vec![primary(span, "a tensor is wanted here")];
                let message = format!("the layer `{path}` isn't a tensor");
                self.report(LowerError::NotAValue { message, labels, help: Some(help) });
                None
            }
            Item::Results(results) => {
                let message = format!("this call has {} results, and one is wanted", results.len());
                let labels = vec![primary(span, "all of its results stand here")];
                let help = Some("pick one, `f(x)[0]`, or name them: `a, b = f(x)`".to_owned());
                self.report(LowerError::ResultCount { message, labels, help });
                None
            }
        }
    }

    pub(super) fn not_a_value<T>(&mut self, message: String, span: Span, help: Option<&str>) -> Option<T> {
        let labels = vec![primary(span, "a tensor is wanted here")];
        self.report(LowerError::NotAValue { message, labels, help: help.map(str::to_owned) });
        None
    }

    fn name(&mut self, name: &str, span: Span) -> Item {
        if let Some(item) = self.known(name) {
            self.copies(item.size());
            return item;
        }
        if self.scope.is_broken(name) {
            return Item::Unknown;
        }
        match self.scope.fixed.declared.get(name) {
            Some((Declared::Param | Declared::Buffer, _)) => {
                return Item::Storage(Reference { path: self.path(name), view: View::default() });
            }
            Some((Declared::Layer, _)) => {
                return self.scope.fixed.units.get(name).cloned().map_or(Item::Unknown, Item::Unit);
            }
            Some((Declared::Argument | Declared::Block, _)) | None => {}
        }
        if let Some(number) = number(name).filter(|_| !self.scope.is_bound_elsewhere(name)) {
            return Item::Const(number);
        }
        self.unknown_name("the name", name, span);
        Item::Unknown
    }

    /// Reports a name that means nothing, or nothing yet.
    pub(super) fn unknown_name(&mut self, what: &'static str, name: &str, span: Span) {
        if let Some(place) = self.scope.inner.get(name).copied() {
            self.report(LowerError::Unbound {
                name: name.to_owned(),
                labels: vec![primary(span, "read here"), label(place, "bound only inside these braces")],
                help: Some("a name that is bound before the braces keeps what it gets inside".to_owned()),
            });
            return;
        }
        if let Some(later) = self.scope.fixed.later.get(name) {
            self.report(LowerError::Unbound {
                name: name.to_owned(),
                labels: vec![primary(span, "read here"), label(*later, "bound only here")],
                help: Some("values are bound in order: move this line up, or that one down".to_owned()),
            });
            return;
        }
        if self.defined(name).is_some_and(|defined| !defined.is_model) {
            self.report(LowerError::NotAValue {
                message: format!("`{name}` is a block, and no value"),
                labels: vec![primary(span, "a value is wanted here")],
                help: Some(format!("write `layer NAME = {name}(…)`, and `NAME(x)` here")),
            });
            return;
        }
        let help = if self.scope.given.contains_key(name) {
            Some(format!("an output gives a value away and binds no name: write `{name} = …`, then `output {name}`"))
        } else if let Some(help) = rewritten(name) {
            Some(help)
        } else if let Some(def) = ops::named(name) {
            let written = if def.is_layer() { format!("layer NAME = {name}(…)") } else { format!("{name}(x)") };
            Some(format!("`{name}` is built in: `{written}`"))
        } else {
            self.near(name, |lowering| {
                let scope = &lowering.scope;
                let values = scope.values.keys().map(ToString::to_string);
                let declared = scope.fixed.declared.keys().chain(scope.symbols.keys());
                let loops = scope.loops.iter().map(|(name, _, _)| name);
                let functions = ops::REGISTRY.iter().filter(|def| !def.is_symbol()).map(|def| def.name.to_owned());
                values
                    .chain(declared.chain(loops).chain(lowering.file().consts.keys()).cloned())
                    .chain(functions)
                    .collect()
            })
        };
        self.report(LowerError::UnknownName {
            what,
            name: name.to_owned(),
            labels: vec![primary(span, "nothing has this name here")],
            help,
        });
        // Said once; what follows from it is silent.
        self.scope.unknown.insert(name.to_owned());
    }

    /// `layer.slot`, at any depth, a view of storage, or a const of an imported file.
    fn field(&mut self, base: &Expr, name: &crate::syntax::ast::Name, span: Span) -> Item {
        let whole = Expr { kind: ExprKind::Field(Box::new(base.clone()), name.clone()), span };
        if self.leads_to_layers(base) {
            return match self.place(&whole) {
                Some(Place::Storage(reference)) => Item::Storage(reference),
                Some(Place::Unit(unit)) => Item::Unit(unit),
                None => Item::Unknown,
            };
        }
        if self.is_known(&whole) {
            return self.folded(&whole);
        }
        if self.is_foreign(base, name) {
            return Item::Unknown;
        }
        match self.expr(base) {
            Item::Unknown => Item::Unknown,
            Item::Storage(reference) if name.text == "T" => {
                let view = reference.view.then(&View(vec![ViewStep::Transpose]));
                Item::Storage(Reference { view, ..reference })
            }
            _ if name.text == "T" => {
                let help = "for a value write `transpose(x, -2, -1)`";
                self.not_a_value::<()>("`.T` is a view of a param or slot".to_owned(), span, Some(help));
                Item::Unknown
            }
            _ => {
                let sizes = matches!(name.text.as_str(), "shape" | "size");
                let help =
                    "a size has the name that an input gives it: `x: [batch, seq]`; assertions ask for `shape(x)`";
                self.report(LowerError::NotAValue {
                    message: format!("a value has no `.{}`", name.text),
                    labels: vec![primary(name.span, "only layers have parts with names")],
                    help: sizes.then(|| help.to_owned()),
                });
                Item::Unknown
            }
        }
    }
}
