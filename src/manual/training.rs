//! The pages of optimizers and schedules, and `docs/optimizers.md`, which holds them all.

use super::page::{Level, list, parameter, signature};
use super::{HEAD_OPTIMIZERS, contents};
use crate::optim::{Def, OPTIMIZERS, Optimizer, SCHEDULES, Schedule};
use std::fmt::Write;

/// The names of optimizers and schedules that have a page, in the order of their registries.
#[must_use]
pub fn training_names() -> Vec<&'static str> {
    OPTIMIZERS.iter().map(|def| def.name).chain(SCHEDULES.iter().map(|def| def.name)).collect()
}

/// What is known of the optimizers and schedules of a name, each as its kind, its summary and its page in Markdown.
#[must_use]
pub fn training(name: &str) -> Vec<(&'static str, &'static str, String)> {
    let optimizers = OPTIMIZERS.iter().filter(|def| def.name == name);
    let schedules = SCHEDULES.iter().filter(|def| def.name == name);
    optimizers
        .map(|def| ("optimizer", def.summary, optimizer(def, Level::Page)))
        .chain(schedules.map(|def| ("schedule", def.summary, schedule(def, Level::Page))))
        .collect()
}

/// What `docs/optimizers.md` must hold.
#[must_use]
pub fn optimizers() -> String {
    let mut text = HEAD_OPTIMIZERS.to_owned();
    contents(&mut text, "Optimizers", OPTIMIZERS.iter().map(|def| def.name));
    for def in OPTIMIZERS {
        let _ = write!(text, "\n{}", optimizer(def, Level::Section));
    }
    contents(&mut text, "Schedules", SCHEDULES.iter().map(|def| def.name));
    for def in SCHEDULES {
        let _ = write!(text, "\n{}", schedule(def, Level::Section));
    }
    text
}

fn optimizer(def: &Def<dyn Optimizer>, level: Level) -> String {
    page(def, "optimizer", level)
}

fn schedule(def: &Def<dyn Schedule>, level: Level) -> String {
    page(def, "schedule", level)
}

/// A page; `field` is the line of a train block that holds it.
fn page<P: ?Sized>(def: &Def<P>, field: &str, level: Level) -> String {
    let mut page = format!("{} {}\n\n{}\n\n", level.mark(), def.name, def.summary);
    let _ = writeln!(page, "    {field} = {}({})\n", def.name, signature(def.parameters));
    def.formula.lines().for_each(|line| {
        let _ = writeln!(page, "    {line}");
    });
    list(&mut page, "Arguments", def.parameters.iter().map(parameter));
    let torch = (!def.torch.is_empty()).then(|| format!("`{}` in PyTorch", def.torch));
    let paper = (!def.paper.is_empty()).then(|| format!("<{}>", def.paper));
    let from: Vec<String> = torch.into_iter().chain(paper).collect();
    if !from.is_empty() {
        let _ = write!(page, "\n{}.\n", from.join(", "));
    }
    page
}
