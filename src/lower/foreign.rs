//! Names that PyTorch and Python have and wnet hasn't, and what is written instead. In: a name. Out: a remedy.

use super::body::Lowering;
use super::errors::LowerError;
use crate::diag::primary;
use crate::ops;
use crate::syntax::ast::{Expr, ExprKind, Name};

/// What PyTorch's functions and layers are reached through.
const MODULES: &[&str] = &["torch", "nn", "F", "np", "numpy", "math"];

/// What stands in front of the parts of a module in Python.
const SELF: &str = "self";

/// The remedy for a word that other languages have.
pub(super) fn rewritten(name: &str) -> Option<String> {
    if let Some(loss) = ops::loss_of_class(name) {
        return Some(format!("a loss is a function: `{}`", loss.name));
    }
    Some(match name {
        "True" | "False" | "None" => format!("it is written `{}`", name.to_ascii_lowercase()),
        "Sequential" => "layers that follow one another have `->` between them".to_owned(),
        "ModuleList" | "ModuleDict" => "several layers are an array: `layer NAME[n] = …`".to_owned(),
        "Parameter" => "a parameter is declared: `param NAME: […] = …`".to_owned(),
        _ => return None,
    })
}

/// The remedy for `module.name`, where `module` is none that the file imports.
pub(super) fn without_module(module: &str, name: &str) -> Option<String> {
    if module == SELF {
        return Some(format!("what the body declares stands alone: `{name}`"));
    }
    if !MODULES.contains(&module) {
        return None;
    }
    let builtin = ops::named(name).map(|def| format!("what is built in stands alone: `{}`", def.name));
    builtin.or_else(|| rewritten(name))
}

/// The remedy for the name of an argument that `owner`, which takes `names`, hasn't.
pub(super) fn argument(name: &str, names: &[&str]) -> Option<String> {
    const SAME: &[&[&str]] =
        &[&["axis", "dim"], &["in_channels", "in_features"], &["out_channels", "out_features", "units"]];
    if let Some(same) = SAME.iter().find(|same| same.contains(&name))
        && let Some(known) = names.iter().find(|known| same.contains(known))
    {
        return Some(format!("here it is `{known}`"));
    }
    match name {
        "requires_grad" => Some("what isn't trained is a `frozen param` or `frozen layer`".to_owned()),
        "inplace" | "device" | "dtype" | "out" => {
            Some("leave it out: where results lie is decided for the whole model".to_owned())
        }
        _ => None,
    }
}

impl Lowering<'_> {
    /// Whether `base.name` begins as in PyTorch, with something that isn't declared here; a report if it does.
    pub(super) fn is_foreign(&mut self, base: &Expr, name: &Name) -> bool {
        let mut first = base;
        while let ExprKind::Field(inner, _) = &first.kind {
            first = inner;
        }
        let ExprKind::Name(module) = &first.kind else { return false };
        let declared = self.known(module).is_some()
            || self.scope.fixed.declared.contains_key(module)
            || self.scope.is_bound_elsewhere(module)
            || self.scope.is_broken(module);
        if declared {
            return false;
        }
        let Some(help) = without_module(module, &name.text) else { return false };
        self.report(LowerError::UnknownName {
            what: "the name",
            name: module.clone(),
            labels: vec![primary(base.span, "nothing has this name here")],
            help: Some(help),
        });
        true
    }
}
