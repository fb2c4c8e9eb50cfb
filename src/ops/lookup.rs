//! Operators by what is written in a file: a name, or a symbol.

use super::REGISTRY;
use super::contract::{Def, Form};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Which operators have a name of their own: layers and functions, not what is written between operands.
static NAMED: LazyLock<BTreeMap<&str, &Def>> =
    LazyLock::new(|| table(|form| !matches!(form, Form::Infix | Form::Prefix)));
static INFIX: LazyLock<BTreeMap<&str, &Def>> = LazyLock::new(|| table(|form| matches!(form, Form::Infix)));
static PREFIX: LazyLock<BTreeMap<&str, &Def>> = LazyLock::new(|| table(|form| matches!(form, Form::Prefix)));

fn table(belongs: impl Fn(Form) -> bool) -> BTreeMap<&'static str, &'static Def> {
    REGISTRY.iter().filter(|def| belongs(def.form)).map(|def| (def.name, *def)).collect()
}

/// The layer or function of this name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Def> {
    NAMED.get(name).copied()
}

/// The operator that is written between two operands, such as `+`.
#[must_use]
pub fn infix(symbol: &str) -> Option<&'static Def> {
    INFIX.get(symbol).copied()
}

/// The operator that is written with subscripts, `x[:, 0]`.
#[must_use]
pub fn subscript() -> &'static Def {
    &super::indexing::SUBSCRIPT
}

/// The operator that is written before its operand, such as `-`.
#[must_use]
pub fn prefix(symbol: &str) -> Option<&'static Def> {
    PREFIX.get(symbol).copied()
}

/// The function that computes what a class of PyTorch's does: of `MSELoss` the one that is called `mse_loss`.
#[must_use]
pub fn loss_of_class(class: &str) -> Option<&'static Def> {
    let stem = class.strip_suffix("Loss").filter(|stem| !stem.is_empty())?;
    let stem = match stem {
        "BCE" => "binarycrossentropy".to_owned(),
        "BCEWithLogits" => "binarycrossentropywithlogits".to_owned(),
        stem => stem.to_ascii_lowercase(),
    };
    REGISTRY.iter().copied().find(|def| {
        let plain = def.name.replace('_', "");
        !def.is_layer() && plain.strip_suffix("loss").unwrap_or(&plain) == stem
    })
}
