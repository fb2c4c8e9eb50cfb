//! Types in a short notation, and what a shape rule makes of them.

use super::harness::build;
use crate::ops::*;
use crate::shape::{Dim, Element, Facts, Shape, Symbol, SymbolKind, TensorType};
use std::fmt::Write;

/// `[n, 3]`, `int[2*n]`: sizes are products of numbers and one-letter symbols.
pub(super) fn parse(text: &str) -> TensorType {
    let (element, shape) = text.trim_end_matches(']').split_once('[').unwrap();
    let element = match element {
        "int" => Element::Int,
        "bool" => Element::Bool,
        _ => Element::Float,
    };
    TensorType::new(element, shape.split(',').filter(|size| !size.trim().is_empty()).map(size).collect::<Shape>())
}

pub(super) fn size(text: &str) -> Dim {
    let factor = |text: &str| {
        let text = text.trim();
        text.parse::<i64>().map_or_else(
            |_| {
                let id = u32::from(text.as_bytes()[0]);
                Dim::symbol(Symbol { id, kind: SymbolKind::Input, name: text.into() })
            },
            Dim::from,
        )
    };
    text.split('*').map(factor).fold(Dim::ONE, |product, factor| product.mul(&factor))
}

pub(super) fn sizes(texts: &[&str]) -> Value {
    Value::List(texts.iter().map(|text| Value::Int(size(text))).collect())
}

/// The results' types and what they require, or the error as a reader would see it.
pub(super) fn infer(def: &'static Def, given: &[(&str, Value)], inputs: &[&str]) -> String {
    let op = match build(def, given, inputs.len()) {
        Ok(op) => op,
        Err(error) => {
            let help = error.help.map(|help| format!("\n  help: {help}")).unwrap_or_default();
            return format!("{}: {}{help}", error.attribute, error.message);
        }
    };
    let inputs: Vec<TensorType> = inputs.iter().map(|text| parse(text)).collect();
    let mut facts = Facts::new();
    match op.infer(&mut facts, &inputs) {
        Ok(types) => {
            let mut text: Vec<String> = types.iter().map(ToString::to_string).collect();
            text.extend(facts.take_required().iter().map(|requirement| format!("requires {requirement}")));
            text.join("; ")
        }
        Err(error) => {
            let mut text = error.message;
            for (cause, label) in error.causes {
                write!(text, "\n  {cause:?}: {label}").unwrap();
            }
            if let Some(help) = error.help {
                write!(text, "\n  help: {help}").unwrap();
            }
            text
        }
    }
}

pub(super) fn function(name: &str, given: &[(&str, Value)], inputs: &[&str]) -> String {
    infer(named(name).unwrap(), given, inputs)
}
