//! A page of the manual, in Markdown.

use super::facts::Facts;
use crate::ops::init::InitDef;
use crate::ops::{Def, Form, Parameter, ParameterKind, SlotKind, Value};
use crate::shape::TensorType;
use std::fmt::Write;

/// Where a page stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// Alone.
    Page,
    /// Within a part of a document.
    Section,
}

impl Level {
    pub(super) fn mark(self) -> &'static str {
        if self == Self::Page { "#" } else { "###" }
    }
}

/// What is known of an operator.
pub(super) fn operator(def: &'static Def, level: Level) -> String {
    let facts = Facts::of(def);
    let name = if def.is_symbol() { format!("`{}`", def.name) } else { def.name.to_owned() };
    let mut page = format!("{} {name}\n\n{}\n\n", level.mark(), def.summary);
    for line in written(def, &facts) {
        let _ = writeln!(page, "    {line}");
    }
    let _ = write!(page, "\n    {}\n", def.formula);
    page.push_str(&results(&facts));
    list(&mut page, "Arguments", def.parameters.iter().map(parameter));
    if let Form::Layer { call } = def.form {
        list(&mut page, "Called with", call.iter().map(parameter));
    }
    let slots = facts.slots.iter().map(|slot| {
        let spec = &slot.spec;
        let kind = if spec.kind == SlotKind::Buffer { ", a buffer" } else { "" };
        let when = slot.when.as_ref().map(|when| format!(", with `{when}`")).unwrap_or_default();
        format!("`{}` `{}`{kind}{when}: `{}`", spec.name, spec.shape, spec.init)
    });
    list(&mut page, "Its storage", slots);
    let examples = facts.shapes.iter().map(|shapes| {
        let (inputs, outputs) = (types(&shapes.inputs), types(&shapes.outputs));
        format!("{}: `{inputs}{}-> {outputs}`", code(&shapes.text), if inputs.is_empty() { "" } else { " " })
    });
    list(&mut page, "Examples", examples);
    let onnx = if def.onnx.is_empty() { "several nodes in ONNX".to_owned() } else { format!("`{}` in ONNX", def.onnx) };
    let _ = write!(page, "\n`{}` in PyTorch, {onnx}.\n", def.torch);
    page
}

/// How many results there are, unless it is one.
fn results(facts: &Facts) -> String {
    match facts.results.as_slice() {
        [] | [1] => String::new(),
        [count] => format!("\nIt has {count} results, each of which gets a name.\n"),
        counts => {
            let counts: Vec<String> = counts.iter().map(ToString::to_string).collect();
            let counts = counts.join(" or ");
            format!("\nIt has {counts} results, as its arguments and the names on its left say.\n")
        }
    }
}

/// What is known of an initializer.
pub(super) fn initializer(def: &InitDef, level: Level) -> String {
    let mut page = format!("{} {}\n\n{}\n\n    ", level.mark(), def.name, def.summary);
    let _ = writeln!(page, "param p: [2, 3] = {}({})", def.name, signature(def.parameters));
    list(&mut page, "Arguments", def.parameters.iter().map(parameter));
    page
}

/// How it is written, in lines.
fn written(def: &Def, facts: &Facts) -> Vec<String> {
    let name = def.name;
    let arguments = signature(def.parameters);
    let results = match facts.results.as_slice() {
        [count] if *count > 1 => {
            let names: Vec<String> = ('a'..='z').take(*count).map(String::from).collect();
            format!("{} = ", names.join(", "))
        }
        _ => String::new(),
    };
    match def.form {
        Form::Layer { call } => {
            vec![format!("layer f = {name}({arguments})"), format!("{results}f({})", signature(call))]
        }
        Form::Function => vec![format!("{results}{name}({arguments})")],
        Form::Infix => vec![format!("a {name} b")],
        Form::Prefix if name.chars().all(char::is_alphabetic) => vec![format!("{name} a")],
        Form::Prefix => vec![format!("{name}a")],
        Form::Subscript => vec!["a[…]".to_owned()],
    }
}

/// What stands in parentheses: defaults are written, and an operand that may be left out has `none`.
pub(super) fn signature(parameters: &[Parameter]) -> String {
    let written = |parameter: &Parameter| match default(parameter) {
        Some(value) => format!("{}={value}", parameter.name),
        None => parameter.name.to_owned(),
    };
    parameters.iter().map(written).collect::<Vec<_>>().join(", ")
}

fn default(parameter: &Parameter) -> Option<Value> {
    match parameter.kind {
        ParameterKind::Attribute { default, .. } => default.map(Value::from),
        ParameterKind::OptionalOperand => Some(Value::None),
        ParameterKind::Operand | ParameterKind::Operands => None,
    }
}

/// ``- `dim = -1`, an integer: The axis.``
pub(super) fn parameter(parameter: &Parameter) -> String {
    let name = match default(parameter) {
        Some(value) => format!("{} = {value}", parameter.name),
        None => parameter.name.to_owned(),
    };
    let kind = match parameter.kind {
        ParameterKind::Operand => "a tensor".to_owned(),
        ParameterKind::OptionalOperand => "a tensor or `none`".to_owned(),
        ParameterKind::Operands => "a list of tensors".to_owned(),
        ParameterKind::Attribute { ty, default: Some(crate::ops::Literal::None) } => {
            let ty = ty.describe();
            if ty.ends_with("or `none`") { ty } else { format!("{ty} or `none`") }
        }
        ParameterKind::Attribute { ty, .. } => ty.describe(),
    };
    format!("`{name}`, {kind}: {}", parameter.doc)
}

/// A list with a title, if there is anything in it.
pub(super) fn list(page: &mut String, title: &str, items: impl Iterator<Item = String>) {
    for (index, item) in items.enumerate() {
        let before = if index == 0 { format!("\n{title}:\n\n") } else { String::new() };
        let _ = writeln!(page, "{before}- {item}");
    }
}

fn types(types: &[TensorType]) -> String {
    types.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// A text between marks that it doesn't hold.
fn code(text: &str) -> String {
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}
