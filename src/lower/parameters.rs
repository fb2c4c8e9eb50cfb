//! The arguments that models and blocks declare: what is given for them, their defaults, their types.

use super::body::Lowering;
use super::errors::LowerError;
use super::files::Defined;
use super::scope::{Declared, duplicate};
use crate::diag::{label, primary};
use crate::ops;
use crate::shape::{Dim, SymbolKind};
use crate::span::Span;
use crate::syntax::ast;

impl<'a> Lowering<'a> {
    /// The arguments of a model or block, with the values that are given and the defaults of the others.
    pub(super) fn arguments(
        &mut self,
        defined: Defined<'a>,
        given: impl Fn(&str) -> Option<Option<ops::Value>>,
        place: Span,
    ) {
        for argument in &defined.definition.arguments {
            let name = &argument.name;
            if let Some((_, first)) = self.scope.fixed.declared.get(&name.text) {
                let error = duplicate(name, *first);
                self.report(error);
                continue;
            }
            let value = match given(&name.text) {
                // What is wrong with it was reported.
                Some(None) => None,
                Some(Some(value)) if argument.ty.is_none() => self.untyped(argument, value),
                Some(Some(value)) => self.typed(argument, value),
                None => self.default(argument, place),
            };
            self.fixed().declared.insert(name.text.clone(), (Declared::Argument, name.span));
            if let Some(value) = value.clone().filter(|_| self.scope.fixed.is_model) {
                self.model.arguments.push((name.text.clone(), value));
                self.places.arguments.push(name.span);
            }
            self.fixed().arguments.insert(name.text.clone(), value);
        }
    }

    /// The default of an argument, or a symbol of a model.
    fn default(&mut self, argument: &ast::ArgumentDeclaration, place: Span) -> Option<ops::Value> {
        let name = &argument.name;
        if let Some(default) = &argument.default {
            let value = self.constant(default)?;
            return self.typed(argument, value);
        }
        if !self.scope.fixed.is_model && !self.alone {
            let owner = self.scope.fixed.name.clone();
            self.report(LowerError::ArgumentMissing {
                message: format!("`{owner}` needs `{}`", name.text),
                labels: vec![
                    primary(place, format!("`{}` is missing", name.text)),
                    label(name.span, "it has no default"),
                ],
                help: Some(format!("give it a value: `{owner}({}=…)`", name.text)),
            });
            return None;
        }
        let ty = self.argument_type(argument)?;
        if ty.is_none() || ty == Some(ArgumentType { list: false, element: Element::Int }) {
            return Some(ops::Value::Int(Dim::symbol(self.symbol(&name.text, SymbolKind::Argument, name.span))));
        }
        self.report(LowerError::UnsetArgument {
            name: name.text.clone(),
            labels: vec![primary(argument.span, "only an integer can stay without a value")],
            help: Some(format!("give it a default, or set it with `--set {}=…`", name.text)),
        });
        None
    }

    /// The value, if it has the type that is written.
    fn typed(&mut self, argument: &ast::ArgumentDeclaration, value: ops::Value) -> Option<ops::Value> {
        let Some(ty) = self.argument_type(argument)? else { return Some(value) };
        let cast = ty.cast(&value);
        if cast.is_none() {
            let found = value.describe();
            self.report(LowerError::ArgumentType {
                message: format!("`{}` wants {}, and gets {found}", argument.name.text, ty.describe()),
                labels: vec![primary(argument.span, format!("its value is {value}"))],
                help: None,
            });
        }
        cast
    }

    /// The value of an argument without a type: an integer if there is no default. What `--set` gives has the type of the
    /// default, since nothing else says what the model can take.
    fn untyped(&mut self, argument: &ast::ArgumentDeclaration, value: ops::Value) -> Option<ops::Value> {
        let name = &argument.name.text;
        let (ty, why) = match &argument.default {
            None => (ArgumentType { list: false, element: Element::Int }, "without a type it is an integer"),
            Some(default) if self.scope.fixed.is_model => {
                match self.quiet_constant(default).and_then(|default| ArgumentType::of(&default)) {
                    Some(ty) => (ty, "its default says what it is"),
                    None => return Some(value),
                }
            }
            Some(_) => return Some(value),
        };
        let cast = ty.cast(&value);
        if cast.is_none() {
            let written = ArgumentType::of(&value).map(ArgumentType::name);
            self.report(LowerError::ArgumentType {
                message: format!("`{name}` wants {}, and gets {}", ty.describe(), value.describe()),
                labels: vec![primary(argument.span, format!("{why}, and its value is {value}"))],
                help: written.map(|written| format!("if it may be one, write its type: `{name}: {written}`")),
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
                self.report(LowerError::ArgumentType {
                    message: format!("there is no argument type `{other}`"),
                    labels: vec![primary(ty.name.span, "this isn't a type")],
                    help: Some("the types are `int`, `float`, `bool`, `string`, and lists of them, `[int]`".to_owned()),
                });
                return None;
            }
        };
        Some(Some(ArgumentType { list: ty.list, element }))
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
    /// The type of a value; that of a list is the one of its first item.
    fn of(value: &ops::Value) -> Option<Self> {
        let element = |value: &ops::Value| match value {
            ops::Value::Int(_) => Some(Element::Int),
            ops::Value::Float(_) => Some(Element::Float),
            ops::Value::Bool(_) => Some(Element::Bool),
            ops::Value::Str(_) => Some(Element::Str),
            _ => None,
        };
        match value {
            ops::Value::List(items) => Some(Self { list: true, element: items.first().and_then(element)? }),
            value => Some(Self { list: false, element: element(value)? }),
        }
    }

    /// As it is written.
    fn name(self) -> String {
        let element = match self.element {
            Element::Int => "int",
            Element::Float => "float",
            Element::Bool => "bool",
            Element::Str => "string",
        };
        if self.list { format!("[{element}]") } else { element.to_owned() }
    }

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
