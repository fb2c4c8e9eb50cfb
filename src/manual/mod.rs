//! The manual of operators, initializers, optimizers and schedules: the pages that `wnetc explain NAME` prints, and
//! `docs/operators.md` and `docs/optimizers.md`, which hold them all. Everything on them comes from the definitions and
//! from their examples, run through the compiler.

mod facts;
mod page;
mod training;

pub use facts::{Facts, Shapes, Slot};
pub use training::{optimizers, training, training_names};

use crate::ops::init::INITIALIZERS;
use crate::ops::{Def, Form, REGISTRY};
use page::Level;
use std::fmt::Write;

/// The names that have a page, in the order of the registry.
#[must_use]
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<&str> = Vec::new();
    for name in REGISTRY.iter().map(|def| def.name).chain(INITIALIZERS.iter().map(|def| def.name)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The operators of this name: several where a symbol is written before one operand and between two.
#[must_use]
pub fn operators(name: &str) -> Vec<&'static Def> {
    REGISTRY.iter().filter(|def| def.name == name).copied().collect()
}

/// What is known under a name, in Markdown.
#[must_use]
pub fn page(name: &str) -> Option<String> {
    let operators = operators(name).into_iter().map(|def| page::operator(def, Level::Page));
    let initializers = INITIALIZERS.iter().filter(|def| def.name == name);
    let pages: Vec<String> = operators.chain(initializers.map(|def| page::initializer(def, Level::Page))).collect();
    (!pages.is_empty()).then(|| pages.join("\n"))
}

/// The first sentence of what is known under a name.
#[must_use]
pub fn summary(name: &str) -> &'static str {
    let operator = REGISTRY.iter().find(|def| def.name == name).map(|def| def.summary);
    operator.or_else(|| INITIALIZERS.iter().find(|def| def.name == name).map(|def| def.summary)).unwrap_or("")
}

/// What `docs/operators.md` must hold.
#[must_use]
pub fn reference() -> String {
    let mut text = HEAD.to_owned();
    let is_layer = |form: Form| matches!(form, Form::Layer { .. });
    let is_function = |form: Form| matches!(form, Form::Function);
    for (title, belongs) in [
        ("Layers", &is_layer as &dyn Fn(Form) -> bool),
        ("Functions", &is_function),
        ("Symbols", &|form| !is_layer(form) && !is_function(form)),
    ] {
        let defs: Vec<&Def> = REGISTRY.iter().filter(|def| belongs(def.form)).copied().collect();
        contents(&mut text, title, defs.iter().map(|def| def.name));
        for def in defs {
            let _ = write!(text, "\n{}", page::operator(def, Level::Section));
        }
    }
    contents(&mut text, "Initializers", INITIALIZERS.iter().map(|def| def.name));
    for def in INITIALIZERS {
        let _ = write!(text, "\n{}", page::initializer(def, Level::Section));
    }
    text
}

const HEAD: &str = "\
# Operators

The layers, functions, symbols and initializers of the language. `wnetc explain NAME` prints the section of one. Names,
arguments and defaults are PyTorch's.

Every section shows how it is written, what it computes, its arguments and, for layers, the storage that it has, with its
shape and its initial values. Below are the types that its examples have: those of the operands before the arrow, those of
the results behind it. A type without a word is a float tensor.

This page is made of the definitions in `src/ops`: `UPDATE_DOCS=1 cargo test --test operators_doc` writes it anew.
";

const HEAD_OPTIMIZERS: &str = "\
# Optimizers and schedules

What stands behind `optimizer` and `schedule` in the train block of a file, and behind `--optimizer` and `--schedule` on
the command line:

```wnet
model M {
    input x: [batch, 4]
    input t: [batch, 1]
    layer f = Linear(4, 1)
    loss mse_loss(f(x), t)
}

train {
    optimizer = AdamW(lr=3e-4, weight_decay=0.1)
    schedule  = cosine(warmup=100)
}
```

`wnetc explain NAME` prints the section of one. Those that PyTorch has go by its names, arguments and defaults, and give
its results. In the formulas θ is a storage, ∇ its gradient, and t the number of the step, from 1. A storage is stepped
once a step, however many slots use it.

Schedules step once a batch; in their formulas lr is the optimizer's learning rate and s the number of the step, from 0.
The short forms, written small, stretch over the whole run, `total` steps; the others count steps as their arguments say.
`plateau` and `ReduceLROnPlateau` look at the loss once an epoch.

This page is made of the definitions in `src/optim`: `UPDATE_DOCS=1 cargo test --test optimizers_doc` writes it anew.
";

/// The title of a part, and the names in it.
fn contents<'a>(text: &mut String, title: &str, names: impl Iterator<Item = &'a str>) {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    let _ = write!(text, "\n## {title}\n\n");
    let mut width = 0;
    for (index, name) in names.iter().enumerate() {
        let comma = if index + 1 < names.len() { "," } else { "." };
        let length = name.chars().count() + 2;
        if width + length > 118 {
            text.push('\n');
            width = 0;
        } else if index > 0 {
            text.push(' ');
        }
        width += length;
        let _ = write!(text, "{name}{comma}");
    }
    text.push('\n');
}
