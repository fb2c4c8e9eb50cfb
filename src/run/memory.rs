//! Whether a run fits into memory, asked before anything is allocated.

use super::{Request, RunError, results};
use crate::diag::Diagnostics;
use crate::ir::Graph;
use crate::plan::Plan;
use crate::shape::SymbolKind;
use crate::weights::Contents;

/// Compares what a run takes, beside what was read for it, with what it may take.
pub(super) fn check(
    plan: &Plan,
    graph: &Graph,
    request: &Request,
    float: usize,
    diagnostics: &mut Diagnostics,
) -> Option<()> {
    let needed = needed(plan, request, float);
    let Some(limit) = request.memory.filter(|limit| needed > *limit) else { return Some(()) };
    report(graph, needed, format!("{} may be taken", bytes(limit)), diagnostics);
    None
}

/// The system refused memory that a run may take.
pub(super) fn refused(plan: &Plan, graph: &Graph, request: &Request, float: usize, diagnostics: &mut Diagnostics) {
    report(graph, needed(plan, request, float), "the system hasn't as much".to_owned(), diagnostics);
}

impl RunError {
    /// So many bytes are needed, and fewer may be taken.
    #[must_use]
    pub fn memory(needed: u128, limit: u128) -> Self {
        let help = Some("a smaller `batch` needs less".to_owned());
        Self::Memory { needed: bytes(needed), limit: format!("{} may be taken", bytes(limit)), help }
    }
}

fn report(graph: &Graph, needed: u128, limit: String, diagnostics: &mut Diagnostics) {
    let size = graph.symbols.iter().find(|symbol| symbol.kind == SymbolKind::Input);
    let help = size.map(|size| format!("a smaller `{}` needs less", size.name));
    diagnostics.push(RunError::Memory { needed: bytes(needed), limit, help });
}

fn needed(plan: &Plan, request: &Request, float: usize) -> u128 {
    let read = [&request.data, &request.weights, &request.grad_outputs];
    let read: u128 = read.into_iter().flatten().map(Contents::bytes).sum();
    plan.sizes.bytes(float) + results::bytes(plan, request, float) + read
}

/// `1.5 GiB`
#[must_use]
pub fn bytes(count: u128) -> String {
    let mut size = count as f64;
    for unit in ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"] {
        if size < 1024.0 || unit == "PiB" {
            return if unit == "bytes" { format!("{count} bytes") } else { format!("{size:.1} {unit}") };
        }
        size /= 1024.0;
    }
    format!("{count} bytes")
}
