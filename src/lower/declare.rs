//! Types of inputs, and params and buffers.

use super::body::Lowering;
use super::errors::LowerError;
use crate::diag::primary;
use crate::ir::{Input, InputPlace, StorageDecl, StoragePlace, ValueOf};
use crate::ops::{self, SlotKind, Value};
use crate::shape::{Dim, Element, Shape, SymbolKind, TensorType};
use crate::span::Span;
use crate::syntax::ast::{self, DimExpr, ExprKind};

impl Lowering<'_> {
    /// An input of a model.
    pub(super) fn input(&mut self, input: &ast::Input) {
        if let Some((declared, first)) = self.scope.fixed.declared.get(&input.name.text) {
            let error = super::statement::rebound(*declared, &input.name, *first);
            self.report(error);
            return;
        }
        let name = input.name.text.clone();
        let ty = match input.ty.leading {
            Some(leading) if self.scope.fixed.scope.is_none() && self.alone => {
                self.type_behind_one_axis(&input.ty, leading)
            }
            _ => self.tensor_type(&input.ty, None),
        };
        let Some(ty) = ty else {
            self.scope.values.insert(name.into(), super::scope::Item::Unknown);
            return;
        };
        let value = self.value(ValueOf::Input(self.model.inputs.len()), input.name.span);
        self.model.values[value].name = Some(name.as_str().into());
        self.scope.values.insert(name.as_str().into(), super::scope::Item::Value(value));
        self.model.inputs.push(Input { name, ty, value });
        self.places.inputs.push(input_place(input));
    }

    /// The type of an input of a block that is read by itself: `...` may stand for any number of axes, and so for one.
    fn type_behind_one_axis(&mut self, ty: &ast::TypeExpr, leading: Span) -> Option<TensorType> {
        const NAME: &str = "...";
        let known = self.scope.symbols.get(NAME).cloned();
        let symbol = known.unwrap_or_else(|| self.symbol(NAME, SymbolKind::Local, leading));
        self.scope.symbols.insert(NAME.to_owned(), symbol.clone());
        let (element, shape) = (self.element_type(ty), self.shape(ty, None));
        let mut dims = vec![Dim::symbol(symbol)];
        dims.extend(shape?.iter().cloned());
        Some(TensorType { element: element?, shape: dims.into_iter().collect() })
    }

    pub(super) fn storage(&mut self, item: &ast::StorageDeclaration) {
        let buffer = item.kind == ast::StorageKind::Buffer;
        let what = if buffer { "buffer" } else { "param" };
        let ty = self.tensor_type(&item.ty, Some(what));
        let init = item.init.as_ref().map(|init| self.initializer(init));
        // What is wrong with its parts was reported; references to it still find it.
        let (Some(ty), Some(init)) = (ty, init.map_or(Some(None), |init| init.map(Some))) else {
            self.fixed().broken.insert(item.name.text.clone(), item.name.span);
            return;
        };
        if ty.element != Element::Float && !buffer {
            self.report(LowerError::Dimension {
                message: format!("a param holds floats, and this is {ty}"),
                labels: vec![primary(item.ty.span, "it couldn't be trained")],
                help: Some("numbers that aren't trained are a `buffer`".to_owned()),
            });
            self.fixed().broken.insert(item.name.text.clone(), item.name.span);
            return;
        }
        let path = self.path(&item.name.text);
        if self.storage_index.contains_key(&path) {
            return;
        }
        self.storage_index.insert(path.clone(), self.model.storages.len());
        self.model.storages.push(StorageDecl {
            path,
            kind: if buffer { SlotKind::Buffer } else { SlotKind::Param },
            frozen: item.frozen || (self.frozen && !buffer),
            ty,
            init,
            ties: Vec::new(),
            scope: self.scope.fixed.scope,
        });
        let init = item.init.as_ref().map(|init| init.span);
        self.places.storages.push(StoragePlace { name: item.name.span, ty: item.ty.span, init, ties: Vec::new() });
    }

    /// An initializer of a param or slot.
    pub(super) fn initializer(&mut self, expr: &ast::Expr) -> Option<ops::Init> {
        match self.constant(expr)? {
            Value::Init(init) => Some(init),
            other => {
                let number = match &other {
                    Value::Float(_) | Value::Int(_) => Some(format!("every element the same: `constant({other})`")),
                    _ => None,
                };
                self.report(LowerError::ArgumentType {
                    message: format!("an initializer is wanted here, and this is {}", other.describe()),
                    labels: vec![primary(expr.span, format!("its value is {other}"))],
                    help: number.or_else(|| Some("for example `normal(std=0.02)` or `zeros()`".to_owned())),
                });
                None
            }
        }
    }

    /// `what` is the param or buffer that it is the type of; `None` for an input.
    pub(super) fn tensor_type(&mut self, ty: &ast::TypeExpr, what: Option<&'static str>) -> Option<TensorType> {
        let element = self.element_type(ty);
        if let Some(leading) = ty.leading {
            self.report(LowerError::Dimension {
                message: "`...` stands for the leading dimensions of a block's input".to_owned(),
                labels: vec![primary(leading, "here the number of dimensions must be known")],
                help: Some("write every dimension: `[batch, 10]`".to_owned()),
            });
            return None;
        }
        let shape = self.shape(ty, what)?;
        Some(TensorType { element: element?, shape })
    }

    /// The dimensions that are named.
    pub(super) fn shape(&mut self, ty: &ast::TypeExpr, what: Option<&'static str>) -> Option<Shape> {
        let dims: Vec<Option<Dim>> = ty.dims.iter().map(|dim| self.type_dimension(dim, what)).collect();
        dims.into_iter().collect()
    }

    pub(super) fn element_type(&mut self, ty: &ast::TypeExpr) -> Option<Element> {
        match ty.element.as_ref().map(|name| name.text.as_str()) {
            None | Some("float") => Some(Element::Float),
            Some("int") => Some(Element::Int),
            Some("bool") => Some(Element::Bool),
            Some(other) => {
                let message = format!("there is no element type `{other}`");
                let span = ty.element.as_ref().map_or(ty.span, |name| name.span);
                self.report(LowerError::Dimension {
                    message,
                    labels: vec![primary(span, "this isn't one")],
                    help: Some("a float tensor is `[…]`, the others are `int[…]` and `bool[…]`".to_owned()),
                });
                None
            }
        }
    }

    fn type_dimension(&mut self, dim: &DimExpr, what: Option<&'static str>) -> Option<Dim> {
        match (dim, what) {
            (DimExpr::Expr(expr), _) => {
                if let (ExprKind::Name(name), Some(what)) = (&expr.kind, what)
                    && self.is_unknown_size(name)
                {
                    self.unknown_size(name, what, expr.span);
                    return None;
                }
                self.dimension(expr, what)
            }
            (DimExpr::Anonymous(span), None) => Some(Dim::symbol(self.symbol("_", SymbolKind::Local, *span))),
            (DimExpr::Anonymous(span), Some(what)) => {
                self.report(LowerError::Dimension {
                    message: format!("the size of a {what} must be known"),
                    labels: vec![primary(*span, "`_` stands for any size")],
                    help: None,
                });
                None
            }
        }
    }

    fn is_unknown_size(&self, name: &str) -> bool {
        self.known_constant(name).is_none()
            && !self.scope.is_broken(name)
            && !self.scope.fixed.declared.contains_key(name)
    }

    fn unknown_size(&mut self, name: &str, what: &'static str, span: crate::span::Span) {
        let near = self.near(name, |lowering| {
            lowering.scope.fixed.arguments.keys().chain(lowering.file().consts.keys()).cloned().collect()
        });
        let help = near.unwrap_or_else(|| self.make_argument(name));
        self.report(LowerError::UnknownName {
            what: "the size",
            name: name.to_owned(),
            labels: vec![primary(span, format!("the {what} needs it"))],
            help: Some(help),
        });
    }
}

/// Where an input and its dimensions stand.
pub(super) fn input_place(input: &ast::Input) -> InputPlace {
    let dims = input.ty.dims.iter().map(|dim| match dim {
        DimExpr::Anonymous(span) => *span,
        DimExpr::Expr(expr) => expr.span,
    });
    InputPlace { name: input.name.span, ty: input.ty.span, dims: dims.collect() }
}
