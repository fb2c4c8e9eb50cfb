//! `wnetc check --memory`: how much memory a run and training take, exactly, at the sizes that are set.

use super::args::Source;
use super::run::sizes;
use crate::CheckedModel;
use crate::diag::{Diagnostic, Diagnostics};
use crate::run::{Prepared, Purpose, Request, bytes};
use crate::shape::SymbolKind;
use indexmap::IndexMap;
use serde::Serialize;

/// What the only size that isn't set is taken for.
const EXAMPLES: [i64; 4] = [1, 8, 64, 512];

/// The arena of a model at some sizes, in bytes, with floats of 4 bytes.
#[derive(Debug, Serialize)]
pub(super) struct Footprint {
    /// The size that no flag says, as it was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<(String, i64)>,
    forward: u128,
    /// With what backward keeps and the gradients of storages. Without a loss, `None`.
    training: Option<u128>,
}

/// One for each value of an open size, or one. What isn't known else is reported.
pub(super) fn of(model: &CheckedModel, source: &Source) -> Result<Vec<Footprint>, Vec<Diagnostic>> {
    let sizes = sizes(source);
    let inputs = model.graph.symbols.iter().filter(|symbol| symbol.kind == SymbolKind::Input);
    let open: Vec<&str> = inputs.map(|symbol| &*symbol.name).filter(|name| !sizes.contains_key(*name)).collect();
    let at = |size: Option<(String, i64)>| {
        let mut sizes: IndexMap<String, i64> = sizes.clone();
        sizes.extend(size.clone());
        let request = Request { sizes, ..Request::default() };
        let mut found = Diagnostics::new();
        let mut arena = |purpose| {
            let prepared = Prepared::for_purpose(model, &request, purpose, &mut found)?;
            Some(prepared.plan.sizes.bytes(size_of::<f32>()))
        };
        let forward = arena(Purpose::Outputs);
        let training = model.graph.loss.and_then(|_| arena(Purpose::Training));
        forward.map(|forward| Footprint { size, forward, training }).ok_or_else(|| found.sorted())
    };
    match *open {
        [name] => EXAMPLES.into_iter().map(|size| at(Some((name.to_owned(), size)))).collect(),
        _ => Ok(vec![at(None)?]),
    }
}

/// `batch = 8: 1.2 KiB forward (1256 bytes), 2.9 KiB in training (2984 bytes)`
pub(super) fn line(footprint: &Footprint) -> String {
    let amount = |count: u128, what: &str| {
        let short = bytes(count);
        if count < 1024 { format!("{short} {what}") } else { format!("{short} {what} ({count} bytes)") }
    };
    let size = footprint.size.as_ref().map_or_else(String::new, |(name, size)| format!("{name} = {size}: "));
    let training = footprint.training.map_or_else(String::new, |count| format!(", {}", amount(count, "in training")));
    format!("{size}{}{training}", amount(footprint.forward, "forward"))
}
