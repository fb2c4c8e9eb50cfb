//! The state of lowering one model, and the order in which its parts are read: arguments, names, storages and layers,
//! which may stand anywhere, and then the statements one after another.

use super::errors::LowerError;
use super::scope::{Declared, FileScope, Item, Scope, duplicate};
use super::{Lowered, Settings};
use crate::diag::{Diagnostics, primary};
use crate::ir::{Model, Places, Value, ValueId, ValueOf};
use crate::ops;
use crate::shape::{Dim, Symbol, SymbolKind};
use crate::span::Span;
use crate::syntax::ast;
use std::collections::HashMap;

/// The largest number of calls in a model, after repeats are unrolled.
pub(super) const MAX_CALLS: usize = 1_000_000;

pub(super) struct Body<'a> {
    pub(super) file: &'a FileScope,
    pub(super) diagnostics: Diagnostics,
    pub(super) scope: Scope,
    pub(super) model: Model,
    pub(super) places: Places,
    /// The index of each layer that was read.
    pub(super) layer_index: HashMap<String, usize>,
    /// The limit of calls was passed and reported.
    pub(super) full: bool,
}

impl<'a> Body<'a> {
    pub(super) fn lower(definition: &ast::Definition, file: &'a FileScope, settings: &Settings) -> Lowered {
        let mut body = Self {
            file,
            diagnostics: Diagnostics::new(),
            scope: Scope::default(),
            model: Model { name: definition.name.text.clone(), ..Model::default() },
            places: Places { model: definition.name.span, ..Places::default() },
            layer_index: HashMap::new(),
            full: false,
        };
        body.arguments(definition, settings);
        body.names(&definition.body);
        body.symbols(&definition.body);
        body.declarations(&definition.body);
        body.statements(&definition.body);
        body.check_results(definition);
        let broken = definition.body.iter().any(|statement| matches!(statement, ast::Statement::Error(_)));
        body.model.partial = broken || body.diagnostics.has_errors();
        Lowered { model: body.model, places: body.places, diagnostics: body.diagnostics }
    }

    fn arguments(&mut self, definition: &ast::Definition, settings: &Settings) {
        for argument in &definition.arguments {
            let name = &argument.name;
            if let Some((_, first)) = self.scope.declared.get(&name.text) {
                let error = duplicate(name, *first);
                self.diagnostics.push(error);
                continue;
            }
            let value = self.argument(argument, settings.set.get(&name.text));
            self.scope.declared.insert(name.text.clone(), (Declared::Argument, name.span));
            if let Some(value) = &value {
                self.model.arguments.push((name.text.clone(), value.clone()));
                self.places.arguments.push(name.span);
            }
            self.scope.arguments.insert(name.text.clone(), value);
        }
    }

    /// The value of an argument: set from outside, its default, or a symbol.
    fn argument(&mut self, argument: &ast::ArgumentDeclaration, set: Option<&ops::Value>) -> Option<ops::Value> {
        let name = &argument.name;
        let ty = self.argument_type(argument)?;
        let value = match (set, &argument.default) {
            (Some(value), _) => value.clone(),
            (None, Some(default)) => self.constant(default)?,
            (None, None) if ty.is_none() || ty == Some(ArgumentType { list: false, element: Element::Int }) => {
                return Some(ops::Value::Int(Dim::symbol(self.symbol(&name.text, SymbolKind::Argument, name.span))));
            }
            (None, None) => {
                self.diagnostics.push(LowerError::UnsetArgument {
                    name: name.text.clone(),
                    labels: vec![primary(argument.span, "only an integer can stay without a value")],
                    help: Some(format!("give it a default, or set it with `--set {}=…`", name.text)),
                });
                return None;
            }
        };
        let Some(ty) = ty else { return Some(value) };
        let cast = ty.cast(&value);
        if cast.is_none() {
            let found = value.describe();
            self.diagnostics.push(LowerError::ArgumentType {
                message: format!("`{}` wants {}, and gets {found}", name.text, ty.describe()),
                labels: vec![primary(argument.span, format!("its value is {value}"))],
                help: None,
            });
        }
        cast
    }

    fn argument_type(&mut self, argument: &ast::ArgumentDeclaration) -> Option<Option<ArgumentType>> {
        let Some(ty) = &argument.ty else { return Some(None) };
        let element = match ty.name.text.as_str() {
            "int" => Element::Int,
            "float" => Element::Float,
            "bool" => Element::Bool,
            "string" => Element::Str,
            other => {
                self.diagnostics.push(LowerError::ArgumentType {
                    message: format!("there is no argument type `{other}`"),
                    labels: vec![primary(ty.name.span, "this isn't a type")],
                    help: Some("the types are `int`, `float`, `bool`, `string`, and lists of them, `[int]`".to_owned()),
                });
                return None;
            }
        };
        Some(Some(ArgumentType { list: ty.list, element }))
    }

    /// Declares what may stand anywhere, so that all else can refer to it.
    fn names(&mut self, body: &[ast::Statement]) {
        for statement in body {
            match statement {
                ast::Statement::Storage(item) => {
                    let kind = if item.kind == ast::StorageKind::Param { Declared::Param } else { Declared::Buffer };
                    self.declare(&item.name, kind);
                }
                ast::Statement::Layer(item) => self.declare(&item.name, Declared::Layer),
                ast::Statement::Let(item) => {
                    for target in &item.targets {
                        self.scope.later.entry(target.text.clone()).or_insert(target.span);
                    }
                }
                ast::Statement::Input(item) => {
                    self.scope.later.entry(item.name.text.clone()).or_insert(item.name.span);
                }
                ast::Statement::Error(broken) => {
                    for name in &broken.declares {
                        self.scope.broken.entry(name.text.clone()).or_insert(name.span);
                    }
                }
                _ => {}
            }
        }
    }

    fn declare(&mut self, name: &ast::Name, kind: Declared) {
        if let Some((_, first)) = self.scope.declared.get(&name.text) {
            let error = duplicate(name, *first);
            self.diagnostics.push(error);
        } else {
            self.scope.declared.insert(name.text.clone(), (kind, name.span));
        }
    }

    pub(super) fn symbol(&mut self, name: &str, kind: SymbolKind, span: Span) -> Symbol {
        let id = u32::try_from(self.model.symbols.len()).unwrap_or(u32::MAX);
        let symbol = Symbol { id, kind, name: name.into() };
        self.model.symbols.push(symbol.clone());
        self.places.symbols.push(span);
        symbol
    }

    pub(super) fn value(&mut self, of: ValueOf, span: Span) -> ValueId {
        self.places.values.push(span);
        self.model.values.push(Value { name: None, of })
    }

    fn check_results(&mut self, definition: &ast::Definition) {
        let broken = definition.body.iter().any(|statement| matches!(statement, ast::Statement::Error(_)));
        let written =
            |statement: &ast::Statement| matches!(statement, ast::Statement::Output(_) | ast::Statement::Loss(_));
        if !broken && !definition.body.iter().any(written) {
            self.diagnostics.push(LowerError::NoOutput {
                model: definition.name.text.clone(),
                labels: vec![primary(definition.name.span, "this model")],
            });
        }
    }

    /// What a name of the body or file stands for, without a report.
    pub(super) fn known(&self, name: &str) -> Option<Item> {
        if let Some(item) = self.scope.values.get(name) {
            return Some(item.clone());
        }
        self.known_constant(name).map(|value| value.map_or(Item::Unknown, Item::Const))
    }

    /// The constant, argument or symbol of this name; `Some(None)` for one that was reported.
    pub(super) fn known_constant(&self, name: &str) -> Option<Option<ops::Value>> {
        if let Some(value) = self.scope.arguments.get(name) {
            return Some(value.clone());
        }
        if let Some((value, _)) = self.file.consts.get(name) {
            return Some(value.clone());
        }
        self.scope.symbols.get(name).map(|symbol| Some(ops::Value::Int(Dim::symbol(symbol.clone()))))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ArgumentType {
    list: bool,
    element: Element,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Element {
    Int,
    Float,
    Bool,
    Str,
}

impl ArgumentType {
    fn cast(self, value: &ops::Value) -> Option<ops::Value> {
        if self.list {
            let ops::Value::List(items) = value else { return None };
            let element = Self { list: false, ..self };
            return items.iter().map(|item| element.cast(item)).collect::<Option<_>>().map(ops::Value::List);
        }
        match self.element {
            Element::Int => value.cast(ops::Type::Size),
            Element::Float => value.cast(ops::Type::Float),
            Element::Bool => value.cast(ops::Type::Bool),
            Element::Str => matches!(value, ops::Value::Str(_)).then(|| value.clone()),
        }
    }

    fn describe(self) -> &'static str {
        match (self.list, self.element) {
            (false, Element::Int) => "an integer",
            (false, Element::Float) => "a number",
            (false, Element::Bool) => "`true` or `false`",
            (false, Element::Str) => "a string",
            (true, Element::Int) => "a list of integers",
            (true, Element::Float) => "a list of numbers",
            (true, Element::Bool) => "a list of bools",
            (true, Element::Str) => "a list of strings",
        }
    }
}
