//! Whether a run fits into memory, asked before anything is allocated.

use super::RunError;
use crate::diag::Diagnostics;

/// The part of the machine's memory that a run may take.
const SHARE: f64 = 0.8;

pub(super) fn check(needed: u128, diagnostics: &mut Diagnostics) -> Option<()> {
    let limit = total().map(|total| (total as f64 * SHARE) as u128);
    if limit.is_some_and(|limit| needed > limit) {
        report(needed, limit, diagnostics);
        return None;
    }
    Some(())
}

pub(super) fn report(needed: u128, limit: Option<u128>, diagnostics: &mut Diagnostics) {
    let limit = limit.map_or_else(|| "fewer".to_owned(), bytes);
    diagnostics.push(RunError::Memory { needed: bytes(needed), limit });
}

/// The memory of this machine, where the system tells it.
fn total() -> Option<u128> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("MemTotal:"))?;
    let kilobytes: u128 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// `1.5 GiB`
fn bytes(count: u128) -> String {
    let mut size = count as f64;
    for unit in ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"] {
        if size < 1024.0 || unit == "PiB" {
            return if unit == "bytes" { format!("{count} bytes") } else { format!("{size:.1} {unit}") };
        }
        size /= 1024.0;
    }
    format!("{count} bytes")
}
