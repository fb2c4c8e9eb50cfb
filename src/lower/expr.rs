//! Expressions: every operation and call on tensors becomes a call of the model, in order.

use super::body::Body;
use super::errors::LowerError;
use super::scope::{Declared, Item};
use crate::diag::{label, primary};
use crate::ir::{Path, Reference, ValueId, ValueOf, View, ViewStep};
use crate::ops::{self, Value};
use crate::span::Span;
use crate::syntax::ast::{Binary, Expr, ExprKind, Subscript};

impl Body<'_> {
    pub(super) fn expr(&mut self, expr: &Expr) -> Item {
        match &expr.kind {
            ExprKind::Name(name) => self.name(name, expr.span),
            ExprKind::List(items) => Item::List(items.iter().map(|item| self.expr(item)).collect()),
            ExprKind::Call(call) => self.call(&call.callee, &call.arguments, None, expr.span),
            ExprKind::Pipeline(head, stages) => {
                let head_item = self.expr(head);
                self.stages(head_item, head.span, stages)
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
                    self.diagnostics.push(LowerError::Constant { message, labels, help: None });
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
            (Item::List(a), Item::List(b)) if operator == Binary::Add => Item::List(a.into_iter().chain(b).collect()),
            (a, b) => {
                let operands = [(a, left.span), (b, right.span)];
                self.operation(ops::infix(operator.symbol()), operator.symbol(), &operands, span)
            }
        }
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
        let Some(ids) = ids.into_iter().collect::<Option<Vec<_>>>() else { return Item::Unknown };
        let Some(def) = def else {
            self.diagnostics.push(LowerError::NotAValue {
                message: format!("`{symbol}` can't be applied to tensors"),
                labels: vec![primary(span, "its operands are known only when the network runs")],
                help: None,
            });
            return Item::Unknown;
        };
        let places = operands.iter().map(|(_, span)| *span).collect();
        self.apply(def, &[], ids, places, smallvec::SmallVec::new(), span)
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
            Item::Results(results) => {
                let message = format!("this call has {} results, and one is wanted", results.len());
                let labels = vec![primary(span, "all of its results stand here")];
                let help = Some("pick one, `f(x)[0]`, or name them: `a, b = f(x)`".to_owned());
                self.diagnostics.push(LowerError::ResultCount { message, labels, help });
                None
            }
            Item::Unknown => None,
        }
    }

    fn not_a_value<T>(&mut self, message: String, span: Span, help: Option<&str>) -> Option<T> {
        let labels = vec![primary(span, "a tensor is wanted here")];
        self.diagnostics.push(LowerError::NotAValue { message, labels, help: help.map(str::to_owned) });
        None
    }

    fn name(&mut self, name: &str, span: Span) -> Item {
        if let Some(item) = self.known(name) {
            return item;
        }
        if self.scope.broken.contains_key(name) {
            return Item::Unknown;
        }
        match self.scope.declared.get(name) {
            Some((Declared::Param | Declared::Buffer, _)) => {
                return Item::Storage(Reference { path: Path::new(name), view: View::default() });
            }
            Some((Declared::Layer, place)) => {
                self.diagnostics.push(LowerError::NotAValue {
                    message: format!("the layer `{name}` isn't a tensor"),
                    labels: vec![primary(span, "a tensor is wanted here"), label(*place, "declared here")],
                    help: Some(format!("call it, `{name}(x)`, or read one of its slots, `{name}.weight`")),
                });
                return Item::Unknown;
            }
            Some((Declared::Argument, _)) | None => {}
        }
        self.unknown_name("the name", name, span);
        Item::Unknown
    }

    /// Reports a name that means nothing, or nothing yet.
    pub(super) fn unknown_name(&mut self, what: &'static str, name: &str, span: Span) {
        if let Some(later) = self.scope.later.get(name) {
            self.diagnostics.push(LowerError::Unbound {
                name: name.to_owned(),
                labels: vec![primary(span, "read here"), label(*later, "bound only here")],
                help: Some("values are bound in order: move this line up, or that one down".to_owned()),
            });
            return;
        }
        let help = if self.model.outputs.iter().any(|(output, _)| output == name) {
            Some(format!("an output gives a value away and binds no name: write `{name} = …`, then `output {name}`"))
        } else if let Some(def) = ops::named(name) {
            let written = if def.is_layer() { format!("layer NAME = {name}(…)") } else { format!("{name}(x)") };
            Some(format!("`{name}` is built in: `{written}`"))
        } else {
            let values = self.scope.values.keys().chain(self.scope.declared.keys()).chain(self.scope.symbols.keys());
            let known = values.chain(self.file.consts.keys()).map(String::as_str);
            let functions = ops::REGISTRY.iter().filter(|def| !def.is_symbol()).map(|def| def.name);
            self.diagnostics.nearest(name, known.chain(functions)).map(|near| format!("`{near}` is near to it"))
        };
        self.diagnostics.push(LowerError::UnknownName {
            what,
            name: name.to_owned(),
            labels: vec![primary(span, "nothing has this name here")],
            help,
        });
        // Said once; what follows from it is silent.
        self.scope.broken.insert(name.to_owned(), span);
    }

    /// `layer.slot`, at any depth, or a view of storage.
    fn field(&mut self, base: &Expr, name: &crate::syntax::ast::Name, span: Span) -> Item {
        if name.text == "T" {
            return match self.field_base(base) {
                Item::Storage(reference) => {
                    let view = reference.view.then(&View(smallvec::smallvec![ViewStep::Transpose]));
                    Item::Storage(Reference { view, ..reference })
                }
                Item::Unknown => Item::Unknown,
                _ => {
                    let help = "for a value write `transpose(x, -2, -1)`";
                    self.not_a_value::<()>("`.T` is a view of a param or slot".to_owned(), span, Some(help));
                    Item::Unknown
                }
            };
        }
        match self.layer_path(base) {
            Some(Some(path)) => Item::Storage(Reference { path: path.join(&name.text), view: View::default() }),
            Some(None) => Item::Unknown,
            None => {
                if !matches!(self.expr(base), Item::Unknown) {
                    self.diagnostics.push(LowerError::NotAValue {
                        message: format!("a value has no `.{}`", name.text),
                        labels: vec![primary(name.span, "only layers have parts with names")],
                        help: None,
                    });
                }
                Item::Unknown
            }
        }
    }

    fn field_base(&mut self, base: &Expr) -> Item {
        self.expr(base)
    }

    /// The path of a layer, or of a part of one; `Some(None)` if it was reported, `None` if it is something else.
    fn layer_path(&self, expr: &Expr) -> Option<Option<Path>> {
        match &expr.kind {
            ExprKind::Name(name) if self.scope.broken.contains_key(name) => Some(None),
            ExprKind::Name(name) if !self.scope.values.contains_key(name) => {
                let (declared, _) = self.scope.declared.get(name)?;
                (*declared == Declared::Layer).then(|| Some(Path::new(name.as_str())))
            }
            ExprKind::Field(base, name) => self.layer_path(base).map(|path| path.map(|path| path.join(&name.text))),
            _ => None,
        }
    }

    fn index(&mut self, base: &Expr, subscripts: &[Subscript], span: Span) -> Item {
        let item = self.expr(base);
        let at = match subscripts {
            [Subscript::At(index)] => self.constant(index).and_then(|value| value.as_int()),
            _ => None,
        };
        let (length, pick): (usize, Option<Item>) = match &item {
            Item::Unknown => return Item::Unknown,
            Item::List(items) => {
                (items.len(), at.and_then(|at| wrap(items.len(), at)).and_then(|at| items.get(at).cloned()))
            }
            Item::Results(values) => {
                let value = at.and_then(|at| wrap(values.len(), at)).and_then(|at| values.get(at));
                (values.len(), value.map(|value| Item::Value(*value)))
            }
            Item::Const(Value::List(_)) => {
                let whole = Expr { kind: ExprKind::Index(Box::new(base.clone()), subscripts.to_vec()), span };
                return self.folded(&whole);
            }
            Item::Const(_) | Item::Value(_) | Item::Storage(_) => {
                self.unsupported::<()>("slices of tensors", span);
                return Item::Unknown;
            }
        };
        pick.unwrap_or_else(|| {
            self.diagnostics.push(LowerError::Constant {
                message: format!("one of the {length} items is picked with an integer below {length}"),
                labels: vec![primary(span, "here")],
                help: None,
            });
            Item::Unknown
        })
    }
}

/// An index counted from the end if it is negative.
fn wrap(length: usize, index: i64) -> Option<usize> {
    let at = if index < 0 { index.checked_add(i64::try_from(length).ok()?)? } else { index };
    usize::try_from(at).ok()
}
