//! `wnetc explain`: the pages of the error index and of the manual of operators, optimizers and schedules.

use super::args::{Explain, TextFormat};
use super::output::{Done, Failure, Output, Status};
use crate::manual::{self, Facts};
use crate::ops::{Def, Form, Parameter, ParameterKind, SlotKind, Value};
use crate::shape::TensorType;
use crate::{diag, explain};
use serde_json::json;
use std::io::Write;

pub(super) fn main(args: &Explain, output: &mut Output) -> Done {
    let Some(name) = &args.name else {
        return if args.operators { operators(args.format, output) } else { codes(args.format, output) };
    };
    let (code, manual, training) = (explain::page(name), manual::page(name), manual::training(name));
    let training_pages = training.iter().map(|(.., page)| page.as_str());
    let pages: Vec<&str> = code.into_iter().chain(manual.as_deref()).chain(training_pages).collect();
    if pages.is_empty() {
        let names = manual::names().into_iter().filter(|name| name.len() > 2);
        let known = explain::codes().into_iter().chain(names).chain(manual::training_names());
        let near = diag::nearest(name, known).map_or_else(
            || "; `wnetc explain --all` lists the codes, `wnetc explain --operators` the operators".to_owned(),
            |near| format!("; `{near}` is near to it"),
        );
        return Err(Failure::Usage(format!("there is no code or operator `{name}`{near}")));
    }
    let out = output.out();
    match args.format {
        TextFormat::Text => write!(out, "{}", pages.join("\n"))?,
        TextFormat::Json => {
            if let Some(page) = code {
                writeln!(out, "{}", json!({"code": name, "summary": explain::summary(name), "page": page}))?;
            }
            if let Some(page) = &manual {
                match manual::operators(name).as_slice() {
                    [] => writeln!(out, "{}", initializer(name, page))?,
                    defs => defs.iter().try_for_each(|def| writeln!(out, "{}", operator(def, page)))?,
                }
            }
            for (kind, summary, page) in &training {
                writeln!(out, "{}", json!({(*kind): name, "summary": summary, "page": page}))?;
            }
        }
    }
    Ok(Status::Fine)
}

fn codes(format: TextFormat, output: &mut Output) -> Done {
    let out = output.out();
    for code in explain::codes() {
        let summary = explain::summary(code);
        match format {
            TextFormat::Text => writeln!(out, "{code}: {summary}")?,
            TextFormat::Json => {
                writeln!(out, "{}", json!({"code": code, "summary": summary, "page": explain::page(code)}))?;
            }
        }
    }
    Ok(Status::Fine)
}

fn operators(format: TextFormat, output: &mut Output) -> Done {
    let out = output.out();
    for name in manual::names() {
        match format {
            TextFormat::Text => writeln!(out, "{name}: {}", manual::summary(name))?,
            TextFormat::Json => {
                let page = manual::page(name).unwrap_or_default();
                match manual::operators(name).as_slice() {
                    [] => writeln!(out, "{}", initializer(name, &page))?,
                    defs => defs.iter().try_for_each(|def| writeln!(out, "{}", operator(def, &page)))?,
                }
            }
        }
    }
    Ok(Status::Fine)
}

fn initializer(name: &str, page: &str) -> serde_json::Value {
    json!({"operator": name, "form": "initializer", "summary": manual::summary(name), "page": page})
}

/// All that is known of an operator, as JSON.
fn operator(def: &'static Def, page: &str) -> serde_json::Value {
    let facts = Facts::of(def);
    let (form, call) = match def.form {
        Form::Layer { call } => ("layer", parameters(call)),
        Form::Function => ("function", json!([])),
        Form::Infix => ("infix", json!([])),
        Form::Prefix => ("prefix", json!([])),
        Form::Subscript => ("subscript", json!([])),
    };
    let types = |types: &[TensorType]| types.iter().map(ToString::to_string).collect::<Vec<_>>();
    let slots = facts.slots.iter().map(|slot| {
        let spec = &slot.spec;
        let kind = if spec.kind == SlotKind::Buffer { "buffer" } else { "param" };
        let shape: Vec<String> = spec.shape.iter().map(ToString::to_string).collect();
        json!({"name": spec.name, "kind": kind, "shape": shape, "init": spec.init.to_string(), "with": slot.when})
    });
    let examples = facts
        .shapes
        .iter()
        .map(|shapes| json!({"text": shapes.text, "inputs": types(&shapes.inputs), "outputs": types(&shapes.outputs)}));
    json!({
        "operator": def.name,
        "form": form,
        "summary": def.summary,
        "formula": def.formula,
        "parameters": parameters(def.parameters),
        "call": call,
        "slots": slots.collect::<Vec<_>>(),
        "results": facts.results,
        "examples": examples.collect::<Vec<_>>(),
        "torch": def.torch,
        "onnx": (!def.onnx.is_empty()).then_some(def.onnx),
        "page": page,
    })
}

fn parameters(parameters: &[Parameter]) -> serde_json::Value {
    let one = |parameter: &Parameter| {
        let (kind, ty, default) = match parameter.kind {
            ParameterKind::Operand => ("operand", None, None),
            ParameterKind::OptionalOperand => ("operand", None, Some(Value::None)),
            ParameterKind::Operands => ("operands", None, None),
            ParameterKind::Attribute { ty, default } => ("attribute", Some(ty.describe()), default.map(Value::from)),
        };
        let default = default.map(|value| value.to_string());
        json!({"name": parameter.name, "kind": kind, "type": ty, "default": default, "doc": parameter.doc})
    };
    parameters.iter().map(one).collect()
}
