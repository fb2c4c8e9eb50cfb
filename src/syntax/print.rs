//! The syntax tree as text and JSON, without places, so that only what is meant shows.

use super::ast::File;
use serde_json::{Value as Json, json};
use std::fmt::Write;

#[must_use]
pub fn tree_json(file: &File) -> Json {
    let tree = serde_json::to_value(file).unwrap_or_default();
    json!({"schema": "wnet.ast/1", "items": tree.get("items")})
}

/// A line for each node, indented under its parent. Nodes of a list that have several parts begin with a dash.
#[must_use]
pub fn tree_text(file: &File) -> String {
    let mut out = String::new();
    let tree = serde_json::to_value(file).unwrap_or_default();
    for item in tree.get("items").and_then(Json::as_array).into_iter().flatten() {
        node(&mut out, "", item, 0);
    }
    out
}

fn node(out: &mut String, label: &str, value: &Json, depth: usize) {
    let value = shortened(value);
    let indent = "  ".repeat(depth);
    let label = if label.is_empty() { String::new() } else { format!("{label}: ") };
    match value {
        Json::Null => {}
        Json::Array(items) if items.is_empty() => {}
        Json::Array(_) => group(out, &label, value, depth),
        Json::Object(fields) => match fields.iter().next() {
            // An enum's variant.
            Some((variant, inner)) if fields.len() == 1 => match shortened(inner) {
                Json::Object(_) | Json::Array(_) => {
                    let _ = writeln!(out, "{indent}{label}{variant}");
                    children(out, shortened(inner), depth + 1);
                }
                Json::Null => {
                    let _ = writeln!(out, "{indent}{label}{variant}");
                }
                leaf => {
                    let _ = writeln!(out, "{indent}{label}{variant} {}", plain(leaf));
                }
            },
            _ => group(out, &label, value, depth),
        },
        leaf => {
            let _ = writeln!(out, "{indent}{label}{}", plain(leaf));
        }
    }
}

/// Several nodes under a label, or behind a dash.
fn group(out: &mut String, label: &str, value: &Json, depth: usize) {
    if !label.is_empty() {
        let _ = writeln!(out, "{}{}", "  ".repeat(depth), label.trim_end());
    }
    let start = out.len() + 2 * depth;
    children(out, value, depth + 1);
    if label.is_empty() && out.get(start..=start) == Some(" ") {
        out.replace_range(start..=start, "-");
    }
}

fn children(out: &mut String, value: &Json, depth: usize) {
    match value {
        Json::Object(fields) => fields.iter().for_each(|(name, field)| node(out, name, field, depth)),
        Json::Array(items) => items.iter().for_each(|item| node(out, "", item, depth)),
        leaf => node(out, "", leaf, depth),
    }
}

/// A name is its text, an expression its kind.
fn shortened(value: &Json) -> &Json {
    match value {
        Json::Object(fields) if fields.len() == 1 => match fields.get("text").or_else(|| fields.get("kind")) {
            Some(inner) => shortened(inner),
            None => value,
        },
        _ => value,
    }
}

fn plain(leaf: &Json) -> String {
    leaf.as_str().map_or_else(|| leaf.to_string(), str::to_owned)
}
