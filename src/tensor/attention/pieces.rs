//! Heads in pieces, each with memory of its own to work in.

use crate::tensor::threads;
use smallvec::SmallVec;
use std::sync::Mutex;

/// Heads are done in at most so many pieces, perhaps at the same time.
pub const PIECES: usize = 8;

/// Memory for each piece.
pub fn blocks<T>(work: &mut [T]) -> SmallVec<[Mutex<&mut [T]>; PIECES]> {
    let size = (work.len() / PIECES).max(1);
    work.chunks_exact_mut(size).map(Mutex::new).collect()
}

/// How many of `count` things are done together, which cost so many operations each; all, if they can't be divided.
#[must_use]
pub fn piece(count: usize, cost: usize, divides: bool) -> usize {
    let piece = threads::piece(count, 1, count.saturating_mul(cost));
    if divides { piece.max(count.div_ceil(PIECES)) } else { count.max(1) }
}
